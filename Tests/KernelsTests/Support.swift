import Kernels

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }
}

/// Stands around every output: a kernel that writes past its end changes it.
let canary: Float = -12_345.678

/// Runs `body` on `count` elements that start `offset` elements into an allocation and have canaries on both sides.
///
/// Returns the elements, or nil when a canary was overwritten.
func guarded(_ values: [Float], offset: Int = 1, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float]? {
    var room = [Float](repeating: canary, count: values.count + offset + 32)
    room.replaceSubrange(offset..<offset + values.count, with: values)
    room.withUnsafeMutableBufferPointer { room in
        if let start = room.baseAddress { body(start + offset) }
    }
    let outside = room[..<offset] + room[(offset + values.count)...]
    return outside.allSatisfy { $0 == canary } ? Array(room[offset..<offset + values.count]) : nil
}

func guarded(count: Int, offset: Int = 1, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float]? {
    guarded([Float](repeating: .nan, count: count), offset: offset, body)
}

/// The elements whose distance from the reference is above the bound, or that are not a number where they should be.
func outliers(_ values: [Float], _ reference: [Double], within bound: (Int) -> Double) -> [Int] {
    guard values.count == reference.count else { return [-1] }
    return values.indices.filter { !(abs(Double(values[$0]) - reference[$0]) <= bound($0)) }
}

/// Two threads, shared by all suites.
let pool = ThreadPool(threads: 2)

/// Lengths around every vector width and unrolling.
let oddLengths = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 257, 640]
