import NIOCore
import NIOHTTP1

/// One connection to the chatbot, which carries one exchange after the other.
///
/// May be used from anywhere; what is asked of it happens on its event loop, at once where the caller runs there already.
struct UpstreamConnection: Sendable {
    /// What came of an answer by the time its head was read.
    struct Answer: Sendable {
        var head: HTTPResponseHead
        /// The whole body, when it came with the head; nil when there is more to read.
        var body: ByteBuffer?
    }

    let channel: any Channel
    private let handler: NIOLoopBound<UpstreamChannelHandler>

    init(channel: any Channel, handler: UpstreamChannelHandler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Says who is told when the connection is free for another exchange, and when it is closed.
    func adopt(onFree: @escaping @Sendable () -> Void, onClose: @escaping @Sendable () -> Void) {
        onLoop { $0.adopt(onFree: onFree, onClose: onClose) }
    }

    /// Sends a request; returns when the answer's head is there.
    ///
    /// - Parameters:
    ///   - body: the whole body; nil when ``write(_:of:)`` and ``finish(_:)`` bring it.
    ///   - exchange: what this exchange is called from now on; no other has the same number.
    /// - Throws: ``StaleConnection`` when the connection was closed before anything was sent, `CancellationError` when the task
    ///   was cancelled, or what broke the connection.
    func send(
        _ head: HTTPRequestHead,
        body: ByteBuffer?,
        as exchange: UInt64,
        timeout: TimeAmount
    ) async throws -> Answer {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                onLoop { $0.begin(exchange, head, body: body, timeout: timeout, continuation) }
            }
        } onCancel: {
            giveUp(exchange)
        }
    }

    /// A piece of an answer's body.
    struct Piece: Sendable {
        /// Empty at the end of some bodies.
        var bytes: ByteBuffer
        /// Whether it is the last: the exchange is over then.
        var isLast: Bool
    }

    /// The next piece of an answer's body.
    func next(of exchange: UInt64) async throws -> Piece {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                onLoop { $0.readPiece(of: exchange, continuation) }
            }
        } onCancel: {
            giveUp(exchange)
        }
    }

    /// Sends a piece of a request's body; returns when there is room for another.
    func write(_ piece: ByteBuffer, of exchange: UInt64) async throws {
        let written = channel.eventLoop.makePromise(of: Void.self)
        onLoop { $0.write(.body(.byteBuffer(piece)), of: exchange, promise: written) }
        try await written.futureResult.get()
    }

    /// Ends a request's body.
    func finish(_ exchange: UInt64) { onLoop { $0.write(.end(nil), of: exchange, promise: nil) } }

    /// Breaks an exchange off for a reason that is not the chatbot's; nothing happens when it is over.
    func fail(_ exchange: UInt64, _ error: any Error) { onLoop { $0.fail(exchange, error) } }

    /// Breaks an exchange off that nobody wants any more.
    func giveUp(_ exchange: UInt64) { fail(exchange, CancellationError()) }

    /// Closes the connection.
    func close() { channel.close(promise: nil) }

    private func onLoop(_ work: @escaping @Sendable (UpstreamChannelHandler) -> Void) {
        if channel.eventLoop.inEventLoop {
            work(handler.value)
        } else {
            channel.eventLoop.execute { work(handler.value) }
        }
    }
}

/// A connection was closed before anything of the request was sent, so that another may be tried.
struct StaleConnection: Error {}
