import Synchronization

/// Segments that run in one pass, and the task that waits for their logits.
final class EngineRequest: Sendable {
    let segments: [Segment]
    let admission: Engine.Admission
    /// Tokens of all segments.
    let rows: Int
    let submitted = ContinuousClock.now
    private let cancellation = Atomic<Bool>(false)
    private let waiter = Mutex<CheckedContinuation<[[Float]], any Error>?>(nil)

    init(_ segments: [Segment], admission: Engine.Admission) {
        self.segments = segments
        self.admission = admission
        rows = segments.reduce(0) { $0 + $1.tokens.count }
    }

    /// The caches that the segments use.
    var caches: [ObjectIdentifier] { segments.compactMap { $0.cache.map(ObjectIdentifier.init) } }

    /// Whether nobody wants the answer any more.
    var isCancelled: Bool { cancellation.load(ordering: .acquiring) }

    func cancel() { cancellation.store(true, ordering: .releasing) }

    /// Says who gets the answer; once, before the request is queued.
    func setWaiter(_ continuation: CheckedContinuation<[[Float]], any Error>) {
        waiter.withLock { $0 = continuation }
    }

    /// Gives the answer; only the first one counts.
    func answer(_ result: Result<[[Float]], GemmaError>) {
        let continuation = waiter.withLock { waiter in
            defer { waiter = nil }
            return waiter
        }
        continuation?.resume(with: result)
    }
}
