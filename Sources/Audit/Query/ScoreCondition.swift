/// A condition on the score that one rule gave: `hate-speech>0.6`, `hate-speech<=0.2` or `hate-speech=0.4..0.6`.
public struct ScoreCondition: Sendable, Hashable, CustomStringConvertible {
    /// One end of a range of scores.
    public struct Bound: Sendable, Hashable {
        /// The score, 0...1.
        public var score: Double
        /// Whether the score itself is in the range.
        public var isInclusive: Bool

        /// Creates an end.
        public init(_ score: Double, isInclusive: Bool) {
            self.score = score
            self.isInclusive = isInclusive
        }
    }

    /// The rule.
    public var rule: String
    /// Where the range begins; nil for 0.
    public var lower: Bound?
    /// Where the range ends; nil for 1.
    public var upper: Bound?

    /// Creates a condition.
    public init(rule: String, lower: Bound? = nil, upper: Bound? = nil) {
        self.rule = rule
        self.lower = lower
        self.upper = upper
    }

    /// Reads a condition as people write it.
    ///
    /// - Throws: ``AuditError/badValue(of:found:expected:)``.
    public init(_ text: String) throws(AuditError) {
        let error = AuditError.badValue(of: "a score", found: text, expected: Self.form)
        guard let sign = text.firstIndex(where: { "<>=".contains($0) }) else { throw error }
        let rule = text[..<sign].trimmingBlanks
        var rest = text[sign...]
        let operation = rest.prefix { "<>=".contains($0) }
        rest = rest.dropFirst(operation.count)
        guard !rule.isEmpty else { throw error }
        self.init(rule: String(rule))
        if operation == "=" {
            guard let dots = rest.firstRange(of: ".."), let low = Self.score(rest[..<dots.lowerBound]),
                let high = Self.score(rest[dots.upperBound...]), low <= high
            else { throw error }
            (lower, upper) = (Bound(low, isInclusive: true), Bound(high, isInclusive: true))
            return
        }
        guard let score = Self.score(rest) else { throw error }
        switch operation {
        case ">": lower = Bound(score, isInclusive: false)
        case ">=": lower = Bound(score, isInclusive: true)
        case "<": upper = Bound(score, isInclusive: false)
        case "<=": upper = Bound(score, isInclusive: true)
        default: throw error
        }
    }

    /// The condition as it is written.
    public var description: String {
        switch (lower, upper) {
        case (nil, nil): rule
        case (let lower?, nil): "\(rule)\(lower.isInclusive ? ">=" : ">")\(lower.score)"
        case (nil, let upper?): "\(rule)\(upper.isInclusive ? "<=" : "<")\(upper.score)"
        case (let lower?, let upper?): "\(rule)=\(lower.score)..\(upper.score)"
        }
    }

    private static let form =
        "a rule, a sign and a number from 0 to 1, such as 'hate-speech>0.6' (also >=, <, <=), or a range such as"
        + " 'hate-speech=0.4..0.6'"

    private static func score(_ text: Substring) -> Double? {
        let digits = text.trimmingBlanks
        guard let first = digits.utf8.first, first == UInt8(ascii: ".") || (48...57).contains(first) else { return nil }
        return Double(digits).flatMap { (0...1).contains($0) ? $0 : nil }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
