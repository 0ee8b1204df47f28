public import Foundation
package import GRDB
public import Moderation

/// Keeps records in one SQLite file (WAL), written by one gateway and read by any number of programs.
///
/// A record that `record` has returned for is on disk (`synchronous = FULL`). Records that arrive together share a
/// transaction; their order in the file is the order of the hash chain.
public final class SQLiteAuditStore: AuditStore {
    /// Path of the file.
    public let path: String
    /// What is kept of the judged texts.
    public let contentMode: ContentMode

    package let pool: DatabasePool
    private let keeper: ContentKeeper
    private let sealing: AuditSealing?
    private let queue: CommitQueue
    /// Answers questions about what is kept.
    public let reader: any AuditReader

    // Over the store's own connections: whoever opens the file a second time in a process, and closes it to look at its head,
    // takes away the locks of all that the process has open, and another program may then delete the log that is in use
    // (SQLite, "How To Corrupt An SQLite Database File", section 2.2).

    /// Keeps what people say of decisions.
    public var labels: any AuditLabels { SQLiteAuditLabels(path: path, database: pool) }

    /// Keeps questions that people ask again.
    public var queries: any SavedQueryStore { SQLiteSavedQueries(path: path, database: pool) }

    /// Looks after the file.
    public var upkeep: any AuditUpkeep { SQLiteAuditUpkeep(path: path, pool: pool, keys: keeper.textKeys) }

    /// Opens the audit file, creating it when it is absent, and proves that it can be written.
    ///
    /// Blocks on the file system.
    ///
    /// - Parameters:
    ///   - path: the file; its folder must exist. A new file is readable by its owner only.
    ///   - keeper: decides what is kept of the judged texts.
    ///   - sealing: who signs checkpoints, and how often; nil signs none.
    ///   - spills: whether a record that can't be written goes to a file beside the store, its name with `.spill` added, and counts as kept; it is
    ///     put into the store, in its order, as soon as that can be written again. A file that is there is put into it anyway.
    ///   - now: the time of opening, kept in the file.
    /// - Throws: ``AuditError`` that says what was found and what to do.
    public init(
        path: String,
        keeper: ContentKeeper,
        sealing: AuditSealing? = nil,
        spills: Bool = false,
        now: Date = Date()
    ) throws(AuditError) {
        let file = AuditFile(path: path, keys: keeper.textKeys)
        try file.checkForWriting()
        let spill = try SpillFile(path: path + ".spill", isOpen: spills)
        let pool = try file.openForWriting(at: now)
        self.path = path
        self.keeper = keeper
        self.sealing = sealing
        self.pool = pool
        contentMode = keeper.mode
        queue = CommitQueue(SQLiteRecordLog(pool: pool, name: path, sealing: sealing), spill: spill)
        reader = SQLiteAuditReader(path: path, database: pool, keys: keeper.textKeys)
    }

    /// Keeps one record; returns when it is durable.
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

    /// Waits for the records under way, signs a last checkpoint, folds the log into the file and closes it.
    ///
    /// Later calls fail.
    ///
    /// Blocks until the file is closed. Closing is not required for safety.
    public func close() throws(AuditError) {
        queue.close()
        do {
            if let sealing { try pool.write { db in try sealing.sealRest(db) } }
            try pool.close()
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}

/// How much a store has written since it was opened.
public struct AuditWriteCounts: Sendable, Hashable {
    /// Records that are durable.
    public var records = 0
    /// Transactions that they took.
    public var transactions = 0
    /// Records that could not be kept.
    public var failures = 0
    /// Records that wait to be written.
    public var waiting = 0
    /// Records that wait in the file beside the store, because it could not be written.
    public var spilled = 0

    /// Nothing written.
    public init() {}
}
