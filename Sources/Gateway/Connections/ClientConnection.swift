import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// One client's connection, which carries one request after the other.
///
/// May be used from anywhere; what is asked of it happens on its event loop, at once where the caller runs there already.
struct ClientConnection: ServerChildChannelValue {
    let channel: any Channel
    private let handler: NIOLoopBound<ClientChannelHandler>

    init(channel: any Channel, handler: ClientChannelHandler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Says what is to be done when the client hangs up or closes its side.
    func onDeparture(_ leave: @escaping @Sendable () -> Void) { onLoop { $0.onDeparture(leave) } }

    /// The next request; nil when there won't be any.
    func nextRequest() async -> Request? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = Task.isCancelled
                onLoop {
                    isCancelled ? continuation.resume(returning: nil) : $0.readRequest(for: continuation, on: self)
                }
            }
        } onCancel: {
            onLoop { $0.stopReadingRequests() }
        }
    }

    /// The next piece of a request's body; nil at its end.
    ///
    /// - Throws: ``GatewayError/clientStalled``, ``GatewayError/clientGone``, `HTTPParserError`, or `CancellationError` when the
    ///   task was cancelled.
    func nextPiece(of request: Int) async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                onLoop { $0.readPiece(of: request, for: continuation) }
            }
        } onCancel: {
            onLoop { $0.stopReading(request) }
        }
    }

    /// Sends an answer; returns when all of it is on its way.
    func send(_ response: Response) async throws {
        var head = response.head
        head.headerFields[.date] = HTTPDate.now
        // What has a length is sent together with its first bytes.
        let isWhole = response.body.contentLength != nil
        onLoop { [head] in $0.writeHead(head, isFlushed: !isWhole) }
        try await response.body.write(Writer(connection: self))
    }

    /// Closes the connection, unless it is closing; returns when it is closed.
    func close() async {
        onLoop { $0.finish() }
        try? await channel.closeFuture.get()
    }

    private func write(_ bytes: ByteBuffer) async throws {
        if channel.eventLoop.inEventLoop, try handler.value.write(bytes) { return }
        try await withCheckedThrowingContinuation { continuation in
            onLoop { $0.write(channel.eventLoop.inEventLoop ? ByteBuffer() : bytes, thenResume: continuation) }
        }
    }

    private func onLoop(_ work: @escaping @Sendable (ClientChannelHandler) -> Void) {
        if channel.eventLoop.inEventLoop {
            work(handler.value)
        } else {
            channel.eventLoop.execute { work(handler.value) }
        }
    }

    /// Writes the body of an answer.
    private struct Writer: ResponseBodyWriter {
        let connection: ClientConnection

        func write(_ buffer: ByteBuffer) async throws { try await connection.write(buffer) }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
            connection.onLoop { $0.writeEnd(trailingHeaders) }
        }
    }
}

/// The body of a request that is still on its way.
struct ClientBody: AsyncSequence, Sendable {
    let connection: ClientConnection
    let request: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        let connection: ClientConnection
        let request: Int

        func next() async throws -> ByteBuffer? { try await connection.nextPiece(of: request) }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: connection, request: request) }
}
