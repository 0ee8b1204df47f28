import Foundation
import Synchronization

/// Requests on their way to the engine's thread, and that thread's loop.
final class RequestQueue: @unchecked Sendable {
    // Sendable: `line` and `load` are touched only while `condition` is locked.

    /// New requests are turned away while so many wait.
    private let limit: Int
    /// Tokens that requests may share a pass up to.
    private let passRows: Int
    private let condition = NSCondition()
    private let closed = Atomic<Bool>(false)
    private var line = WaitingLine()
    private var load = EngineLoad()

    init(limit: Int, passRows: Int) {
        self.limit = limit
        self.passRows = passRows
    }

    private var isClosed: Bool { closed.load(ordering: .acquiring) }

    var currentLoad: EngineLoad {
        condition.withLock {
            var load = load
            load.waiting = line.count
            return load
        }
    }

    /// Queues a request, or answers it at once: cancelled, queue full, or shut down.
    func submit(_ request: EngineRequest) {
        let failure: GemmaError? = condition.withLock {
            if isClosed { return .shutDown }
            if request.isCancelled {
                load.cancelled += 1
                return .cancelled
            }
            if request.admission == .new, line.count >= limit {
                load.rejected += 1
                return .queueFull(limit: limit)
            }
            line.add(request)
            condition.signal()
            return nil
        }
        if let failure { request.answer(.failure(failure)) }
    }

    /// Takes back a request that still waits; the answer of a running one will be thrown away.
    func cancel(_ request: EngineRequest) {
        request.cancel()
        let wasWaiting = condition.withLock {
            let wasWaiting = line.remove(request)
            if wasWaiting { load.cancelled += 1 }
            return wasWaiting
        }
        if wasWaiting { request.answer(.failure(.cancelled)) }
    }

    /// Fails all waiting requests and every later one; ends the thread at the next layer of its present pass.
    func close() {
        let dropped = condition.withLock {
            closed.store(true, ordering: .releasing)
            condition.broadcast()
            return line.removeAll()
        }
        for request in dropped { request.answer(.failure(.shutDown)) }
    }

    /// The engine thread's loop: runs pass after pass until the queue is closed.
    ///
    /// - Parameter willRun: called on this thread before each pass.
    func work(_ pass: ForwardPass, willRun: (EnginePass) -> Void) {
        while let requests = next() {
            willRun(EnginePass(rows: requests.map(\.rows)))
            let start = ContinuousClock.now
            let outcome = run(requests, on: pass)
            // Counted first, so that a task that has its answer finds it counted.
            condition.withLock {
                load.isBusy = false
                load.passes += 1
                load.rows += outcome.rows
                load.busySeconds += start.duration(to: .now) / .seconds(1)
                for request in requests {
                    load.waitedSeconds += request.submitted.duration(to: start) / .seconds(1)
                }
                let cancelled = outcome.answers.count { $0 == .failure(.cancelled) }
                load.cancelled += cancelled
                load.requests += requests.count - cancelled
            }
            for (request, answer) in zip(requests, outcome.answers) { request.answer(answer) }
        }
    }

    /// Waits for requests; nil once the queue is closed.
    private func next() -> [EngineRequest]? {
        condition.withLock {
            while line.count == 0 && !isClosed { condition.wait() }
            guard !isClosed else { return nil }
            load.isBusy = true
            return line.takePass(rows: passRows)
        }
    }

    /// Runs requests in one pass.
    ///
    /// The pass stops early only if nobody waits for any part of it.
    private func run(
        _ requests: [EngineRequest],
        on pass: ForwardPass
    ) -> (answers: [Result<[[Float]], GemmaError>], rows: Int) {
        // Checked again, since a cache may have grown meanwhile: what can't run fails alone.
        let failures = requests.map { request in
            Self.failure { () throws(GemmaError) in try pass.model.check(request.segments) }
        }
        let runnable = zip(requests, failures).filter { $1 == nil }.map(\.0)
        var logits: ArraySlice<[Float]> = []
        let stop = Self.failure { () throws(GemmaError) in
            logits = try pass.forward(runnable.flatMap(\.segments)) {
                isClosed || runnable.allSatisfy(\.isCancelled)
            }[...]
        }
        let answers = zip(requests, failures).map { request, failure -> Result<[[Float]], GemmaError> in
            if let failure { return .failure(failure) }
            let own = Array(logits.prefix(request.segments.count))
            logits = logits.dropFirst(own.count)
            if request.isCancelled { return .failure(.cancelled) }
            if let stop { return .failure(stop == .cancelled ? .shutDown : stop) }
            return .success(own)
        }
        return (answers, stop == nil ? runnable.reduce(0) { $0 + $1.rows } : 0)
    }

    private static func failure(_ body: () throws(GemmaError) -> Void) -> GemmaError? {
        do throws(GemmaError) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
