import Foundation

/// The one owner of a model's compute: a thread of its own, a pool for the matrix work, and a bounded queue.
///
/// Jobs run one at a time, in the order they came, and never on Swift's cooperative threads. A full queue is an error
/// at once, not a wait.
public final class Engine: Sendable {
    /// The model that jobs run.
    public let model: GemmaModel
    /// Jobs that may wait; one more may be running.
    public let queueLimit: Int
    private let queue: JobQueue

    /// Starts the engine's thread.
    ///
    /// - Parameter queueLimit: at least 1.
    public init(model: GemmaModel, queueLimit: Int = 64) {
        precondition(queueLimit >= 1, "an engine's queue can't hold \(queueLimit) jobs")
        self.model = model
        self.queueLimit = queueLimit
        let queue = JobQueue(limit: queueLimit)
        self.queue = queue
        let thread = Thread {
            queue.work(ForwardPass(model))
        }
        thread.name = "gemma-engine"
        thread.stackSize = 4 << 20
        thread.start()
    }

    deinit {
        queue.close()
    }

    /// The queue's state and counters; may be read at any time.
    public var load: EngineLoad { queue.currentLoad }

    /// Runs `body` on the engine's thread and returns what it returns.
    ///
    /// When the calling task is cancelled, a waiting job is dropped, and a running one stops at the next layer of its
    /// forward pass.
    ///
    /// - Parameter body: the work; the context it gets is valid only while it runs.
    /// - Throws: ``GemmaError/queueFull(limit:)``, ``GemmaError/cancelled``, ``GemmaError/shutDown``, or what `body`
    ///   throws.
    public func run<Result: Sendable>(
        _ body: @Sendable @escaping (EngineContext) throws -> Result
    ) async throws -> Result {
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = EngineJob(
                    flag: flag,
                    run: { pass, queue in
                        let context = EngineContext(pass: pass, flag: flag, queue: queue)
                        let result = context.result(of: body)
                        return { continuation.resume(with: result) }
                    },
                    fail: { continuation.resume(throwing: $0) }
                )
                queue.submit(job)
            }
        } onCancel: {
            queue.cancel(flag)
        }
    }

    /// Ends the engine: fails the waiting jobs with ``GemmaError/shutDown``, stops a running one at its next layer, and
    /// refuses new ones; returns at once.
    public func shutdown() {
        queue.close()
    }
}

/// What a job may do on the engine's thread.
public struct EngineContext {
    private let pass: ForwardPass
    private let flag: CancellationFlag
    private let queue: JobQueue

    init(pass: ForwardPass, flag: CancellationFlag, queue: JobQueue) {
        self.pass = pass
        self.flag = flag
        self.queue = queue
    }

    /// The engine's model.
    public var model: GemmaModel { pass.model }

    /// Whether nobody waits for the job any more: its task was cancelled, or the engine is shutting down.
    public var isCancelled: Bool { flag.isSet || queue.isClosed }

    /// Runs segments as ``ForwardPass/forward(_:isCancelled:)`` does, up to the next layer when ``isCancelled``.
    public func forward(_ segments: [Segment]) throws(GemmaError) -> [[Float]] {
        try pass.forward(segments) { isCancelled }
    }

    /// What `body` returns or throws; a stop that came from a shutdown is told as such.
    func result<R>(of body: (EngineContext) throws -> R) -> Result<R, any Error> {
        do {
            guard !isCancelled else { throw GemmaError.cancelled }
            return .success(try body(self))
        } catch GemmaError.cancelled where !flag.isSet && queue.isClosed {
            return .failure(GemmaError.shutDown)
        } catch {
            return .failure(error)
        }
    }
}
