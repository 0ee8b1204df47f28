/// What was done to a store.
public struct UpkeepResult: Sendable, Codable, Hashable {
    /// The acts that it is kept as: one for each step.
    public var acts: [AuditAct]
    /// Whether older copies of the texts are gone from the store: a file's write-ahead log was emptied, a database's dead rows
    /// were removed; if not, others were reading all the time, and it takes another run, or what the store does by itself later.
    public var isLogEmptied: Bool

    /// Texts that were erased.
    public var erasedTexts: Int { acts.filter { $0.kind == .erase }.reduce(0) { $0 + $1.texts } }
    /// Records that were deleted.
    public var deletedRecords: Int { acts.filter { $0.kind == .prune }.reduce(0) { $0 + $1.records } }
    /// Records that it was done to.
    public var records: Int { acts.reduce(0) { $0 + $1.records } }
    /// Texts that were removed.
    public var texts: Int { acts.reduce(0) { $0 + $1.texts } }
}
