public import Foundation

/// What a person said of a decision afterwards.
///
/// A decision may have several; the newest that speaks of a rule counts for it.
public struct AuditLabel: Sendable, Codable, Hashable {
    /// Whether the decision was what it should have been.
    public enum Finding: String, Sendable, Codable, Hashable, CaseIterable {
        case right
        case wrong
    }

    /// Id of the decision.
    public var decision: String
    /// Whether it was right.
    public var finding: Finding
    /// The one rule whose verdict is meant; nil for the decision as a whole.
    public var rule: String?
    /// What else there is to say.
    public var note: String?
    /// Who said it.
    public var actor: String
    /// When.
    public var time: Date

    /// Creates a label.
    public init(
        decision: String,
        finding: Finding,
        rule: String? = nil,
        note: String? = nil,
        actor: String,
        time: Date = Date()
    ) {
        self.decision = decision
        self.finding = finding
        self.rule = rule
        self.note = note
        self.actor = actor
        self.time = time
    }
}

/// Which records by what was said of them.
public enum LabelFilter: String, Sendable, Hashable, CaseIterable {
    /// The newest label says that the decision was right.
    case right
    /// The newest label says that it was wrong.
    case wrong
    /// Nobody said anything.
    case none
}
