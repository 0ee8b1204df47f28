/// All rules in force: what a policy folder says, checked and ready to be given detectors.
public struct PolicySet: Sendable, Codable, Hashable {
    /// Name of the policy, such as `default`.
    public var name: String
    /// Digest of the effective rules: lower-case hexadecimal SHA-256.
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

    /// What is said when nobody wrote a reply.
    public static let defaultReply = "I can't help with that request."

    /// Creates a policy set.
    public init(
        name: String,
        revision: String,
        rules: [Rule],
        screen: Screen? = nil,
        reply: String = PolicySet.defaultReply,
        unscanned: Outcome = .flag
    ) {
        self.name = name
        self.revision = revision
        self.rules = rules
        self.screen = screen
        self.reply = reply
        self.unscanned = unscanned
    }
}
