import Hummingbird
import NIOCore
import NIOHTTP1

/// A client's body on its way to the upstream.
///
/// The upstream may answer, and end, before it has read all of it, while the server goes on to read the client's next
/// request. Two readers of one connection would crash, so ``stop()`` waits until the last read is over.
actor Upload {
    /// Length in bytes, where the client said it.
    nonisolated let length: Int64?
    /// Why the client's body broke off.
    private(set) var failure: GatewayError?

    private var iterator: RequestBody.AsyncIterator
    private var read: Task<ByteBuffer?, any Error>?
    private var isStopped = false

    /// Takes a request's body; nil for a request without one.
    init?(_ request: Request) {
        let length = request.headers[.contentLength].flatMap { Int64($0) }
        guard length ?? 1 > 0, length != nil || request.headers.contains(.transferEncoding) else { return nil }
        self.length = length
        iterator = request.body.makeAsyncIterator()
    }

    /// The body as the upstream reads it.
    nonisolated var pieces: RequestPieces { RequestPieces { try await self.next() } }

    private func next() async throws -> ByteBuffer? {
        guard !isStopped else { throw CancellationError() }
        // A task of its own, so that `stop()` can end it whoever waits for it.
        let read = Task { try await pull() }
        self.read = read
        do {
            return try await read.value
        } catch {
            if error is HTTPParserError { failure = .malformedHTTP }
            if let error = error as? GatewayError { failure = error }
            throw error
        }
    }

    private func pull() async throws -> ByteBuffer? {
        var iterator = iterator
        defer { self.iterator = iterator }
        return try await iterator.next(isolation: self)
    }

    /// Ends reading and waits until nothing reads any more.
    func stop() async {
        isStopped = true
        read?.cancel()
        _ = await read?.result
    }
}
