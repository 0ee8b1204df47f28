import Admin
import Audit
import Detectors
import Foundation
import Gateway
import Gemma
import Kernels
import Logging
import Moderation
import NIOCore
import ServiceLifecycle
import Telemetry
import UnixSignals

/// Why the gateway could not start to serve.
public enum ServeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address can't be listened on; `reason` is the system's own word.
    case cannotListen(host: String, port: Int, reason: String)

    /// What was found, and what to do.
    public var description: String {
        switch self {
        case .cannotListen(let host, let port, let reason):
            "can't listen on \(host):\(port): \(reason); choose another --port or --host"
        }
    }
}

/// The whole program: judge, audit store, chatbot and proxy, wired together and run until a signal ends it.
public struct GatewayServer: Sendable {
    private let settings: Settings

    /// Prepares to serve with these settings; nothing is opened yet.
    public init(settings: Settings) {
        self.settings = settings
    }

    /// Serves until SIGTERM or SIGINT; requests under way get half a minute to end.
    ///
    /// - Parameter announce: given lines for the person who started it.
    /// - Throws: what stops the start: `PolicyFileError`, ``ModelError``, `AuditError`, `AdminError`, a port that is taken.
    public func run(announce: @escaping @Sendable (String) -> Void) async throws {
        let metrics = PrometheusRegistry()
        let logger = Logger(label: "gatehouse", factory: makeLogHandler)
        try settings.checkAuditKeys()
        let keeper = ContentKeeper(
            mode: settings.auditContent,
            redactor: DetectionRedactor(),
            key: try settings.auditDigest,
            textKeys: try settings.auditTextKeys
        )
        let store = try settings.audit.store(
            keeper: keeper,
            sealing: settings.auditSealing,
            spills: settings.gateway.onAuditFailure == .allow
        )
        let models = ModelOnDemand(settings: settings)
        let desk = try await PolicyDesk(
            path: Judge.policyPath(settings.policies),
            models: models,
            history: store,
            logger: logger,
            metrics: PolicyMetrics(factory: metrics)
        )
        await desk.resumeTrial()
        let (upstream, client) = try makeUpstream()
        let wiring = try PlatformWiring(settings)
        let readiness = Readiness(desk: desk, upkeep: store.upkeep, logger: logger)
        let metricsText: @Sendable () async -> String = {
            if let model = models.loaded { EngineMetrics(model).record(to: metrics) }
            return metrics.render()
        }
        let gateway = Gateway(
            settings: settings.gateway,
            moderator: { desk.inForce.moderator },
            candidate: { desk.inForce.candidate },
            audit: store,
            upstream: upstream,
            logger: logger,
            platforms: wiring.endpoints,
            metricsFactory: metrics,
            health: { await health(desk.inForce.current, store, readiness) },
            metricsText: metricsText
        )
        logKernels(logger)
        let judge = Judge(moderator: desk.inForce.moderator, model: models.loaded)
        let banner = Banner(settings: settings, judge: judge)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        for client in (client.map { [$0] } ?? []) + wiring.clients { services.append(.init(service: client)) }
        services.append(.init(service: PolicyWatcher(desk: desk)))
        if !settings.auditRetention.isEmpty {
            let retention = RetentionService(
                policy: settings.auditRetention,
                upkeep: store.upkeep,
                key: try settings.auditSealing?.key,
                logger: logger
            )
            services.append(.init(service: retention))
        }
        // Before the proxy, so that they are stopped after it, when the last records are there.
        for sink in try SinkWiring.followers(settings, store.reader, logger, metrics) {
            services.append(.init(service: sink))
        }
        let control = try settings.controlPath.isEmpty ? nil : makeControl(desk, logger)
        if let control { services.append(.init(service: control)) }
        let admin = try AdminWiring(
            settings: settings,
            store: store,
            desk: desk,
            models: models,
            readiness: readiness,
            metrics: metrics,
            metricsText: metricsText,
            logger: logger
        ).server()
        if let admin { services.append(.init(service: admin)) }
        let proxy = gateway.service { port in
            await control?.opened()
            announce(banner.text(port: port, adminPort: await admin?.opened()))
        }
        services.append(
            .init(service: proxy, successTerminationBehavior: .gracefullyShutdownGroup)
        )
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw ServeError.cannotListen(
                host: settings.gateway.host,
                port: settings.gateway.port,
                reason: String(cString: strerror(error.errnoCode))
            )
        }
        models.loaded?.engine.shutdown()
        try store.close()
    }

    private func logKernels(_ logger: Logger) {
        let (chosen, available) = (Kernels.active.name, Kernels.available.map(\.name))
        logger.info("kernels chosen", metadata: ["kernels": "\(chosen)", "available": "\(available)"])
        let wanted = ProcessInfo.processInfo.environment["GATEHOUSE_KERNELS"] ?? chosen
        if wanted != chosen {
            logger.warning(
                "GATEHOUSE_KERNELS names none that this machine can run; unset it or name an available one",
                metadata: ["found": "\(wanted)", "expected": "\(available)", "used": "\(chosen)"]
            )
        }
    }

    private func health(
        _ policies: PoliciesInForce.State,
        _ store: any AuditStore,
        _ readiness: Readiness
    ) async -> GatewayHealth {
        let policy = policies.live.policy
        var details = [
            "policy": policy.name, "policy_revision": policy.revision, "rules": "\(policy.rules.count)",
            "policy_loaded": policies.live.time.formatted(.iso8601), "audit_failures": "\(store.counts.failures)",
            "audit_spilled": "\(store.counts.spilled)",
        ]
        if let problem = policies.problem {
            details["policy_problem"] = problem.message + "; the last good set stays in force"
        }
        if let candidate = policies.candidate { details["policy_candidate"] = candidate.policy.revision }
        if let identity = policies.live.moderator.classifier?.identity {
            details["model"] = identity.model
            details["template"] = identity.template
        }
        return GatewayHealth(
            isReady: await readiness.isServing(settings.gateway.onAuditFailure),
            details: details
        )
    }

    private func makeControl(_ desk: PolicyDesk, _ logger: Logger) throws -> ControlServer {
        let routes = PolicyControlRoutes(desk: desk)
        return try ControlServer(path: settings.controlPath, logger: logger) { await routes.answer($0) }
    }

    private func makeUpstream() throws -> (any Upstream, (any Service)?) {
        if let url = settings.upstream {
            let upstream = try HTTPUpstream(baseURL: url, settings: settings.gateway)
            return (upstream, upstream)
        }
        return (try DemoUpstream.load(settings), nil)
    }

    private func makeLogHandler(label: String) -> any LogHandler {
        switch settings.logFormat {
        case .json: JSONLogHandler(label: label, logLevel: settings.logLevel)
        case .text: TextLogHandler(logLevel: settings.logLevel)
        }
    }
}
