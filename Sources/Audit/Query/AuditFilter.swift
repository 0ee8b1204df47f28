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
    /// Which way the text travelled.
    public var direction: Direction?
    /// Words that a kept text contains, without regard to case.
    ///
    /// Finds nothing where no text was kept.
    public var text: String?
    /// Ties the prompt's decision to the response's.
    public var requestID: String?
    /// Why the outcome came about.
    public var cause: Cause?

    /// Creates a filter.
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

/// Some records, newest first, and where the next page begins.
public struct AuditPage: Sendable, Hashable {
    /// The records.
    public var entries: [AuditEntry]
    /// Give this to get the next page; nil at the end.
    public var next: AuditCursor?
}

/// A place between two records in the order of time, newest first.
public struct AuditCursor: Sendable, Hashable, LosslessStringConvertible {
    /// Microseconds since 1970 of the record before the place.
    let time: Int64
    /// Sequence of that record.
    let sequence: Int64

    init(time: Int64, sequence: Int64) {
        self.time = time
        self.sequence = sequence
    }

    /// Reads a cursor as it is printed.
    public init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), let sequence = Int64(parts[1]) else { return nil }
        self.init(time: time, sequence: sequence)
    }

    /// The cursor as text.
    public var description: String { "\(time).\(sequence)" }
}
