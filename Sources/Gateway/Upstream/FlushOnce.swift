import NIOCore

/// Sends what is written during one turn of the event loop together.
///
/// The HTTP client flushes a request's head, body and end one by one: three system calls, and a chatbot that wakes up for
/// half a request.
final class FlushOnce: ChannelOutboundHandler {
    typealias OutboundIn = Any

    private var isPending = false

    func flush(context: ChannelHandlerContext) {
        guard !isPending else { return }
        isPending = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            let (handler, context) = bound.value
            handler.isPending = false
            context.flush()
        }
    }
}
