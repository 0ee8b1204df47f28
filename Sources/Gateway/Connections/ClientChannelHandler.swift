import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Turns what comes over one client's connection into requests, and watches it; used on the connection's event loop only.
///
/// - A request that came whole is handed over whole; of a longer one, nothing is read that nobody asked for.
/// - A client that pauses for too long inside a body gets ``GatewayError/clientStalled`` into its body. Pauses that the
///   gateway causes by not reading don't count.
/// - A client that leaves what it is sent unread for too long is disconnected.
/// - After an answer that closes the connection, what the client still sends is read and dropped for a moment, so that
///   it gets to read the answer (RFC 9112, section 9.6).
/// - A head that can't be read is answered with a JSON error.
final class ClientChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = Never
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPResponsePart

    typealias RequestContinuation = CheckedContinuation<Request?, Never>
    typealias PieceContinuation = CheckedContinuation<ByteBuffer?, any Error>

    /// Asks the handler to tell a client that waits for it to go on sending (`100 Continue`).
    struct Proceed: Sendable {}

    /// How long a client has time for.
    struct Timeouts {
        /// To be silent inside a body.
        var body: TimeAmount
        /// To leave what it is sent unread.
        var unread: TimeAmount
        /// To be silent between requests.
        var idle: TimeAmount
        /// To read the last answer.
        var linger = TimeAmount.seconds(2)
    }

    /// How far the connection is.
    private enum Phase {
        /// No request.
        case idle
        /// A request is read or answered.
        case serving
        /// The last answer was sent; what comes is dropped.
        case lingering
        case closed
    }

    private let timeouts: Timeouts
    private var context: ChannelHandlerContext?
    private var alarm: Alarm?
    private var leave: () -> Void = {}
    private var phase = Phase.idle

    // What is read.
    private var request = 0
    private var requestWaiter: (continuation: RequestContinuation, connection: ClientConnection)?
    private var head: HTTPRequest?
    private var pieceWaiter: PieceContinuation?
    private var pending = ByteBuffer()
    private var isBodyRead = true
    private var isBodyUnwanted = false
    /// A request of whose body no more is wanted.
    private var stoppedRequest: Int?
    private var failure: (any Error)?
    private var parserError: HTTPParserError?
    /// What the client sent of its next requests.
    private var parked: [HTTPRequestPart] = []
    private var isReadHeldBack = false
    private var isInputClosed = false

    // What is written.
    private var closesAfterAnswer = false
    private var roomWaiters: [CheckedContinuation<Void, any Error>] = []
    private var unreadCheck: Scheduled<Void>?

    init(_ timeouts: Timeouts) {
        self.timeouts = timeouts
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        alarm = Alarm(on: context.eventLoop) { [unowned self] in timeIsOver() }
        alarm?.set(after: timeouts.idle)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func onDeparture(_ leave: @escaping () -> Void) {
        self.leave = leave
        if phase == .closed || isInputClosed { leave() }
    }
}

// MARK: - Requests

extension ClientChannelHandler {
    func readRequest(for continuation: RequestContinuation, on connection: ClientConnection) {
        // Of the request before; a head that waits is the next one's.
        let isUnread = !isBodyRead && head == nil
        let isBroken = isUnread && (failure ?? parserError) != nil
        guard phase == .serving || phase == .idle, requestWaiter == nil, !isInputClosed, !isBroken else {
            continuation.resume(returning: nil)
            return
        }
        phase = .idle
        requestWaiter = (continuation, connection)
        if isUnread {
            // Nobody wanted the rest.
            isBodyUnwanted = true
            _ = takePending()
            alarm?.set(after: timeouts.body)
        } else {
            alarm?.set(after: timeouts.idle)
        }
        unpark()
    }

    func stopReadingRequests() {
        let waiter = requestWaiter
        requestWaiter = nil
        waiter?.continuation.resume(returning: nil)
    }

