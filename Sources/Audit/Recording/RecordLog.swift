/// Where a ``BatchWriter`` puts records; used by one thread.
protocol RecordLog: Sendable {
    /// What errors call it.
    var name: String { get }

    /// Adds records at the end of the chain, all or nothing, and returns when they are durable.
    ///
    /// Blocks.
    ///
    /// - Parameter body: gives one record after the other; may wait for more.
    /// - Returns: for each record, in order, why it was refused; nil where it was added.
    func write(_ body: (_ add: (StoredRecord) throws -> Void) throws -> Void) throws -> [AuditError?]
}
