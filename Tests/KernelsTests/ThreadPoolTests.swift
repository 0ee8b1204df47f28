import Dispatch
import Kernels
import Synchronization
import Testing

/// How often each index came up.
private final class Tally: Sendable {
    private let counts: Mutex<[Int]>

    init(_ count: Int) {
        counts = Mutex([Int](repeating: 0, count: count))
    }

    func add(_ index: Int) {
        counts.withLock { $0[index] += 1 }
    }

    var isOnceEach: Bool {
        counts.withLock { $0.allSatisfy { $0 == 1 } }
    }
}

@Suite("sharing out loops")
struct ThreadPoolTests {
    @Test("every index comes up exactly once", arguments: [1, 2, 3, 8], [0, 1, 2, 3, 100, 5000])
    func onceEach(_ threads: Int, _ count: Int) {
        let pool = ThreadPool(threads: threads)
        let tally = Tally(count)
        pool.parallelFor(count) { tally.add($0) }
        #expect(tally.isOnceEach)
        #expect(pool.threads == threads)
    }

    @Test("writes of all iterations are visible when the loop returns")
    func visible() {
        let pool = ThreadPool(threads: 4)
        var values = [Int](repeating: 0, count: 64)
        for round in 1...2000 {
            values.withUnsafeMutableBufferPointer { values in
                let start = values.baseAddress!
                pool.parallelFor(64) { (start + $0).pointee += $0 }
            }
            if values != (0..<64).map({ $0 * round }) {
                Issue.record("round \(round) lost a write")
                return
            }
        }
    }

    @Test("the iterations of one loop really run on several threads")
    func sharesOut() {
        let pool = ThreadPool(threads: 3)
        let arrived = Atomic<Int>(0)
        // Each iteration waits for all three: only three threads at once can finish this loop.
        pool.parallelFor(3) { _ in
            arrived.add(1, ordering: .sequentiallyConsistent)
            while arrived.load(ordering: .sequentiallyConsistent) < 3 {}
        }
        let count = arrived.load(ordering: .sequentiallyConsistent)
        #expect(count == 3)
    }

    @Test("a loop inside a loop runs, serially and in order, on the thread that started it")
    func nested() {
        let pool = ThreadPool(threads: 2)
        let other = ThreadPool(threads: 2)
        let tally = Tally(8 * 50 * 3)
        let inOrder = Atomic<Bool>(true)
        pool.parallelFor(8) { outer in
            var last = -1
            pool.parallelFor(50) { middle in
                if middle != last + 1 { inOrder.store(false, ordering: .relaxed) }
                last = middle
                other.parallelFor(3) { tally.add((outer * 50 + middle) * 3 + $0) }
            }
        }
        #expect(tally.isOnceEach)
        let stayedInOrder = inOrder.load(ordering: .relaxed)
        #expect(stayedInOrder)
    }

    @Test("loops from many threads each run whole")
    func manyCallers() {
        let pool = ThreadPool(threads: 3)
        let callers = 6
        let rounds = 200
        let whole = Atomic<Int>(0)
        let owner = Atomic<Int>(0)
        let overlaps = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: callers) { caller in
            for _ in 0..<rounds {
                let tally = Tally(17)
                let left = Atomic<Int>(17)
                // From the first iteration to the last one, the loop must find only its own caller's mark.
                pool.parallelFor(17) { index in
                    let found = owner.exchange(caller + 1, ordering: .sequentiallyConsistent)
                    if found != 0 && found != caller + 1 { overlaps.add(1, ordering: .relaxed) }
                    tally.add(index)
                    if left.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 {
                        owner.store(0, ordering: .sequentiallyConsistent)
                    }
                }
                if tally.isOnceEach { whole.add(1, ordering: .relaxed) }
            }
        }
        let counts = (whole: whole.load(ordering: .relaxed), overlaps: overlaps.load(ordering: .relaxed))
        #expect(counts.whole == callers * rounds)
        #expect(counts.overlaps == 0)
    }

    @Test("pools come and go, used or not")
    func release() {
        for round in 0..<100 {
            let pool = ThreadPool(threads: 1 + round % 4)
            if round % 3 > 0 {
                let tally = Tally(round)
                pool.parallelFor(round) { tally.add($0) }
                #expect(tally.isOnceEach)
            }
        }
    }
}