    func readPiece(of request: Int, for continuation: PieceContinuation) {
        guard request == self.request, request != stoppedRequest, pieceWaiter == nil else {
            continuation.resume(throwing: CancellationError())
            return
        }
        if pending.readableBytes > 0 {
            continuation.resume(returning: takePending())
        } else if isBodyRead {
            continuation.resume(returning: nil)
        } else if let failure = failure ?? parserError {
            closesAfterAnswer = true
            continuation.resume(throwing: failure)
        } else {
            pieceWaiter = continuation
            alarm?.set(after: timeouts.body)
            readOn()
        }
    }

    func stopReading(_ request: Int) {
        guard request == self.request else { return }
        stoppedRequest = request
        giveUpPiece(CancellationError())
    }

    private func giveUpPiece(_ error: any Error) {
        alarm?.unset()
        let waiter = pieceWaiter
        pieceWaiter = nil
        waiter?.resume(throwing: error)
    }

    /// Reads what came before it was wanted.
    private func unpark() {
        var parts = parked[...]
        parked = []
        while let part = parts.popFirst() {
            guard canRead(part) else {
                parked = [part] + parts
                break
            }
            take(part)
        }
        deliver()
        if phase == .idle, head == nil, let parserError { refuse(parserError) }
        readOn()
    }

    /// Whether a part belongs to what is read now, rather than to a request after it.
    private func canRead(_ part: HTTPRequestPart) -> Bool {
        switch part {
        case .head: phase == .idle && head == nil && isBodyRead
        case .body, .end: !isBodyRead
        }
    }

    private func take(_ part: HTTPRequestPart) {
        switch part {
        case .head(let head):
            self.head = head
            request += 1
            (isBodyRead, isBodyUnwanted, failure) = (false, false, nil)
        case .body(var bytes):
            if isBodyUnwanted {
                alarm?.set(after: timeouts.body)
            } else if pending.readableBytes == 0 {
                pending = bytes
            } else {
                pending.writeBuffer(&bytes)
            }
        case .end:
            isBodyRead = true
            if isBodyUnwanted { alarm?.set(after: timeouts.idle) }
        }
    }

    /// Hands over what was read to whoever waits for it.
    private func deliver() {
        if let head, let waiter = requestWaiter {
            self.head = nil
            requestWaiter = nil
            phase = .serving
            alarm?.unset()
            if head.headerFields[.connection]?.lowercased() == "close" { closesAfterAnswer = true }
            let body =
                isBodyRead
                ? RequestBody(buffer: takePending())
                : RequestBody(asyncSequence: ClientBody(connection: waiter.connection, request: request))
            waiter.continuation.resume(returning: Request(head: head, body: body))
        }
        if let waiter = pieceWaiter, pending.readableBytes > 0 || isBodyRead {
            pieceWaiter = nil
            alarm?.unset()
            waiter.resume(returning: pending.readableBytes > 0 ? takePending() : nil)
        }
    }

    private func takePending() -> ByteBuffer {
        defer { pending = ByteBuffer() }
        return pending
    }
}

// MARK: - What happens

