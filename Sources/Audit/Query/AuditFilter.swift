public import Foundation
public import Moderation

/// Which records to look at.
///
/// Every condition that is set must hold.
public struct AuditFilter: Sendable, Hashable {
    /// Earliest time, inclusive.
    public var since: Date?
    /// Latest time, exclusive.
    public var until: Date?
    /// Results, any of them; empty means all.
    ///
    /// `flag`, `redact` and `block` also find records of that outcome whose exchange failed afterwards; `allow` finds
    /// only what was allowed and carried out.
    public var results: Set<AuditResult>
    /// A rule that asked for more than `allow`, shadow rules too.
    public var rule: String?
    /// Scores that rules must have given, all of them.
    public var scores: [ScoreCondition] = []
    /// Which way the text travelled.
    public var direction: Direction?
    /// Route of the gateway; `*` stands for any characters.
    public var route: String?
    /// Whose traffic; `*` stands for any characters.
    public var tenant: String?
    /// Name of the API key that the request came with; `*` stands for any characters.
    public var client: String?
    /// Which conversation.
    public var conversation: String?
    /// The chatbot's model name; `*` stands for any characters.
    public var model: String?
    /// Beginning of the digest of the rules that decided.
    public var revision: String?
    /// Beginning of the decision's id.
    public var id: String?
    /// Words that a kept text contains, without regard to case.
    ///
    /// Finds nothing where no text was kept.
    public var text: String?
    /// Ties the prompt's decision to the response's.
    public var requestID: String?
    /// Why the outcome came about.
    public var cause: Cause?
    /// Whether a detector failed, and which way its rule fell.
    public var failMode: FailMode?
    /// Whether to look only at records in which some field was not scanned.
    public var isUnscanned = false
    /// What was said of them.
    public var label: LabelFilter?

    /// Creates a filter; further conditions are set one by one.
    public init(
        since: Date? = nil,
        until: Date? = nil,
        results: Set<AuditResult> = [],
        rule: String? = nil,
        direction: Direction? = nil,
        text: String? = nil,
        requestID: String? = nil,
        cause: Cause? = nil
    ) {
        self.since = since
        self.until = until
        self.results = results
        self.rule = rule
        self.direction = direction
        self.text = text
        self.requestID = requestID
        self.cause = cause
    }
}

/// Some records, the last recorded first, and where the next page begins.
public struct AuditPage: Sendable, Hashable {
    /// The records.
    public var entries: [AuditEntry]
    /// Give this to get the next page; nil at the end.
    public var next: AuditCursor?
}

/// A place between two records in the order of recording.
///
/// Records that arrive later come after every place, so that pages which go back from it neither repeat nor miss a record.
public struct AuditCursor: Sendable, Hashable, CustomStringConvertible {
    /// Sequence of the record that the page before ended with.
    let sequence: Int64

    init(sequence: Int64) {
        self.sequence = sequence
    }

    /// Reads a cursor as it is printed.
    ///
    /// - Throws: ``AuditError/badValue(of:found:expected:)``.
    public init(_ text: String) throws(AuditError) {
        guard let sequence = Int64(text), sequence > 0 else {
            throw .badValue(of: "a cursor", found: text, expected: "the number that the page before it ended with")
        }
        self.init(sequence: sequence)
    }

    /// The cursor as text.
    public var description: String { "\(sequence)" }
}
