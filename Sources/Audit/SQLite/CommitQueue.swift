import Dispatch
import GRDB
import Synchronization

/// Writes records in batches: while one transaction is being synced to disk, the records that arrive wait, and then share
/// the next transaction.
///
/// A record that nobody waits for yet is given a moment for others to join it. All work happens on the database's own writer
/// queue, so nothing blocks a thread of the cooperative pool, and a caller that is cancelled neither loses its record nor
/// disturbs the batch.
final class CommitQueue: Sendable {
    /// Records that one transaction may hold; bounds how long the first waits for the last.
    static let batchLimit = 256
    /// How long a record that nobody waits for is put off.
    static let delay = DispatchTimeInterval.milliseconds(2)

    private struct State {
        var waiting: [QueuedRecord] = []
        var isDraining = false
        var isTimerSet = false
        var isFailing = false
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

    /// Whether the last transaction failed.
    var isFailing: Bool { state.withLock(\.isFailing) }

    /// Takes a record, whose place in the chain is after those that were taken before it.
    func add(_ record: StoredRecord) -> QueuedRecord {
        let queued = QueuedRecord(record)
        let mustSetTimer = state.withLock { state in
            state.waiting.append(queued)
            // A drain under way takes it along.
            guard !state.isTimerSet, !state.isDraining else { return false }
            state.isTimerSet = true
            return true
        }
        if mustSetTimer {
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.delay) {
                self.state.withLock { $0.isTimerSet = false }
                self.start()
            }
        }
        return queued
    }

    /// Returns when a record is durable.
    func commit(_ queued: QueuedRecord) async throws {
        if !queued.isSettled { start() }
        try await queued.settled()
    }

    /// Writes what is there.
    func start() {
        let mustStart = state.withLock { state in
            guard !state.isDraining, !state.waiting.isEmpty else { return false }
            state.isDraining = true
            return true
        }
        if mustStart { pool.asyncWriteWithoutTransaction { db in self.drain(db) } }
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

    private func commit(_ batch: [QueuedRecord], _ db: Database) {
        do {
            var refusals: [AuditError?] = []
            try db.inTransaction(.immediate) {
                refusals = try append(batch.map(\.record), db)
                return .commit
            }
            let written = refusals.count { $0 == nil }
            state.withLock { state in
                state.isFailing = false
                state.counts.transactions += 1
                state.counts.records += written
                state.counts.failures += batch.count - written
            }
            for (queued, refusal) in zip(batch, refusals) { queued.settle(refusal) }
        } catch {
            let error = AuditError.of(error, path: path)
            state.withLock { state in
                state.isFailing = true
                state.counts.failures += batch.count
            }
            for queued in batch { queued.settle(error) }
        }
    }

    /// Adds each record after the one before; gives the reason for each that was refused.
    private func append(_ records: [StoredRecord], _ db: Database) throws -> [AuditError?] {
        guard var end = try ChainEnd.fetch(db) else { throw AuditError.damaged(path: path) }
        let refusals = try records.map { record -> AuditError? in
            let sequence = end.sequence + 1
            let hash = ChainHash.of(record, sequence: sequence, previous: end.hash)
            guard try record.insert(db, sequence: sequence, previousHash: end.hash, hash: hash) else {
                return .duplicateID(record.id)
            }
            end = ChainEnd(sequence: sequence, hash: hash)
            return nil
        }
        try end.save(db)
        return refusals
    }
}

/// A record on its way to the disk.
final class QueuedRecord: Sendable {
    private enum State {
        case pending
        case awaited(CheckedContinuation<Void, any Error>)
        case settled(AuditError?)
    }

    let record: StoredRecord
    private let state = Mutex(State.pending)

    init(_ record: StoredRecord) {
        self.record = record
    }

    /// Whether it is known what became of it.
    var isSettled: Bool {
        state.withLock { state in
            if case .settled = state { true } else { false }
        }
    }

    /// Takes note that it is durable, or why not.
    func settle(_ error: AuditError?) {
        let waiter = state.withLock { state in
            defer { state = .settled(error) }
            guard case .awaited(let continuation) = state else { return nil as CheckedContinuation<Void, any Error>? }
            return continuation
        }
        resume(waiter, error)
    }

    /// Returns when it is durable; asked once.
    func settled() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let outcome: AuditError?? = state.withLock { state in
                if case .settled(let error) = state { return .some(error) }
                state = .awaited(continuation)
                return nil
            }
            if let outcome { resume(continuation, outcome) }
        }
    }

    private func resume(_ continuation: CheckedContinuation<Void, any Error>?, _ error: AuditError?) {
        if let error { continuation?.resume(throwing: error) } else { continuation?.resume() }
    }
}
