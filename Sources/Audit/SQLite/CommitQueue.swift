import GRDB
import Synchronization

/// Writes records in batches: while one transaction is being synced to disk, the records that arrive wait, and then share
/// the next transaction.
///
/// All work happens on the database's own writer queue, so nothing blocks a thread of the cooperative pool, and a caller
/// that is cancelled neither loses its record nor disturbs the batch.
final class CommitQueue: Sendable {
    /// Records that one transaction may hold; bounds how long the first waits for the last.
    static let batchLimit = 256

    private struct Waiting: Sendable {
        var record: StoredRecord
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isDraining = false
        var counts = AuditWriteCounts()
    }

    private let pool: DatabasePool
    private let path: String
    private let state = Mutex(State())

    init(pool: DatabasePool, path: String) {
        self.pool = pool
        self.path = path
    }

    var counts: AuditWriteCounts {
        state.withLock { state in
            var counts = state.counts
            counts.waiting = state.waiting.count
            return counts
        }
    }

    /// Adds a record to the chain; returns when it is durable.
    func commit(_ record: StoredRecord) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let mustStart = state.withLock { state in
                state.waiting.append(Waiting(record: record, continuation: continuation))
                defer { state.isDraining = true }
                return !state.isDraining
            }
            if mustStart { pool.asyncWriteWithoutTransaction { db in self.drain(db) } }
        }
    }

    private func drain(_ db: Database) {
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(Self.batchLimit))
                state.waiting.removeFirst(batch.count)
                state.isDraining = !batch.isEmpty
                return batch
            }
            guard !batch.isEmpty else { return }
            commit(batch, db)
        }
    }

    private func commit(_ batch: [Waiting], _ db: Database) {
        do {
            var refusals: [AuditError?] = []
            try db.inTransaction(.immediate) {
                refusals = try append(batch.map(\.record), db)
                return .commit
            }
            let written = refusals.count { $0 == nil }
            state.withLock { state in
                state.counts.transactions += 1
                state.counts.records += written
                state.counts.failures += batch.count - written
            }
            for (waiting, refusal) in zip(batch, refusals) {
                if let refusal {
                    waiting.continuation.resume(throwing: refusal)
                } else {
                    waiting.continuation.resume()
                }
            }
        } catch {
            let error = AuditError.of(error, path: path)
            state.withLock { $0.counts.failures += batch.count }
            for waiting in batch { waiting.continuation.resume(throwing: error) }
        }
    }

    /// Adds each record after the one before; gives the reason for each that was refused.
    private func append(_ records: [StoredRecord], _ db: Database) throws -> [AuditError?] {
        guard var end = try ChainEnd.fetch(db) else { throw AuditError.damaged(path: path) }
        let sameID = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM record WHERE id = ?)")
        let refusals = try records.map { record -> AuditError? in
            if try Bool.fetchOne(sameID, arguments: [record.id]) == true { return .duplicateID(record.id) }
            let sequence = end.sequence + 1
            let hash = ChainHash.of(record, sequence: sequence, previous: end.hash)
            try record.insert(db, sequence: sequence, previousHash: end.hash, hash: hash)
            end = ChainEnd(sequence: sequence, hash: hash)
            return nil
        }
        try end.save(db)
        return refusals
    }
}
