package import Hummingbird
import HummingbirdCore
public import Logging
public import Metrics
public import Moderation
import NIOCore
public import ServiceLifecycle

/// Whether the process can do its work; what `GET /health` says.
public struct GatewayHealth: Sendable, Hashable {
    /// Whether requests can be served.
    public var isReady: Bool
    /// What there is to know, such as the model's name; shown to anyone who asks.
    public var details: [String: String]

    /// Creates a report.
    public init(isReady: Bool = true, details: [String: String] = [:]) {
        self.isReady = isReady
        self.details = details
    }
}

/// The reverse proxy: judges what goes in and what comes out, keeps the decisions, passes the rest on.
public struct Gateway: Sendable {
    /// The APIs that are moderated when nothing else is said.
    public static let standardDialects: [any Dialect] =
        [
            OpenAIChatDialect(), OpenAIResponsesDialect(), OpenAICompletionsDialect(), OpenAIInputDialect.embeddings,
            AnthropicDialect(), GeminiDialect(), OllamaDialect(),
        ] + AzureOpenAIDialect.all + [OpenAIChatDialect.anywhere]

    var settings: GatewaySettings
    let dialects: [any Dialect]
    let platforms: [PlatformEndpoint]
    let moderator: @Sendable () -> Moderator
    let candidate: @Sendable () -> Moderator?
    let candidateSeats = CandidateSeats()
    let audit: any AuditSink
    var upstream: any Upstream
    let logger: Logger
    let metrics: GatewayMetrics
    let health: @Sendable () async -> GatewayHealth
    let metricsText: @Sendable () async -> String

    /// Creates a gateway.
    ///
    /// - Parameters:
    ///   - settings: how to listen, the limits, and routes that come before the dialects.
    ///   - moderator: gives the moderator in force; asked once for each request, which keeps it.
    ///   - candidate: gives the moderator that is tried beside it: it judges the same texts, and what it would have decided is
    ///     kept in the same records; nothing else comes of it. Asked once for each request.
    ///   - audit: where decisions are kept.
    ///   - upstream: the chatbot.
    ///   - logger: gets ids and outcomes, never content.
    ///   - dialects: the APIs that are moderated; the first that matches a path answers.
    ///   - platforms: webhooks of chat platforms; they come before the dialects.
    ///   - metricsFactory: where counts go.
    ///   - health: what `GET /health` says.
    ///   - metricsText: what `GET /metrics` says.
    public init(
        settings: GatewaySettings = GatewaySettings(),
        moderator: @escaping @Sendable () -> Moderator,
        candidate: @escaping @Sendable () -> Moderator? = { nil },
        audit: any AuditSink,
        upstream: any Upstream,
        logger: Logger,
        dialects: [any Dialect] = Gateway.standardDialects,
        platforms: [PlatformEndpoint] = [],
        metricsFactory: (any MetricsFactory)? = nil,
        health: @escaping @Sendable () async -> GatewayHealth = { GatewayHealth() },
        metricsText: @escaping @Sendable () async -> String = { "" }
    ) {
        self.settings = settings
        self.dialects = settings.routes.map(CustomDialect.init) + dialects
        self.platforms = platforms
        self.moderator = moderator
        self.candidate = candidate
        self.audit = audit
        self.upstream = upstream
        self.logger = logger
        self.metrics = GatewayMetrics(factory: metricsFactory ?? MetricsSystem.factory)
        self.health = health
        self.metricsText = metricsText
    }

    /// The server, to be run in a service group.
    ///
    /// - Parameter onListening: called with the port once connections are accepted.
    public func service(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) -> some Service {
        application(onListening: onListening)
    }

    /// The server as Hummingbird knows it.
    package func application(
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> Application<GatewayResponder> {
        let responder = GatewayResponder(gateway: self)
        return Application(
            responder: responder,
            server: HTTPServerBuilder { [settings] _ in ClientChannel(responder: responder, settings: settings) },
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }
}
