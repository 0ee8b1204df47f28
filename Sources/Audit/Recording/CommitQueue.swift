import Dispatch
import Foundation
import Synchronization

/// Writes records in batches, on a thread of its own.
///
/// A transaction is open while records come, and is synced to disk as soon as somebody waits for one of them. Meanwhile the
/// next ones gather.
///
/// A record that nobody waits for yet is given a moment for others to join it; most of the work is done by the time that
/// anybody waits. A caller that is cancelled neither loses its record nor disturbs the batch.
final class CommitQueue: Sendable {
    private let writer: BatchWriter

    init(_ log: any RecordLog, spill: SpillFile) {
        let writer = BatchWriter(log, spill: spill)
        self.writer = writer
        Thread.detachNewThread { writer.run() }
    }

    deinit { writer.stop() }

    var counts: AuditWriteCounts { writer.counts }

    /// Whether the last transaction failed.
    var isFailing: Bool { writer.isFailing }

    /// Takes a record, whose place in the chain is after those that were taken before it.
    func add(_ record: StoredRecord) -> QueuedRecord { writer.add(record) }

    /// Returns when a record is durable.
    func commit(_ queued: QueuedRecord) async throws {
        if !queued.isSettled { writer.want(queued) }
        try await queued.settled()
    }

    /// Blocks until everything that was taken is written; takes nothing more.
    func close() {
        writer.stop()
        writer.awaitEnd()
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
    /// How many were taken up to it.
    let place: Int
    private let state = Mutex(State.pending)

    init(_ record: StoredRecord, place: Int) {
        self.record = record
        self.place = place
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