extension ClientChannelHandler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .idle || phase == .serving else { return }
        let part = unwrapInboundIn(data)
        if parked.isEmpty, canRead(part) { take(part) } else { parked.append(part) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if parked.isEmpty { deliver() } else { unpark() }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if wantsMore { context.read() } else { isReadHeldBack = true }
    }

    private var wantsMore: Bool {
        switch phase {
        case .idle: parked.isEmpty
        // Reading on after the body shows a client that hangs up.
        case .serving: parked.isEmpty && (isBodyRead || pieceWaiter != nil)
        case .lingering, .closed: true
        }
    }

    private func readOn() {
        guard isReadHeldBack, wantsMore else { return }
        isReadHeldBack = false
        context?.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, phase == .idle || phase == .serving else {
            context.close(promise: nil)
            return
        }
        parserError = error
        if phase == .serving || head != nil {
            guard !isBodyRead else { return }
            closesAfterAnswer = true
            failure = error
            deliver()
            giveUpPiece(error)
        } else {
            refuse(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            if phase == .idle, head == nil { context.close(promise: nil) } else { closesAfterAnswer = true }
        }
        if let event = event as? ChannelEvent, event == .inputClosed {
            isInputClosed = true
            giveUp()
            if phase == .lingering { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        phase = .closed
        alarm?.cancel()
        unreadCheck?.cancel()
        let waiters = roomWaiters
        roomWaiters = []
        for waiter in waiters { waiter.resume(throwing: GatewayError.clientGone) }
        giveUp()
    }

    /// The client is gone, or won't say anything any more.
    private func giveUp() {
        failure = failure ?? GatewayError.clientGone
        giveUpPiece(GatewayError.clientGone)
        stopReadingRequests()
        leave()
    }

    private func timeIsOver() {
        switch phase {
        case .serving where pieceWaiter != nil:
            failure = GatewayError.clientStalled
            giveUpPiece(GatewayError.clientStalled)
        case .serving: break
        case .idle, .lingering, .closed: context?.close(promise: nil)
        }
    }
}

// MARK: - Writing

extension ClientChannelHandler {
    func writeHead(_ head: HTTPResponse, isFlushed: Bool) {
        if head.headerFields[.connection]?.lowercased() == "close" { closesAfterAnswer = true }
        context?.write(wrapOutboundOut(.head(head)), promise: nil)
        if isFlushed { context?.flush() }
    }

    /// Writes a piece of a body; says whether there is room for another.
    func write(_ bytes: ByteBuffer) throws -> Bool {
        guard phase == .serving, let context else { throw GatewayError.clientGone }
        context.writeAndFlush(wrapOutboundOut(.body(bytes)), promise: nil)
        return context.channel.isWritable
    }

    /// Writes a piece of a body, or nothing, and resumes when there is room for another.
    func write(_ bytes: ByteBuffer, thenResume continuation: CheckedContinuation<Void, any Error>) {
        do {
            if try bytes.readableBytes > 0 ? write(bytes) : phase != .serving || context?.channel.isWritable == true {
                continuation.resume()
            } else {
                roomWaiters.append(continuation)
            }
        } catch {
            continuation.resume(throwing: error)
        }
    }

    func writeEnd(_ fields: HTTPFields?) {
        guard phase == .serving, let context else { return }
        guard closesAfterAnswer else {
            context.writeAndFlush(wrapOutboundOut(.end(fields)), promise: nil)
            return
        }
        phase = .lingering
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.linger() }
        context.writeAndFlush(wrapOutboundOut(.end(fields)), promise: written)
    }

    /// Closes the connection for good: at once if the client is done sending, else after a moment of reading on.
    private func linger() {
        guard let context, phase == .lingering else { return }
        guard !isBodyRead || parserError != nil, !isInputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        alarm?.set(after: timeouts.linger)
        readOn()
    }

    /// Answers a request that can't be read.
    private func refuse(_ error: HTTPParserError) {
        guard let context else { return }
        let error = (error == .headerOverflow ? GatewayError.headTooLarge : .malformedHTTP).publicError
        let body = ByteBuffer(bytes: OpenAIChatDialect().errorBody(error))
        let fields: HTTPFields = [
            .connection: "close", .contentType: "application/json", .contentLength: "\(body.readableBytes)",
        ]
        phase = .serving
        let status = HTTPResponse.Status(code: error.status)
        writeHead(HTTPResponse(status: status, headerFields: fields), isFlushed: false)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        writeEnd(nil)
        stopReadingRequests()
    }

    /// Closes the connection, unless it closes by itself.
    func finish() {
        if phase == .idle || phase == .serving { context?.close(promise: nil) }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Proceed else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        let head = HTTPResponsePart.head(HTTPResponse(status: .continue))
        context.writeAndFlush(wrapOutboundOut(head), promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unreadCheck?.cancel()
        unreadCheck = nil
        if context.channel.isWritable {
            let waiters = roomWaiters
            roomWaiters = []
            for waiter in waiters { waiter.resume() }
        } else {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            unreadCheck = context.eventLoop.scheduleTask(in: timeouts.unread) { bound.value.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }
}
