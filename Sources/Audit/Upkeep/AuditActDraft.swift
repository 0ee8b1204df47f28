import Foundation

/// An act before it has its place among the others.
public struct AuditActDraft: Sendable, Hashable {
    /// What was done.
    public var kind: AuditAct.Kind
    /// Who did it.
    public var actor: String
    /// What it was done to.
    public var subject: String
    /// How many records it was done to.
    public var records: Int
    /// How many kept texts it was done to.
    public var texts: Int
    /// The first of the records; nil where it was done to none.
    public var first: AuditAct.Place?
    /// The last of the records.
    public var last: AuditAct.Place?

    /// Creates a draft.
    public init(
        kind: AuditAct.Kind,
        actor: String,
        subject: String,
        records: Int = 0,
        texts: Int = 0,
        first: AuditAct.Place? = nil,
        last: AuditAct.Place? = nil
    ) {
        self.kind = kind
        self.actor = actor
        self.subject = subject
        self.records = records
        self.texts = texts
        self.first = first
        self.last = last
    }
}

extension StoredAct {
    /// The act as it is kept after the one before it, without its hash.
    init(_ draft: AuditActDraft, after end: ChainEnd, time: Date) {
        self.init(
            number: end.sequence + 1,
            time: time.microseconds,
            kind: draft.kind.rawValue,
            actor: draft.actor,
            subject: draft.subject,
            records: Int64(draft.records),
            texts: Int64(draft.texts),
            first: ChainEnd(draft.first),
            last: ChainEnd(draft.last),
            previousHash: end.hash
        )
    }
}

extension ChainEnd {
    fileprivate init(_ place: AuditAct.Place?) {
        self = place.map { ChainEnd(sequence: Int64($0.sequence), hash: $0.hash) } ?? ChainHash.start
    }
}
