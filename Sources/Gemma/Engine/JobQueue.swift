import Foundation
import Synchronization

/// Set once, by the task that waits for a job, when it is cancelled.
final class CancellationFlag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}

/// A piece of work for the engine's thread, of which exactly one of `run` and `fail` is called, once.
struct EngineJob: Sendable {
    let flag: CancellationFlag
    /// Does the work, and returns what hands its result to the waiting task.
    let run: @Sendable (ForwardPass, JobQueue) -> () -> Void
    /// Tells the waiting task that the work won't be done.
    let fail: @Sendable (GemmaError) -> Void
}

/// Jobs that wait for the engine's thread: first in, first out, at most `limit`.
final class JobQueue: @unchecked Sendable {
    // Sendable: `waiting`, `isBusy` and the counters are touched only while `condition` is locked.

    private let limit: Int
    private let condition = NSCondition()
    private let closed = Atomic<Bool>(false)
    private var waiting: [EngineJob] = []
    private var load = EngineLoad()

    init(limit: Int) {
        self.limit = limit
    }

    var isClosed: Bool { closed.load(ordering: .acquiring) }

    var currentLoad: EngineLoad {
        condition.withLock {
            var load = load
            load.waiting = waiting.count
            return load
        }
    }

    /// Queues a job, or fails it at once: cancelled, queue full, or shut down.
    func submit(_ job: EngineJob) {
        let failure: GemmaError? = condition.withLock {
            if isClosed { return .shutDown }
            if job.flag.isSet {
                load.cancelled += 1
                return .cancelled
            }
            if waiting.count >= limit {
                load.rejected += 1
                return .queueFull(limit: limit)
            }
            waiting.append(job)
            condition.signal()
            return nil
        }
        if let failure { job.fail(failure) }
    }

    /// Takes back the job that carries `flag`, if it still waits.
    func cancel(_ flag: CancellationFlag) {
        flag.set()
        let job: EngineJob? = condition.withLock {
            guard let index = waiting.firstIndex(where: { $0.flag === flag }) else { return nil }
            load.cancelled += 1
            return waiting.remove(at: index)
        }
        job?.fail(.cancelled)
    }

    /// Fails all waiting jobs and every later one; ends the thread after its present job.
    func close() {
        let dropped: [EngineJob] = condition.withLock {
            closed.store(true, ordering: .releasing)
            defer { waiting.removeAll() }
            condition.broadcast()
            return waiting
        }
        for job in dropped { job.fail(.shutDown) }
    }

    /// The engine thread's loop: takes jobs until the queue is closed.
    func work(_ pass: ForwardPass) {
        while let job = next() {
            let deliver = job.run(pass, self)
            // Counted first, so that a task that has its result finds it counted.
            condition.withLock {
                load.isBusy = false
                load.completed += 1
            }
            deliver()
        }
    }

    /// Waits for a job; nil once the queue is closed.
    private func next() -> EngineJob? {
        condition.withLock {
            while waiting.isEmpty && !isClosed { condition.wait() }
            guard !isClosed else { return nil }
            load.isBusy = true
            return waiting.removeFirst()
        }
    }
}
