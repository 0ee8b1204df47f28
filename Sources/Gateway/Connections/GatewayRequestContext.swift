import HTTPTypes
package import Hummingbird
import Logging
import Moderation
import NIOCore

/// What the gateway knows of one request besides the request.
package struct GatewayRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Ties the records and log lines of this request together.
    package let requestID: String
    private let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = DecisionID().description
        channel = source.channel
        logger[metadataKey: "request.id"] = "\(requestID)"
    }

    /// Tells a client that waits for it to go on sending.
    func proceed(_ request: Request) async {
        guard request.expectsContinue else { return }
        try? await channel.triggerUserOutboundEvent(ClientChannelHandler.Proceed()).get()
    }
}

extension Request {
    /// Whether the client waits for a `100 Continue` before it sends the body.
    var expectsContinue: Bool {
        headers[.expect]?.lowercased() == "100-continue"
    }
}
