/// How a prompt's block reaches the client.
public enum BlockShape: String, Sendable, Hashable, CaseIterable {
    /// As an answer of the chatbot: HTTP 200, an assistant message, `finish_reason: "content_filter"`.
    case message
    /// As an error: HTTP 400 with the API's error body.
    case error
}

/// What becomes of a request whose record could not be kept.
public enum AuditFailureAction: String, Sendable, Hashable, CaseIterable {
    /// It is refused with a 503.
    case block
    /// It goes on; the loss is logged and counted.
    case allow
}

/// How the gateway listens, what it accepts and how long it waits.
public struct GatewaySettings: Sendable, Hashable {
    /// Address to listen on.
    public var host: String
    /// Port to listen on; 0 takes any that is free.
    public var port: Int
    /// How a prompt's block reaches the client.
    public var blockAs: BlockShape
    /// What becomes of a request whose record could not be kept.
    public var onAuditFailure: AuditFailureAction
    /// Largest body of a moderated request, in bytes.
    public var maxBodyBytes: Int
    /// Largest head of a request, in bytes.
    public var maxHeaderBytes: Int
    /// Largest body of an answer that is judged whole, in bytes.
    public var maxResponseBytes: Int
    /// How long a client may pause while it sends its body; all of a moderated body may take ten times as long.
    public var clientBodyTimeout: Duration
    /// How long a client may leave what it is sent unread.
    public var clientReadTimeout: Duration
    /// How long a connection may be open without a request.
    public var clientIdleTimeout: Duration
    /// How long connecting to the chatbot may take.
    public var upstreamConnectTimeout: Duration
    /// How long the chatbot may take until its answer begins.
    public var upstreamFirstByteTimeout: Duration
    /// How long the chatbot may pause in its answer.
    public var upstreamIdleTimeout: Duration
    /// Connections to the chatbot at the same time; each request in progress holds one.
    public var maxUpstreamConnections: Int
    /// How streamed answers are held back and judged.
    public var windows: StreamWindows
    /// How long a stream may be silent, while text is held back, before the client is sent something that keeps the
    /// connection.
    public var keepAlive: Duration
    /// Chatbots' own APIs.
    public var routes: [CustomRoute]
    /// When answers are released, by path as ``RequestTarget/canonical`` writes it, with `*` for names;
    /// ``StreamMode/hold`` for others.
    public var modes: [String: StreamMode]
    /// Whose traffic a request is.
    public var tenants: Tenants

    /// Creates settings.
    public init(
        host: String = "127.0.0.1",
        port: Int = 8080,
        blockAs: BlockShape = .message,
        onAuditFailure: AuditFailureAction = .block,
        maxBodyBytes: Int = 10 << 20,
        maxHeaderBytes: Int = 64 << 10,
        maxResponseBytes: Int = 32 << 20,
        clientBodyTimeout: Duration = .seconds(30),
        clientReadTimeout: Duration = .seconds(60),
        clientIdleTimeout: Duration = .seconds(120),
        upstreamConnectTimeout: Duration = .seconds(10),
        upstreamFirstByteTimeout: Duration = .seconds(300),
        upstreamIdleTimeout: Duration = .seconds(120),
        maxUpstreamConnections: Int = 4096,
        windows: StreamWindows = StreamWindows(),
        keepAlive: Duration = .seconds(15),
        routes: [CustomRoute] = [],
        modes: [String: StreamMode] = [:],
        tenants: Tenants = Tenants()
    ) {
        self.host = host
        self.port = port
        self.blockAs = blockAs
        self.onAuditFailure = onAuditFailure
        self.maxBodyBytes = maxBodyBytes
        self.maxHeaderBytes = maxHeaderBytes
        self.maxResponseBytes = maxResponseBytes
        self.clientBodyTimeout = clientBodyTimeout
        self.clientReadTimeout = clientReadTimeout
        self.clientIdleTimeout = clientIdleTimeout
        self.upstreamConnectTimeout = upstreamConnectTimeout
        self.upstreamFirstByteTimeout = upstreamFirstByteTimeout
        self.upstreamIdleTimeout = upstreamIdleTimeout
        self.maxUpstreamConnections = maxUpstreamConnections
        self.windows = windows
        self.keepAlive = keepAlive
        self.routes = routes
        self.modes = modes
        self.tenants = tenants
    }
}
