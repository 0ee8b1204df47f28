/// What records are counted apart by.
public enum TopKey: String, Sendable, Hashable, CaseIterable {
    /// The rule that fired.
    case rule
    case tenant
    /// Which of the known API keys.
    case client
    case conversation
    case route
    /// The chatbot's model, as the request named it.
    case model
    /// Which API the client speaks.
    case dialect
    case direction
    /// The policy's revision.
    case policy
}

/// The most frequent of something.
public enum AuditTop: Sendable, Hashable {
    /// Rules, with how often each asked for what.
    case rules([AuditStats.RuleCount])
    /// Anything else, with how many records.
    case groups([AuditStats.GroupCount])
}
