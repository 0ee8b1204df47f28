/// What an override makes of one rule; nil leaves the rule's own value.
public struct RuleChange: Sendable, Codable, Hashable {
    /// Whether the rule acts.
    public var mode: RuleMode?
    /// Score from which the text is flagged, 0...1.
    public var flag: Double?
    /// Score from which the text is blocked, 0...1.
    public var block: Double?
    /// What the rule does with a match.
    public var action: Outcome?
    /// What stands in the place of a match that is redacted.
    public var redactAs: RedactionStyle?
    /// Which directions the rule judges.
    public var appliesTo: Set<Direction>?
    /// What the rule does when its detector can't answer.
    public var onError: ErrorAction?
    /// What the client is told on a block.
    public var reply: String?
    /// Where the change stands.
    public var location: SourceLocation?

    /// Creates a change that changes nothing.
    public init() {}

    /// The rule with the change made.
    public func applied(to rule: Rule) -> Rule {
        var rule = rule
        if let mode { rule.mode = mode }
        if var thresholds = rule.detection.thresholds {
            if let flag { thresholds.flag = flag }
            if let block { thresholds.block = block }
            rule.detection.thresholds = thresholds
        }
        if let action { rule.action = action }
        if let redactAs { rule.redactAs = redactAs }
        if let appliesTo { rule.appliesTo = appliesTo }
        if let onError { rule.onError = onError }
        if let reply { rule.reply = reply }
        return rule
    }
}

/// What differs for some routes, tenants, models, channels or one direction.
///
/// The overrides of a policy that match are made in order of writing, each on what those before it left: the last one that
/// says something of a value wins.
public struct Override: Sendable, Codable, Hashable {
    /// What it is for.
    public var scope: ScopePattern
    /// What it changes, by rule id.
    public var changes: [String: RuleChange]
    /// What the client is told on a block by a rule without a reply of its own; nil leaves it.
    public var reply: String?
    /// What is done about content that no detector reads; nil leaves it.
    public var unscanned: Outcome?
    /// Where the override stands.
    public var location: SourceLocation?

    /// Creates an override.
    public init(
        scope: ScopePattern,
        changes: [String: RuleChange] = [:],
        reply: String? = nil,
        unscanned: Outcome? = nil,
        location: SourceLocation? = nil
    ) {
        self.scope = scope
        self.changes = changes
        self.reply = reply
        self.unscanned = unscanned
        self.location = location
    }

    /// The policy with the override made.
    func applied(to policy: PolicySet) -> PolicySet {
        var policy = policy
        policy.rules = policy.rules.map { changes[$0.id]?.applied(to: $0) ?? $0 }
        if let reply { policy.reply = reply }
        if let unscanned { policy.unscanned = unscanned }
        return policy
    }
}
