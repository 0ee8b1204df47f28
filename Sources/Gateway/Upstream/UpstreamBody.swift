public import NIOCore
import Synchronization

/// The body of an answer, read piece by piece and only as fast as it is asked for; one call at a time.
public final class UpstreamBody: Sendable {
    private enum Source: Sendable {
        case bytes
        case sequence(PieceReader)
        case connection(UpstreamConnection, exchange: UInt64)
    }

    private let source: Source
    /// What is there already; nil once it was taken.
    private let bytes: Mutex<ByteBuffer?>
    private let isOver = Atomic(false)

    /// Creates a body from a sequence of pieces, whose iterator is made at once.
    public init<Pieces: AsyncSequence & Sendable>(_ pieces: Pieces) where Pieces.Element == ByteBuffer {
        source = .sequence(PieceReader(pieces))
        bytes = Mutex(nil)
    }

    /// Creates a body that is there already.
    public init(bytes: ByteBuffer) {
        source = .bytes
        self.bytes = Mutex(bytes)
    }

    /// Creates a body that a connection is still to bring.
    init(of exchange: UInt64, on connection: UpstreamConnection) {
        source = .connection(connection, exchange: exchange)
        bytes = Mutex(nil)
    }

    deinit { giveUp() }

    /// The next piece; nil at the end.
    ///
    /// - Throws: ``UpstreamFailure``, or `CancellationError` when the task was cancelled.
    public func next() async throws -> ByteBuffer? {
        guard !isOver.load(ordering: .relaxed) else { return nil }
        do {
            switch source {
            case .bytes:
                let taken = bytes.withLock { $0.take() }
                return taken.flatMap { $0.readableBytes > 0 ? $0 : nil }
            case .sequence(let reader):
                return try await reader.next()
            case .connection(let connection, let exchange):
                let piece = try await connection.next(of: exchange)
                if piece.isLast { isOver.store(true, ordering: .relaxed) }
                return piece.bytes.readableBytes > 0 ? piece.bytes : nil
            }
        } catch {
            throw HTTPUpstream.failure(error)
        }
    }

    /// Gives up what has not been read; the upstream stops sending.
    func drop() async {
        giveUp()
        if case .sequence(let reader) = source { await reader.drop() }
    }

    private func giveUp() {
        guard !isOver.exchange(true, ordering: .relaxed) else { return }
        if case .connection(let connection, let exchange) = source { connection.giveUp(exchange) }
    }

    /// Reads the whole body.
    ///
    /// - Throws: ``GatewayError/responseTooLarge`` past `maxBytes`, or what ``next()`` throws.
    func collect(upTo maxBytes: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() {
            guard bytes.count + piece.readableBytes <= maxBytes else { throw GatewayError.responseTooLarge }
            bytes += piece.readableBytesView
        }
        return bytes
    }
}

/// Reads any sequence of pieces.
private actor PieceReader {
    private var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>

    init<Pieces: AsyncSequence & Sendable>(_ pieces: Pieces) where Pieces.Element == ByteBuffer {
        iterator = ErasedFailure(base: pieces.makeAsyncIterator())
    }

    func next() async throws -> ByteBuffer? {
        var iterator = iterator
        defer { self.iterator = iterator }
        return try await iterator.next(isolation: self)
    }

    func drop() { iterator = ErasedFailure(base: AsyncStream<ByteBuffer> { $0.finish() }.makeAsyncIterator()) }
}

/// Any iterator, with its failure type widened.
private struct ErasedFailure<Base: AsyncIteratorProtocol>: AsyncIteratorProtocol where Base.Element == ByteBuffer {
    var base: Base

    mutating func next() async throws -> ByteBuffer? { try await base.next(isolation: #isolation) }

    mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> ByteBuffer? {
        try await base.next(isolation: actor)
    }
}
