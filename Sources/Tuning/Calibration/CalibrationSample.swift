/// A labelled text by the score that a rule gave it.
public struct CalibrationSample: Sendable, Hashable {
    /// The score, 0...1.
    public var score: Double
    /// Whether the text violates the rule.
    public var isPositive: Bool
    /// Orders samples without regard to where they stood in their files: equal texts have equal digests.
    public var digest: UInt64

    /// Creates a sample.
    public init(score: Double, isPositive: Bool, digest: UInt64) {
        self.score = score
        self.isPositive = isPositive
        self.digest = digest
    }

    /// FNV-1a, 64 bits: the same in every process, unlike `Hasher`.
    ///
    /// - Source: Fowler, Noll, Vo; RFC 9923.
    public static func digest(of text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}
