/// All rules in force: what a policy folder says, checked and ready to be given detectors.
public struct PolicySet: Sendable, Codable, Hashable {
    /// Name of the policy, such as `default`.
    public var name: String
    /// Digest of the rules and overrides: lower-case hexadecimal SHA-256.
    ///
    /// Same rules, same revision.
    public var revision: String
    /// The rules, in file order.
    public var rules: [Rule]
    /// The screening question; nil asks every rule every time.
    public var screen: Screen?
    /// What the client is told on a block when the rule has no reply of its own.
    public var reply: String

    /// What is done about content that no detector reads, such as images: allow, flag or block.
    public var unscanned: Outcome

    /// What differs in some scopes, in order of writing.
    public var overrides: [Override]

    /// What is said when nobody wrote a reply.
    public static let defaultReply = "I can't help with that request."

    /// Creates a policy set.
    public init(
        name: String,
        revision: String,
        rules: [Rule],
        screen: Screen? = nil,
        reply: String = PolicySet.defaultReply,
        unscanned: Outcome = .flag,
        overrides: [Override] = []
    ) {
        self.name = name
        self.revision = revision
        self.rules = rules
        self.screen = screen
        self.reply = reply
        self.unscanned = unscanned
        self.overrides = overrides
    }

    /// The rules that hold for texts of a scope and direction: every override that matches made, none left.
    ///
    /// Name and revision stay: they are those of the whole set.
    public func effective(in scope: Scope, _ direction: Direction) -> PolicySet {
        effective(overrides.indices.filter { overrides[$0].scope.matches(scope, direction) })
    }

    func effective(_ matching: [Int]) -> PolicySet {
        var policy = matching.reduce(self) { overrides[$1].applied(to: $0) }
        policy.overrides = []
        return policy
    }

    /// Whether a rule asks the model, in some scope.
    public var needsModel: Bool { rules.contains { $0.detection.needsModel && !isAlwaysOff($0) } }

    /// Whether a rule judges in no scope.
    func isAlwaysOff(_ rule: Rule) -> Bool {
        overrides.reduce(rule.mode == .off) { isOff, override in
            switch override.changes[rule.id]?.mode {
            case nil: isOff
            case .off: isOff || override.scope == ScopePattern()
            case .enforce, .shadow: false
            }
        }
    }
}
