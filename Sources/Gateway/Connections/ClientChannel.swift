import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Serves clients over HTTP/1.1, each connection on its own event loop.
///
/// In place of Hummingbird's own channel, whose streams and task groups cost more than a short text costs to judge. A client
/// that hangs up, or closes its side, cancels the task that serves it.
struct ClientChannel: ServerChildChannel {
    let responder: GatewayResponder
    let settings: GatewaySettings

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<ClientConnection> {
        channel.eventLoop.makeCompletedFuture {
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderListSize = settings.maxHeaderBytes
            limits.maxHeaderFieldSize = settings.maxHeaderBytes
            let pipeline = channel.pipeline.syncOperations
            // Requests wait for each other in the handler, and fields come as `HTTPFields`, which are checked already.
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withErrorHandling: false,
                withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: limits
            )
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            let handler = ClientChannelHandler(
                ClientChannelHandler.Timeouts(
                    body: TimeAmount(settings.clientBodyTimeout),
                    unread: TimeAmount(settings.clientReadTimeout),
                    idle: TimeAmount(settings.clientIdleTimeout)
                )
            )
            try pipeline.addHandler(handler)
            return ClientConnection(channel: channel, handler: handler)
        }
    }

    func handle(value connection: ClientConnection, logger: Logger) async {
        // A task of its own, so that a client's departure can cancel it.
        let serving = Task(executorPreference: EventLoopTasks(connection.channel.eventLoop)) {
            await serve(connection, logger: logger)
        }
        connection.onDeparture { serving.cancel() }
        await withTaskCancellationHandler {
            await serving.value
        } onCancel: {
            serving.cancel()
        }
        await connection.close()
    }

    private func serve(_ connection: ClientConnection, logger: Logger) async {
        while let request = await connection.nextRequest() {
            let context = GatewayRequestContext(
                source: ApplicationRequestContextSource(channel: connection.channel, logger: logger)
            )
            do {
                try await connection.send(await responder.respond(to: request, context: context))
            } catch {
                // An answer that can't be finished must not look finished.
                return
            }
        }
    }
}
