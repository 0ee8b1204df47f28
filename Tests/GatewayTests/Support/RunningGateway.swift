import Gateway
import Hummingbird
import Logging
import Metrics
import MetricsTestKit
import Moderation
import ServiceLifecycle

/// What a test of a running gateway has in hand.
struct RunningGateway: Sendable {
    var port: Int
    var audit: MemoryAudit
    var classifier: WordClassifier
    var metrics: TestMetrics

    /// Sends a chat request on a new connection.
    func chat(_ body: String, fields: String = "") async throws -> Wire.Message {
        try await withConnection(to: port) { try await $0.request(fields: fields, body: body) }
    }
}

/// Runs a gateway in front of an upstream that plays a script on each of its connections.
func withGateway<Value: Sendable>(
    _ settings: GatewaySettings = GatewaySettings(),
    policy: PolicySet = testPolicy,
    upstream script: @escaping @Sendable (Wire) async throws -> Void = { _ in },
    upstreamPort: Int? = nil,
    platforms: @escaping @Sendable (HTTPUpstream) -> [PlatformEndpoint] = { _ in [] },
    candidate: Moderator? = nil,
    _ body: @escaping @Sendable (RunningGateway) async throws -> Value
) async throws -> Value {
    try await withServer(script) { port in
        var settings = settings
        settings.port = 0
        let classifier = WordClassifier()
        let audit = MemoryAudit()
        let metrics = TestMetrics()
        let moderator = try makeModerator(classifier, policy: policy)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let upstream = try HTTPUpstream(baseURL: "http://127.0.0.1:\(upstreamPort ?? port)/v1", settings: settings)
        let gateway = Gateway(
            settings: settings,
            moderator: { moderator },
            candidate: { candidate },
            audit: audit,
            upstream: upstream,
            logger: logger,
            platforms: platforms(upstream),
            metricsFactory: metrics,
            health: { GatewayHealth(details: ["model": "words"]) },
            metricsText: { "gatehouse_up 1\n" }
        )
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let service = gateway.service { continuation.yield($0) }
        let result = try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try? await service.run()
                return nil
            }
            group.addTask {
                for await port in ports {
                    return try await body(
                        RunningGateway(port: port, audit: audit, classifier: classifier, metrics: metrics)
                    )
                }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw Wire.Closed()
        }
        upstream.shutdown()
        return result
    }
}

/// A chat request with one user message.
func chatRequest(_ text: String, stream: Bool = false, extra: String = "") -> String {
    "{\"model\":\"demo\",\"stream\":\(stream)\(extra),\"messages\":[{\"role\":\"user\",\"content\":\(JSONText.quoted(text))}]}"
}

/// A whole answer with some choices.
func chatAnswer(_ texts: String...) -> String {
    let choices = texts.enumerated().map {
        "{\"index\":\($0), \"message\":{\"role\":\"assistant\",\"content\":\(JSONText.quoted($1)),\"x_kept\":1.50},"
            + "\"logprobs\":{\"content\":[]},\"finish_reason\":\"stop\"}"
    }
    return "{\"id\":\"chatcmpl-9\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"demo\",\"choices\":["
        + choices.joined(separator: ",") + "], \"usage\":{\"total_tokens\":3}}"
}

/// An upstream that answers every request with the same body.
func answering(_ body: String, status: String = "200 OK", type: String = "application/json", fields: String = "")
    -> @Sendable (Wire) async throws -> Void
{
    { wire in
        while true {
            _ = try await wire.message()
            try await wire.respond(body, status: status, type: type, fields: fields)
        }
    }
}
