public import CoreMetrics
import Foundation
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle

/// The admin listener: the questions of `gatehouse audit` over HTTP, for those who hold a key; and, for anybody who reaches it,
/// health, readiness and metrics.
public struct AdminServer: Service {
    /// Where it listens.
    public let address: AdminAddress

    private let responder: AdminResponder
    private let logger: Logger
    private let opening = AsyncStream.makeStream(of: Int.self)

    /// Longest time that a connection may be open without anything happening.
    private static let idleTimeout = TimeAmount.seconds(60)
    /// Largest head of a request: one with as many and as long parameters as are read, all percent-encoded.
    private static let maxHeadBytes = 512 << 10
    /// Connections at the same time.
    private static let maxConnections = 256

    /// Prepares to listen.
    ///
    /// - Parameters:
    ///   - address: where.
    ///   - keys: who may ask.
    ///   - store: what is asked.
    ///   - policies: tells which policies judge.
    ///   - weigh: asks the model which words of a decision weighed most.
    ///   - checks: what `GET /ready` says.
    ///   - metricsText: what `GET /metrics` says.
    ///   - metricsFactory: where counts go.
    ///   - logger: gets who asked for what, never a key nor content.
    /// - Throws: ``AdminError`` where others than this machine could reach it and nobody has a key, or the keys can't be read.
    public init(
        address: AdminAddress,
        keys: AdminKeyRing,
        store: AdminStore,
        policies: @escaping @Sendable () async -> AdminPolicies,
        weigh: @escaping AdminWeigher,
        checks: @escaping @Sendable () async -> [AdminCheck],
        metricsText: @escaping @Sendable () async -> String,
        metricsFactory: any MetricsFactory,
        logger: Logger
    ) throws(AdminError) {
        let count = try keys.activeCount()
        if !address.isLoopback, count == 0 { throw .keyless(address: "\(address)", path: keys.path) }
        self.address = address
        self.logger = logger
        let metrics = AdminMetrics(factory: metricsFactory)
        let routes =
            StatusRoutes(checks: checks, metrics: metricsText).routes + DecisionRoutes(store: store).routes
            + WeightRoutes(store: store, weigh: weigh).routes + CountRoutes(store: store).routes
            + ReviewRoutes(store: store).routes + QueryRoutes(store: store).routes
            + IntegrityRoutes(store: store).routes + UpkeepRoutes(store: store).routes
            + PolicyRoutes(history: store.reader, policies: policies).routes
        responder = AdminResponder(
            routes: routes + [OpenAPIDocument.route(for: routes)],
            keys: keys,
            metrics: metrics,
            failures: LoginFailures(metrics: metrics, logger: logger),
            logger: logger
        )
        if !address.isLoopback {
            logger.warning(
                "the admin API speaks plain HTTP: put a proxy with TLS before it, or keys can be read on their way",
                metadata: ["address": "\(address)"]
            )
        }
        logger.info("admin API", metadata: ["address": "\(address)", "keys": "\(count)"])
    }

    /// Waits until connections are accepted and gives the port, or nil when it is certain that none will be; one caller at most.
    public func opened() async -> Int? {
        for await port in opening.stream { return port }
        return nil
    }

    /// Serves until the group stops.
    ///
    /// - Throws: ``AdminError/cannotListen(address:reason:)``.
    public func run() async throws {
        defer { opening.continuation.finish() }
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: responder,
            server: .http1(
                configuration: .init(
                    idleTimeout: Self.idleTimeout,
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.maxHeadBytes,
                        maxHeaderListSize: Self.maxHeadBytes
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maxConnections)
            ),
            onServerRunning: { channel in opening.continuation.yield(channel.localAddress?.port ?? address.port) },
            logger: quiet
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw AdminError.cannotListen(address: "\(address)", reason: String(cString: strerror(error.errnoCode)))
        }
    }
}
