/// One rule's verdict as it was recorded: what can be decided again without the text.
public struct RecordedVerdict: Sendable, Hashable {
    /// The rule, as an index into the names of the reading.
    public var rule: Int
    /// What it asked for.
    public var outcome: Outcome
    /// Probability of a violation, 0...1; nil for rules without a score and where the screen answered.
    public var score: Double?
    /// Whether the screening question answered for the rule.
    public var isScreenedOut: Bool
    /// Whether the detector could not answer.
    public var isFailed: Bool

    /// Creates a verdict.
    public init(rule: Int, outcome: Outcome, score: Double? = nil, isScreenedOut: Bool = false, isFailed: Bool = false)
    {
        self.rule = rule
        self.outcome = outcome
        self.score = score
        self.isScreenedOut = isScreenedOut
        self.isFailed = isFailed
    }
}

/// One decision as it was recorded, as far as it can be decided again without the text.
///
/// Names that many decisions share are indices into the names of the reading, so that a million of them are read in seconds.
public struct RecordedDecision: Sendable, Hashable {
    /// Its place in the store.
    public var sequence: Int64
    /// Which way the text travelled.
    public var direction: Direction
    /// Route, tenant and model: an index into the scopes of the reading.
    public var scope: Int
    /// Digest of the rules that decided: an index into the revisions of the reading.
    public var revision: Int
    /// What was done.
    public var outcome: Outcome
    /// Why.
    public var cause: Cause
    /// Screening score, 0...1, where one was asked for and is there.
    public var screenScore: Double?
    /// Every rule that was evaluated.
    public var verdicts: [RecordedVerdict]

    /// Creates a decision.
    public init(
        sequence: Int64,
        direction: Direction,
        scope: Int,
        revision: Int,
        outcome: Outcome,
        cause: Cause,
        screenScore: Double? = nil,
        verdicts: [RecordedVerdict]
    ) {
        self.sequence = sequence
        self.direction = direction
        self.scope = scope
        self.revision = revision
        self.outcome = outcome
        self.cause = cause
        self.screenScore = screenScore
        self.verdicts = verdicts
    }
}

/// What the indices of recorded decisions stand for.
public struct RecordedNames: Sendable, Hashable {
    /// Rules.
    public var rules: [String] = []
    /// Scopes.
    public var scopes: [Scope] = []
    /// Digests of rules.
    public var revisions: [String] = []

    /// Creates names.
    public init(rules: [String] = [], scopes: [Scope] = [], revisions: [String] = []) {
        self.rules = rules
        self.scopes = scopes
        self.revisions = revisions
    }
}
