import CPeak
import Kernels
import Synchronization

/// How many 8-bit multiplications and additions a second all threads together can do.
enum ProcessorPeak {
    /// Measured with a loop that touches registers only; nil where the kernels in use are not AVX-512 ones.
    static func integerOperationsPerSecond(threads: Int) -> Double? {
        guard Kernels.active == .avx512 else { return nil }
        let pool = ThreadPool(threads: threads)
        let rounds: Int64 = 4_000_000
        var best: Double?
        // The best of some, since all that can go wrong makes it less.
        for _ in 0..<8 {
            let done = Mutex<Int64>(0)
            let start = ContinuousClock.now
            pool.parallelFor(threads) { _ in
                let operations = cpeak_integer_operations(rounds)
                done.withLock { $0 += operations }
            }
            let rate = Double(done.withLock(\.self)) / (start.duration(to: .now) / .seconds(1))
            if rate > 0 { best = max(best ?? 0, rate) }
        }
        return best
    }
}
