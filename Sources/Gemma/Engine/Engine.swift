import Foundation

/// The one owner of a model's compute: a thread of its own, a pool for the matrix work, and a bounded queue.
///
/// Requests that wait are put together into one forward pass, so that many callers share the price of reading the
/// weights; nothing runs on Swift's cooperative threads. A full queue is an error at once, not a wait.
public final class Engine: Sendable {
    /// Where a request joins the queue.
    public enum Admission: Sendable, Equatable {
        /// At the end; turned away when the queue is full.
        case new
        /// At the end, full or not: more of something that was begun, such as the next window of a text.
        case more
        /// Ahead of the others, full or not: the last part of something that was begun and holds a cache meanwhile.
        case finishing
    }

    /// The model that is run.
    public let model: GemmaModel
    /// Requests that may wait before new ones are turned away.
    public let queueLimit: Int
    /// Tokens that requests share a pass up to; a larger request has one of its own.
    public let passRows: Int
    private let queue: RequestQueue

    /// Starts the engine's thread.
    ///
    /// - Parameters:
    ///   - queueLimit: at least 1.
    ///   - passRows: at least 1; more serves many callers better, less lets a single one wait less.
    public convenience init(model: GemmaModel, queueLimit: Int = 64, passRows: Int = 256) {
        self.init(model: model, queueLimit: queueLimit, passRows: passRows) { _ in }
    }

    /// - Parameter willRun: called on the engine's thread before each pass, which begins when it returns.
    package init(
        model: GemmaModel,
        queueLimit: Int,
        passRows: Int = 256,
        willRun: @Sendable @escaping (EnginePass) -> Void
    ) {
        precondition(queueLimit >= 1, "an engine's queue can't hold \(queueLimit) requests")
        precondition(passRows >= 1, "an engine's pass can't have \(passRows) rows")
        self.model = model
        self.queueLimit = queueLimit
        self.passRows = passRows
        let queue = RequestQueue(limit: queueLimit, passRows: passRows)
        self.queue = queue
        // A larger request mostly fits into two passes' room: in one chunk, it reads the weights once.
        let thread = Thread {
            queue.work(ForwardPass(model, chunkRows: 2 * passRows), willRun: willRun)
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

    /// Runs segments in one pass, perhaps together with other requests, and returns for each the logits it asked for
    /// (empty for `.none`).
    ///
    /// A cache that another request uses makes this one wait for it; requests on one cache run in the order they came.
    /// When the calling task is cancelled, a waiting request is dropped, and a running pass stops at its next layer
    /// unless others share it. After an error a cache holds what it held before, or after a cancellation what the pass
    /// added; its count says which.
    ///
    /// - Throws: ``GemmaError/queueFull(limit:)``, ``GemmaError/cancelled``, ``GemmaError/shutDown``, or what is wrong
    ///   with the segments: ``GemmaError/invalidSegment(found:expected:)``,
    ///   ``GemmaError/tokenOutOfRange(id:vocabularySize:)``, ``GemmaError/contextExceeded(tokens:limit:)``.
    public func forward(_ segments: [Segment], admission: Admission = .new) async throws -> [[Float]] {
        try model.check(segments)
        guard !segments.isEmpty else { return [] }
        let request = EngineRequest(segments, admission: admission)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                request.setWaiter(continuation)
                queue.submit(request)
            }
        } onCancel: {
            queue.cancel(request)
        }
    }

    /// Ends the engine: fails the waiting requests with ``GemmaError/shutDown``, stops a running pass at its next
    /// layer, and refuses new requests; returns at once.
    public func shutdown() {
        queue.close()
    }
}
