public import Foundation

/// Identifies a decision: a UUID of version 7 (RFC 9562), so that ids sort by time.
public struct DecisionID: Sendable, Codable, Hashable, CustomStringConvertible, LosslessStringConvertible {
    /// Lower-case, hyphenated.
    public let description: String

    /// A fresh id.
    ///
    /// - Parameter time: the instant it begins with, to the millisecond.
    public init(time: Date = Date()) {
        var bytes = withUnsafeBytes(of: UUID().uuid) { Array($0) }
        let milliseconds = UInt64(max(0, time.timeIntervalSince1970 * 1000))
        for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * UInt64(index))) }
        bytes[6] = 0x70 | (bytes[6] & 0x0F)
        bytes[8] = 0x80 | (bytes[8] & 0x3F)
        let digits = Array("0123456789abcdef")
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append("-") }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        description = text
    }

    /// Reads an id as it is printed; nil for anything but 36 characters of hexadecimal and hyphens.
    public init?(_ text: String) {
        guard text.utf8.count == 36, UUID(uuidString: text) != nil else { return nil }
        description = text.lowercased()
    }

    /// Reads an id from a single string value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = DecisionID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a decision id")
        }
        self = id
    }

    /// Writes the id as a single string value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What was decided about one prompt or one response, and on what grounds.
public struct Decision: Sendable, Codable, Hashable {
    /// Its id.
    public var id: DecisionID
    /// When it was made.
    public var time: Date
    /// Which way the text travelled.
    public var direction: Direction
    /// What was done.
    public var outcome: Outcome
    /// Why.
    public var cause: Cause
    /// Whether a detector failed, and which way its rule fell.
    public var failMode: FailMode
    /// Every rule that was evaluated.
    public var verdicts: [Verdict]
    /// Every field, and whether it was looked at.
    public var coverage: [Coverage]
    /// Screening score, 0...1, when a screen was asked.
    public var screenScore: Double?
    /// Name of the policy.
    public var policy: String
    /// Digest of the rules that decided.
    public var policyRevision: String
    /// Which model gave the scores; nil when no rule asks one.
    public var classifier: ClassifierIdentity?
    /// Time spent judging, in milliseconds.
    public var judgingMilliseconds: Double

    /// Whether the outcome was only recorded, not acted on, because the route only observes; nil where it was acted on.
    public var observed: Bool?

    /// Draws the decision from a judgement.
    public init(
        id: DecisionID = DecisionID(),
        time: Date = Date(),
        direction: Direction,
        judgement: Judgement,
        policy: PolicySet,
        classifier: ClassifierIdentity?
    ) {
        self.id = id
        self.time = time
        self.direction = direction
        outcome = judgement.outcome
        cause = judgement.cause
        failMode = judgement.failMode
        verdicts = judgement.verdicts
        coverage = judgement.coverage
        screenScore = judgement.screenScore
        self.policy = policy.name
        policyRevision = policy.revision
        self.classifier = classifier
        judgingMilliseconds = judgement.duration.milliseconds
    }
}

extension Duration {
    /// The duration in milliseconds.
    public var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
