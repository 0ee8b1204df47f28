/// What one rule says of one subject.
public struct Verdict: Sendable, Codable, Hashable {
    /// The rule.
    public var rule: String
    /// Whether the rule acts.
    public var mode: RuleMode
    /// What the rule asks for.
    ///
    /// A shadow rule's outcome is recorded and not acted on.
    public var outcome: Outcome
    /// Probability of a violation, 0...1; nil for rules without a score and where the screen answered.
    public var score: Double?
    /// Thresholds of a principle rule.
    public var thresholds: Thresholds?
    /// Whether the screening question answered for the rule.
    public var screenedOut: Bool
    /// Labels of what was matched, with counts; never the matched text.
    public var matches: [String: Int]
    /// Why the detector could not answer; nil when it did.
    public var error: String?

    /// Creates a verdict.
    public init(
        rule: String,
        mode: RuleMode,
        outcome: Outcome,
        score: Double? = nil,
        thresholds: Thresholds? = nil,
        screenedOut: Bool = false,
        matches: [String: Int] = [:],
        error: String? = nil
    ) {
        self.rule = rule
        self.mode = mode
        self.outcome = outcome
        self.score = score
        self.thresholds = thresholds
        self.screenedOut = screenedOut
        self.matches = matches
        self.error = error
    }

    /// The outcome that counts: `allow` for a shadow rule.
    public var effective: Outcome { mode == .enforce ? outcome : .allow }
}

/// One field of a request or response, and whether it was looked at.
public struct Coverage: Sendable, Codable, Hashable {
    /// What happened to the field.
    public enum State: String, Sendable, Codable, Hashable, CaseIterable {
        /// Judged by every rule of its direction.
        case scanned
        /// Read as context and, in a prompt, searched by redacting rules; judged rules do not fire on it.
        case context
        /// Not looked at, or not judged by every rule because one could not answer.
        case skipped
    }

    /// JSON pointer of the field.
    public var pointer: String
    /// What it carries.
    public var kind: PartKind
    /// What happened to it.
    public var state: State
    /// Why it was not scanned; nil for scanned fields.
    public var reason: String?
    /// Length in UTF-8 bytes; 0 where unknown.
    public var bytes: Int

    /// Creates an entry.
    public init(pointer: String, kind: PartKind, state: State, reason: String? = nil, bytes: Int) {
        self.pointer = pointer
        self.kind = kind
        self.state = state
        self.reason = reason
        self.bytes = bytes
    }
}

/// A change that a redacting rule makes to one part.
public struct Redaction: Sendable, Hashable {
    /// Which part.
    public var pointer: String
    /// What to replace, in order, without overlaps; UTF-8 offsets in the part's text.
    public var matches: [Match]

    /// Creates a redaction.
    public init(pointer: String, matches: [Match]) {
        self.pointer = pointer
        self.matches = matches
    }
}
