import Dispatch
import Synchronization

/// What the thread of a ``CommitQueue`` does.
final class BatchWriter: Sendable {
    /// Records that one transaction may hold; bounds how long the first waits for the last.
    private static let batchLimit = 256
    /// How long a record that nobody waits for is put off.
    private static let delay = DispatchTimeInterval.milliseconds(2)
    /// How often it is tried to put spilled records into the store while no others come.
    private static let replayInterval = DispatchTimeInterval.seconds(5)

    private struct State {
        var waiting: [QueuedRecord] = []
        /// Records taken so far.
        var taken = 0
        /// Place of the last record that somebody waits for.
        var wanted = 0
        var isSleeping = false
        var isStopped = false
        var isFailing = false
        var counts = AuditWriteCounts()

        mutating func takeWaiting(_ limit: Int) -> [QueuedRecord] {
            let records = Array(waiting.prefix(limit))
            waiting.removeFirst(records.count)
            return records
        }
    }

    /// What there is to do.
    private enum Step {
        case insert([QueuedRecord])
        case commit
        case sleep
    }

    private let log: any RecordLog
    private let spill: SpillFile
    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    init(_ log: any RecordLog, spill: SpillFile) {
        self.log = log
        self.spill = spill
    }

    var counts: AuditWriteCounts {
        state.withLock { state in
            var counts = state.counts
            counts.waiting = state.waiting.count
            counts.spilled = spill.count
            return counts
        }
    }

    var isFailing: Bool { state.withLock(\.isFailing) }

    func add(_ record: StoredRecord) -> QueuedRecord {
        let queued: QueuedRecord? = change { state in
            guard !state.isStopped else { return nil }
            state.taken += 1
            let queued = QueuedRecord(record, place: state.taken)
            state.waiting.append(queued)
            return queued
        }
        if let queued { return queued }
        let refused = QueuedRecord(record, place: 0)
        refused.settle(.closed(path: log.name))
        return refused
    }

    func want(_ queued: QueuedRecord) { change { $0.wanted = max($0.wanted, queued.place) } }

    func stop() { change { $0.isStopped = true } }

    /// Blocks until the thread has ended.
    func awaitEnd() {
        ended.wait()
        ended.signal()
    }

    /// Writes what was spilled before, and what comes until it is stopped.
    func run() {
        try? replay()
        while awaitRecords() { commit() }
        try? replay()
        ended.signal()
    }
}

// MARK: - Waiting

extension BatchWriter {
    /// Sleeps until a record has come; false when none will.
    private func awaitRecords() -> Bool {
        while true {
            let isThere: Bool? = state.withLock { state in
                guard state.waiting.isEmpty else { return true }
                guard !state.isStopped else { return false }
                state.isSleeping = true
                return nil
            }
            if let isThere { return isThere }
            // What waits beside the store goes into it once that works again, also while nothing else comes.
            let hasSpill = spill.count > 0
            if !sleep(until: hasSpill ? .now() + Self.replayInterval : .distantFuture) { try? replay() }
        }
    }

    private func takeWaiting(_ limit: Int) -> [QueuedRecord] { state.withLock { $0.takeWaiting(limit) } }

    /// - Parameter place: the first record of the open transaction.
    private func next(since place: Int, atMost limit: Int) -> Step {
        state.withLock { state in
            let records = state.takeWaiting(limit)
            guard records.isEmpty else { return .insert(records) }
            if state.wanted >= place || state.isStopped || limit == 0 { return .commit }
            state.isSleeping = true
            return .sleep
        }
    }

    /// Changes the state and wakes the thread if it sleeps.
    @discardableResult
    private func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        let (value, isAsleep) = state.withLock { state in
            let value = body(&state)
            defer { state.isSleeping = false }
            return (value, state.isSleeping)
        }
        if isAsleep { changed.signal() }
        return value
    }

    /// Sleeps until something changes; says whether it did.
    private func sleep(until deadline: DispatchTime) -> Bool {
        if changed.wait(timeout: deadline) == .success { return true }
        let isOver = state.withLock { state in
            defer { state.isSleeping = false }
            return state.isSleeping
        }
        if isOver { return false }
        // It changed at the last moment: the signal has come, or is about to.
        changed.wait()
        return true
    }
}

// MARK: - Writing

extension BatchWriter {
    /// Writes a transaction of what is there and of what comes until somebody waits for it.
    private func commit() {
        var batch: [QueuedRecord] = []
        var refusals: [AuditError?] = []
        let deadline = DispatchTime.now() + Self.delay
        do {
            try replay()
            refusals = try log.write { add in
                var records = takeWaiting(Self.batchLimit)
                open: while true {
                    batch += records
                    for queued in records { try add(queued.record) }
                    switch next(since: batch[0].place, atMost: Self.batchLimit - batch.count) {
                    case .insert(let more): records = more
                    case .sleep where sleep(until: deadline): records = []
                    case .sleep, .commit: break open
                    }
                }
            }
        } catch {
            return fail(batch.isEmpty ? takeWaiting(Self.batchLimit) : batch, AuditError.of(error, path: log.name))
        }
        let written = refusals.count { $0 == nil }
        state.withLock { state in
            state.isFailing = false
            state.counts.transactions += 1
            state.counts.records += written
            state.counts.failures += batch.count - written
        }
        for (queued, refusal) in zip(batch, refusals) { queued.settle(refusal) }
    }

    /// Puts the records beside the store, after those that wait there, or says that they are not kept.
    private func fail(_ batch: [QueuedRecord], _ error: AuditError) {
        let isSpilled = spill.append(batch.map(\.record))
        state.withLock { state in
            state.isFailing = true
            if !isSpilled { state.counts.failures += batch.count }
        }
        for queued in batch { queued.settle(isSpilled ? nil : error) }
    }

    /// Puts what waits beside the store into it.
    ///
    /// A record that is there already was put there by a process that ended before it could remove the file.
    private func replay() throws {
        guard spill.count > 0 else { return }
        try spill.replay { records in
            let refusals = try log.write { add in
                for record in records { try add(record) }
            }
            state.withLock { state in
                state.counts.transactions += 1
                state.counts.records += refusals.count { $0 == nil }
            }
        }
        try spill.clear()
    }
}
