/// Which records there are: how far each chain of a store has got.
///
/// Records that several gateways write at the same time become visible in another order than they are numbered in; each chain
/// only ever grows at its end.
public struct AuditPosition: Sendable, Hashable, CustomStringConvertible {
    /// Sequence of the last record by the chain's number; chains without records are absent.
    private(set) var ends: [Int: Int64]

    /// Before the first record.
    public static let start = AuditPosition([:])

    init(_ ends: [Int: Int64]) { self.ends = ends.filter { $0.value > 0 } }

    /// Sequence of the last record of a chain; 0 when there is none.
    package subscript(chain: Int) -> Int64 {
        get { ends[chain] ?? 0 }
        set { ends[chain] = newValue > 0 ? newValue : nil }
    }

    /// Reads a position as it is printed.
    ///
    /// - Throws: ``AuditError/badValue(of:found:expected:)``.
    public init(_ text: String) throws(AuditError) {
        var ends: [Int: Int64] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) where text != "0" {
            let numbers = part.split(separator: ":", omittingEmptySubsequences: false)
            let chain = numbers.count == 2 ? Int(numbers[0]) : numbers.count == 1 ? 1 : nil
            guard let chain, chain > 0, let end = numbers.last.flatMap({ Int64($0) }), end > 0,
                ends.updateValue(end, forKey: chain) == nil
            else {
                throw .badValue(of: "a position", found: text, expected: "the numbers that were printed as one")
            }
        }
        self.init(ends)
    }

    /// A number for the only chain of a store; else pairs of a chain's number and its own, such as `1:48211,2:77`.
    public var description: String {
        if ends.keys.allSatisfy({ $0 == 1 }) { return "\(self[1])" }
        return ends.sorted { $0.key < $1.key }.map { "\($0):\($1)" }.joined(separator: ",")
    }
}

/// Some records in the order of recording, and where to go on.
public struct AuditStretch: Sendable, Hashable {
    /// The records; fewer than were asked for when no more are there.
    public var entries: [AuditEntry]
    /// The position after them.
    public var end: AuditPosition

    /// Creates a stretch.
    public init(entries: [AuditEntry], end: AuditPosition) {
        self.entries = entries
        self.end = end
    }
}
