/// What is done with a text, from weak to strong; the strongest of all rules wins.
public enum Outcome: String, Sendable, Codable, Hashable, CaseIterable, Comparable {
    /// Passed on unchanged.
    case allow
    /// Passed on unchanged, marked for review.
    case flag
    /// Passed on with the matches replaced.
    case redact
    /// Not passed on; the client gets the reply.
    case block

    private var strength: Int {
        switch self {
        case .allow: 0
        case .flag: 1
        case .redact: 2
        case .block: 3
        }
    }

    /// Weaker outcomes order before stronger ones.
    public static func < (a: Outcome, b: Outcome) -> Bool { a.strength < b.strength }
}

/// Whether a rule acts.
public enum RuleMode: String, Sendable, Codable, Hashable, CaseIterable {
    /// Acts and is recorded.
    case enforce
    /// Is recorded, never acted on.
    case shadow
    /// Is not evaluated.
    case off
}

/// What a rule does when its detector can't answer.
public enum ErrorAction: String, Sendable, Codable, Hashable, CaseIterable {
    case block
    case allow
}

/// Why an outcome came about.
///
/// "Blocked because the guard was down" is never confused with "blocked for its content".
public enum Cause: String, Sendable, Codable, Hashable, CaseIterable {
    /// No rule asked for more than `allow`.
    case none
    /// A rule fired on the text.
    case content
    /// A detector or the classifier could not answer and the rule's `on_error` is `block`.
    case guardUnavailable = "guard_unavailable"
    /// As `guardUnavailable`, but only because more is asked of the classifier than it can do: the same text, sent again later,
    /// can be judged.
    case overloaded
    /// It holds content that no detector reads, and the policy's `unscanned` asks for more than `allow`.
    case unscanned
}

/// Whether a detector failed, and which way the rule fell.
public enum FailMode: String, Sendable, Codable, Hashable, CaseIterable {
    /// Every detector answered.
    case none
    /// A detector failed and its rule let the text pass (`on_error: allow`).
    case open
    /// A detector failed and its rule blocked (`on_error: block`).
    case closed
}
