import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Watches one client's connection: does it still send, is it still there, and how is it closed.
///
/// - A client that pauses for too long inside a body gets ``GatewayError/clientStalled`` into its body. Pauses that the
///   gateway causes by not reading don't count.
/// - A client that leaves what it is sent unread for too long is disconnected.
/// - A client that hangs up, or closes its side, is noted in ``presence``.
/// - After an answer that closes the connection, what the client still sends is read and dropped for a moment, so that
///   it gets to read the answer (RFC 9112, section 9.6).
/// - A head that can't be read is answered with a JSON error.
///
/// All state is used on the connection's event loop only.
final class ClientConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Asks the handler to tell a client that waits for it to go on sending (`100 Continue`).
    struct Proceed: Sendable {}

    let presence = ClientPresence()

    private let bodyTimeout: TimeAmount
    private let unreadTimeout: TimeAmount
    private let lingerTimeout: TimeAmount
    private var unreadCheck: Scheduled<Void>?
    private var stallCheck: Scheduled<Void>?
    private var lastProgress = NIODeadline.now()
    private var isReadingBody = false
    private var wantsRead = false
    private var parserError: GatewayError?
    private var closesAfterAnswer = false
    private var dropsAnswerBody = false
    private var isLingering = false
    private var isInputClosed = false

    init(bodyTimeout: TimeAmount, unreadTimeout: TimeAmount, lingerTimeout: TimeAmount = .seconds(2)) {
        self.bodyTimeout = bodyTimeout
        self.unreadTimeout = unreadTimeout
        self.lingerTimeout = lingerTimeout
    }
}

// MARK: - Reading

extension ClientConnection {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isLingering else { return }
        lastProgress = .now()
        switch unwrapInboundIn(data) {
        case .head:
            isReadingBody = true
            checkForStall(context: context, after: bodyTimeout)
        case .body:
            break
        case .end:
            isReadingBody = false
            stallCheck?.cancel()
            stallCheck = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        wantsRead = false
        context.fireChannelReadComplete()
        if isLingering { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        if !wantsRead {
            wantsRead = true
            lastProgress = .now()
        }
        context.read()
    }

    private func checkForStall(context: ChannelHandlerContext, after delay: TimeAmount) {
        stallCheck?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        stallCheck = context.eventLoop.scheduleTask(in: delay) {
            let (connection, context) = bound.value
            guard connection.isReadingBody, !connection.isLingering else { return }
            let deadline = connection.lastProgress + connection.bodyTimeout
            if !connection.wantsRead {
                connection.checkForStall(context: context, after: connection.bodyTimeout)
            } else if deadline > .now() {
                connection.checkForStall(context: context, after: deadline - .now())
            } else {
                context.fireErrorCaught(GatewayError.clientStalled)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError {
            parserError = error == .headerOverflow ? .headTooLarge : .malformedHTTP
        }
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            isInputClosed = true
            presence.leave()
            if isLingering { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    private func leave() {
        presence.leave()
        stallCheck?.cancel()
        unreadCheck?.cancel()
    }
}

// MARK: - Writing

extension ClientConnection {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if let parserError, head.status == .badRequest, head.headerFields[.contentLength] == "0" {
                answer(parserError, context: context, promise: promise)
                return
            }
            if head.headerFields[.connection]?.lowercased() == "close" { closesAfterAnswer = true }
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            guard !dropsAnswerBody else {
                promise?.succeed()
                return
            }
            guard closesAfterAnswer else {
                context.write(data, promise: promise)
                return
            }
            writeLast(data, context: context, promise: promise)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unreadCheck?.cancel()
        unreadCheck = nil
        if !context.channel.isWritable {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            unreadCheck = context.eventLoop.scheduleTask(in: unreadTimeout) { bound.value.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Proceed else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        let head = HTTPResponsePart.head(HTTPResponse(status: .continue))
        context.writeAndFlush(wrapOutboundOut(head), promise: promise)
    }

    /// Gives the server's bare answer to a request that can't be read a body, and its right status.
    private func answer(_ error: GatewayError, context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        let body = ByteBuffer(bytes: OpenAIChatDialect().errorBody(error.publicError))
        let fields: HTTPFields = [
            .connection: "close", .contentType: "application/json", .contentLength: "\(body.readableBytes)",
        ]
        let head = HTTPResponse(status: HTTPResponse.Status(code: error.publicError.status), headerFields: fields)
        context.write(wrapOutboundOut(.head(head)), promise: promise)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        dropsAnswerBody = true
        writeLast(wrapOutboundOut(.end(nil)), context: context, promise: nil)
    }

    private func writeLast(_ end: NIOAny, context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.cascade(to: promise)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            let (connection, context) = bound.value
            connection.linger(context: context)
        }
        context.writeAndFlush(end, promise: written)
    }

    /// Closes the connection for good: at once if the client is done sending, else after a moment of reading on.
    private func linger(context: ChannelHandlerContext) {
        guard !isLingering else { return }
        isLingering = true
        stallCheck?.cancel()
        guard isReadingBody || parserError != nil, !isInputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        context.read()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: lingerTimeout) { bound.value.close(promise: nil) }
    }
}
