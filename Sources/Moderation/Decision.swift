public import Foundation

/// Identifies a decision: a UUID of version 7 (RFC 9562), so that ids sort by time.
public struct DecisionID: Sendable, Codable, Hashable, CustomStringConvertible, LosslessStringConvertible {
    /// Lower-case, hyphenated.
    public let description: String

    /// A fresh id.
    ///
    /// - Parameter time: the instant it begins with, to a quarter of a microsecond.
    public init(time: Date = Date()) {
        // 4096ths of a millisecond.
        let ticks = UInt64(max(0, time.timeIntervalSince1970 * 1000 * 4096))
        // 48 bits of time, version 7, 12 bits of finer time (RFC 9562, section 6.2, method 3), variant 2, 62 random bits.
        let high = (ticks >> 12) << 16 | 0x7000 | ticks & 0x0FFF
        let low = 0x8000_0000_0000_0000 | UInt64.random(in: 0...UInt64.max) >> 2
        description = String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for digit in 0..<32 {
                switch digit {
                case 8, 12, 16, 20:
                    text[place] = UInt8(ascii: "-")
                    place += 1
                default: break
                }
                let word = digit < 16 ? high : low
                let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (digit & 15))) & 15
                text[place] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                place += 1
            }
            return place
        }
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

/// What a policy that is tried beside the one in force would have decided.
///
/// Never acted on.
public struct CandidateDecision: Sendable, Codable, Hashable {
    /// Name of the policy.
    public var policy: String
    /// Digest of its rules.
    public var policyRevision: String
    /// What would have been done.
    public var outcome: Outcome
    /// Why.
    public var cause: Cause
    /// Every rule of it that was evaluated.
    public var verdicts: [Verdict]

    /// Draws the decision from a judgement.
    public init(_ judgement: Judgement, policy: PolicySet) {
        self.policy = policy.name
        policyRevision = policy.revision
        outcome = judgement.outcome
        cause = judgement.cause
        verdicts = judgement.verdicts
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

    /// How many placeholders in an answer gave way to the words that they stand for; nil where none did.
    public var restored: Int?

    /// Where on a chat platform the text was said, such as `slack/T024/C012`; nil elsewhere.
    public var channel: String?

    /// What the policy that is tried beside this one would have decided; nil while none is tried.
    public var candidate: CandidateDecision?

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
        let restored = judgement.redactions.reduce(0) { sum, redaction in
            sum + redaction.matches.count { $0.label == Match.restored }
        }
        if restored > 0 { self.restored = restored }
    }
}

extension Duration {
    /// The duration in milliseconds.
    public var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
