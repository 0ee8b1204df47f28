/// Finds any number of sequences in one pass (Aho and Corasick, 1975).
struct TermAutomaton: Sendable {
    /// Where a sequence goes on: state and symbol to the next state.
    private var edges: [UInt64: Int32] = [:]
    private var depth: [Int32] = [0]
    private var isEnd: [Bool] = [false]
    private var fallback: [Int32] = [0]
    /// Length of the longest sequence that ends in a state; 0 when none does.
    private var longestEnding: [Int32] = [0]

    /// Takes every sequence of symbols, each from 0 up.
    init(_ sequences: [[Int32]]) {
        for sequence in sequences { insert(sequence) }
        link(sequences)
    }

    private mutating func insert(_ sequence: [Int32]) {
        var state: Int32 = 0
        for symbol in sequence {
            if let next = edges[Self.key(state, symbol)] {
                state = next
            } else {
                let next = Int32(depth.count)
                edges[Self.key(state, symbol)] = next
                depth.append(depth[Int(state)] + 1)
                isEnd.append(false)
                state = next
            }
        }
        if state != 0 { isEnd[Int(state)] = true }
    }

    /// Says for each state which shorter beginning its end is too, shallow states first.
    private mutating func link(_ sequences: [[Int32]]) {
        fallback = Array(repeating: 0, count: depth.count)
        longestEnding = Array(repeating: 0, count: depth.count)
        var level = edges.map { (state: Int32($0.key >> 32), symbol: Int32($0.key & 0xFFFF_FFFF), next: $0.value) }
        level.sort { depth[Int($0.next)] < depth[Int($1.next)] }
        for (state, symbol, next) in level {
            if state != 0 { fallback[Int(next)] = self.next(after: fallback[Int(state)], symbol) }
            longestEnding[Int(next)] =
                isEnd[Int(next)] ? depth[Int(next)] : longestEnding[Int(fallback[Int(next)])]
        }
    }

    /// The state after a symbol; 0 when nothing begins with it.
    func next(after state: Int32, _ symbol: Int32) -> Int32 {
        guard symbol >= 0 else { return 0 }
        var state = state
        while true {
            if let next = edges[Self.key(state, symbol)] { return next }
            if state == 0 { return 0 }
            state = fallback[Int(state)]
        }
    }

    /// How many symbols back the longest sequence that ends here began.
    func longestEnding(in state: Int32) -> Int { Int(longestEnding[Int(state)]) }

    private static func key(_ state: Int32, _ symbol: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: state)) << 32 | UInt64(UInt32(bitPattern: symbol))
    }
}
