public import Moderation

/// Keeps the records of several gateways in a PostgreSQL database, each gateway's in a chain of its own.
///
/// A record that `record` has returned for is committed. Records that arrive together share a transaction.
public final class PostgresAuditStore: AuditStore {
    /// Answers questions about what is kept.
    public let reader: any AuditReader

    /// Keeps what people say of decisions.
    public var labels: any AuditLabels { PostgresAuditUpkeep(pool) }
    /// Looks after the store.
    public var upkeep: any AuditUpkeep { PostgresAuditUpkeep(pool) }

    /// Keeps questions that people ask again.
    public var queries: any SavedQueryStore { PostgresAuditUpkeep(pool) }

    private let keeper: ContentKeeper
    private let log: PostgresRecordLog
    private let queue: CommitQueue
    private let pool: PostgresPool

    /// Opens the database, and makes the store's tables where there are none.
    ///
    /// Blocks.
    ///
    /// - Parameters:
    ///   - keeper: decides what is kept of the judged texts.
    ///   - sealing: who signs checkpoints, and how often; nil signs none.
    ///   - spill: path of the file that records go to while the database can't be reached.
    ///   - spills: whether they do, and count as kept; records of a file that is there are put into the store anyway.
    /// - Throws: ``AuditError``.
    public init(
        _ address: PostgresAddress,
        keeper: ContentKeeper,
        sealing: AuditSealing? = nil,
        spill: String,
        spills: Bool = false
    ) throws(AuditError) {
        let spill = try SpillFile(path: spill, isOpen: spills)
        do {
            let connection = try PostgresConnection(address, patience: PostgresRecordLog.silence)
            try PostgresSchema.migrate(connection)
            log = try PostgresRecordLog(connection, sealing: sealing)
        } catch {
            throw AuditError.of(error, address: address)
        }
        self.keeper = keeper
        queue = CommitQueue(log, spill: spill)
        pool = PostgresPool(address, keys: keeper.textKeys)
        reader = PostgresAuditReader(pool)
    }

    /// Keeps one record; returns when it is committed.
    ///
    /// - Throws: ``AuditError``.
    public func record(_ record: AuditRecord) async throws {
        try await queue.commit(queue.add(StoredRecord(record, keeper: keeper)))
    }

    /// Takes one record, which is written a moment later at the latest.
    public func take(_ record: AuditRecord) -> AuditReceipt {
        let queued = queue.add(StoredRecord(record, keeper: keeper))
        return AuditReceipt(isDoubtful: queue.isFailing) { [queue] in try await queue.commit(queued) }
    }

    /// How much was written so far.
    public var counts: AuditWriteCounts { queue.counts }

    /// Keeps an event and, where a policy is given, its rules and texts; returns when both are durable.
    public func record(_ event: PolicyEvent, of policy: KeptPolicy?) async throws {
        let row = try policy.map { policy throws -> StoredPolicy in try StoredPolicy(policy) }
        try await pool.transact(isReading: false) { session in try event.save(session, row) }
    }

    /// Waits for the records under way, signs a last checkpoint and lets the chain go.
    public func close() throws(AuditError) {
        queue.close()
        do {
            try log.close()
        } catch {
            throw AuditError.of(error, address: log.address)
        }
    }
}
