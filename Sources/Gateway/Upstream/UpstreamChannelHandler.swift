import NIOCore
import NIOHTTP1

/// Turns what happens on one connection into answers; used on the connection's event loop only.
///
/// Nothing is read while a piece waits for whoever asked for the answer, so a slow client slows the chatbot down.
final class UpstreamChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = Never
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPClientRequestPart

    typealias AnswerContinuation = CheckedContinuation<UpstreamConnection.Answer, any Error>
    typealias PieceContinuation = CheckedContinuation<UpstreamConnection.Piece, any Error>

    /// How far the answer is.
    private enum Phase {
        /// No exchange.
        case idle
        case awaitingHead(AnswerContinuation)
        /// The head is there, and maybe more of what was read with it.
        case readingHead(AnswerContinuation, HTTPResponseHead)
        /// Whoever asked has the head.
        case body(waiter: PieceContinuation?)
        case closed
    }

    private let idleTimeout: TimeAmount
    private let pieceTimeout: TimeAmount
    private var onFree: () -> Void = {}
    private var onClose: () -> Void = {}

    private var context: ChannelHandlerContext?
    private var phase = Phase.idle
    private var exchange: UInt64 = 0
    /// An exchange that was given up before it began.
    private var unwanted: UInt64?
    private var isRequestSent = true
    private var isAnswerRead = true
    private var keepsAlive = true
    private var failure: (any Error)?
    private var pending = ByteBuffer()
    private var isReadHeldBack = false
    private var alarm: Alarm?

    /// - Parameters:
    ///   - idleTimeout: how long it may be open without an exchange.
    ///   - pieceTimeout: how long the next piece of a body may take.
    init(idleTimeout: TimeAmount, pieceTimeout: TimeAmount) {
        self.idleTimeout = idleTimeout
        self.pieceTimeout = pieceTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        alarm = Alarm(on: context.eventLoop) { [unowned self] in timeIsOver() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(with: UpstreamFailure.brokeOff)
        self.context = nil
    }
}

// MARK: - What is asked of it

extension UpstreamChannelHandler {
    func adopt(onFree: @escaping () -> Void, onClose: @escaping () -> Void) {
        (self.onFree, self.onClose) = (onFree, onClose)
        if case .closed = phase { onClose() }
    }

    func begin(
        _ exchange: UInt64,
        _ head: HTTPRequestHead,
        body: ByteBuffer?,
        timeout: TimeAmount,
        _ continuation: AnswerContinuation
    ) {
        guard case .idle = phase, let context, context.channel.isActive else {
            continuation.resume(throwing: StaleConnection())
            return
        }
        guard unwanted != exchange else {
            continuation.resume(throwing: CancellationError())
            onFree()
            return
        }
        self.exchange = exchange
        phase = .awaitingHead(continuation)
        (isRequestSent, isAnswerRead, keepsAlive, failure) = (body != nil, false, true, nil)
        alarm?.set(after: timeout)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body {
            if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
            context.write(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.flush()
    }

    func write(_ part: HTTPClientRequestPart, of exchange: UInt64, promise: EventLoopPromise<Void>?) {
        guard self.exchange == exchange, !isRequestSent, let context else {
            promise?.fail(CancellationError())
            return
        }
        if case .end = part { isRequestSent = true }
        context.writeAndFlush(wrapOutboundOut(part), promise: promise)
        freeIfOver()
    }

    func readPiece(of exchange: UInt64, _ continuation: PieceContinuation) {
        guard self.exchange == exchange else {
            continuation.resume(throwing: UpstreamFailure.brokeOff)
            return
        }
        switch phase {
        case .body(nil) where pending.readableBytes > 0 || isAnswerRead, .closed where pending.readableBytes > 0:
            givePiece(to: continuation)
        case .body(nil):
            phase = .body(waiter: continuation)
            alarm?.set(after: pieceTimeout)
        default:
            continuation.resume(throwing: failure ?? UpstreamFailure.brokeOff)
        }
    }

    func fail(_ exchange: UInt64, _ error: any Error) {
        guard self.exchange == exchange else {
            unwanted = exchange
            return
        }
        switch phase {
        case .idle, .closed: return
        case .awaitingHead, .readingHead, .body: break
        }
        if isAnswerRead, isRequestSent {
            _ = takePending()
            freeIfOver()
        } else {
            end(with: error)
            context?.close(promise: nil)
        }
    }
}

// MARK: - What happens

extension UpstreamChannelHandler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), phase) {
        case (.head(let head), .awaitingHead(let continuation)):
            keepsAlive = head.isKeepAlive
            phase = .readingHead(continuation, head)
        case (.body(var piece), .readingHead), (.body(var piece), .body):
            if pending.readableBytes == 0 { pending = piece } else { pending.writeBuffer(&piece) }
        case (.end, .readingHead), (.end, .body):
            isAnswerRead = true
        default:
            // An answer that nobody asked for.
            end(with: UpstreamFailure.brokeOff)
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch phase {
        case .readingHead(let continuation, let head):
            phase = .body(waiter: nil)
            // Whoever asked takes their time.
            alarm?.unset()
            let answer = answer(head)
            // Free before whoever asked goes on: the next request may be theirs.
            freeIfOver()
            continuation.resume(returning: answer)
        case .body(let waiter?) where pending.readableBytes > 0 || isAnswerRead:
            phase = .body(waiter: nil)
            alarm?.unset()
            givePiece(to: waiter)
        default: break
        }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if pending.readableBytes > 0 { isReadHeldBack = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(with: error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(with: UpstreamFailure.brokeOff)
        context.fireChannelInactive()
    }

    private func answer(_ head: HTTPResponseHead) -> UpstreamConnection.Answer {
        UpstreamConnection.Answer(head: head, body: isAnswerRead ? takePending() : nil)
    }

    private func givePiece(to continuation: PieceContinuation) {
        let piece = UpstreamConnection.Piece(bytes: takePending(), isLast: isAnswerRead)
        freeIfOver()
        continuation.resume(returning: piece)
    }

    /// Everything that was read and not given on; reading goes on.
    private func takePending() -> ByteBuffer {
        let taken = pending
        pending = ByteBuffer()
        if isReadHeldBack {
            isReadHeldBack = false
            context?.read()
        }
        return taken
    }

    /// Makes room for the next exchange when this one is over on both sides and all of it was taken.
    private func freeIfOver() {
        guard case .body(nil) = phase, isAnswerRead, isRequestSent || !keepsAlive, pending.readableBytes == 0 else {
            return
        }
        guard keepsAlive else {
            context?.close(promise: nil)
            return
        }
        phase = .idle
        alarm?.set(after: idleTimeout)
        onFree()
    }

    /// The connection is of no more use: tells whoever waits.
    private func end(with error: any Error) {
        if case .closed = phase { return }
        let last = phase
        phase = .closed
        failure = error
        alarm?.cancel()
        switch last {
        case .awaitingHead(let continuation): continuation.resume(throwing: error)
        // What came before the end is still worth reading.
        case .readingHead(let continuation, let head): continuation.resume(returning: answer(head))
        case .body(let waiter?) where pending.readableBytes > 0 || isAnswerRead: givePiece(to: waiter)
        case .body(let waiter): waiter?.resume(throwing: error)
        case .idle, .closed: break
        }
        onClose()
    }
}

// MARK: - Time

extension UpstreamChannelHandler {
    private func timeIsOver() {
        end(with: UpstreamFailure.timedOut)
        context?.close(promise: nil)
    }
}
