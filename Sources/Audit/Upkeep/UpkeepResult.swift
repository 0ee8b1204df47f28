/// What was done to a store.
public struct UpkeepResult: Sendable, Codable, Hashable {
    /// The acts that it is kept as: one for each step.
    public var acts: [AuditAct]
    /// Whether the write-ahead log, which may hold older copies of the texts, was emptied; if not, other programs were reading
    /// all the time, and it will be when the store is closed.
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
