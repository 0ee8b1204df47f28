import Admin
import Audit
import Foundation
import Gateway
import Gemma
import Logging
import Moderation
import Telemetry

/// Opens the admin API of a gateway.
struct AdminWiring {
    let settings: Settings
    let store: any AuditStore
    let desk: PolicyDesk
    let models: ModelOnDemand
    let readiness: Readiness
    let metrics: PrometheusRegistry
    let metricsText: @Sendable () async -> String
    let logger: Logger

    /// The server; nil where none is wanted.
    ///
    /// - Throws: `AdminError`, `AuditError`.
    func server() throws -> AdminServer? {
        guard let address = settings.adminAddress else { return nil }
        let (desk, readiness) = (desk, readiness)
        return try AdminServer(
            address: address,
            keys: AdminKeyRing(path: settings.adminKeys),
            store: AdminStore(
                reader: store.reader,
                labels: store.labels,
                upkeep: store.upkeep,
                queries: store.queries,
                signingKey: try settings.auditSealing?.key,
                retention: settings.auditRetention
            ),
            policies: { AdminPolicies(desk.inForce.current) },
            weigh: weigh,
            checks: { await readiness.checks() },
            metricsText: metricsText,
            metricsFactory: metrics,
            logger: logger
        )
    }
}

extension AdminWiring {
    /// Asks the model that judges, one question at a time and while no request waits for it.
    private var weigh: AdminWeigher {
        let (models, reader) = (models, store.reader)
        return { entry, rule in
            guard let model = models.loaded else {
                throw AdminWeighingError.impossible(
                    "this gateway has no model, since no rule that was in force asked one;"
                        + " 'gatehouse audit show --weights' loads one"
                )
            }
            do {
                let weighing = try await WordWeighing(entry, reader, rule: rule)
                return try await weighing.weights(by: model.classifier, width: 1) {
                    while model.engine.load.waiting > 0 { try await Task.sleep(for: Self.pause) }
                }
            } catch WordWeighingError.failed(let reason) {
                throw AdminWeighingError.busy("the words could not be weighed: \(reason)")
            } catch let error as WordWeighingError {
                throw AdminWeighingError.impossible("\(error)")
            }
        }
    }

    /// Time between two looks at whether requests wait for the model.
    private static let pause = Duration.milliseconds(20)
}

/// Finds out whether requests can be judged and recorded; not more often than makes sense, since anybody may ask.
actor Readiness {
    private let desk: PolicyDesk
    private let upkeep: any AuditUpkeep
    private let logger: Logger
    private var last: (checks: [AdminCheck], time: ContinuousClock.Instant)?

    private static let storeName = "store"

    /// How long an answer holds.
    private static let hold = Duration.seconds(2)

    init(desk: PolicyDesk, upkeep: any AuditUpkeep, logger: Logger) {
        self.desk = desk
        self.upkeep = upkeep
        self.logger = logger
    }

    /// Whether requests are answered: while the store can't be written only where the settings say so.
    func isServing(_ onAuditFailure: AuditFailureAction) async -> Bool {
        await checks().allSatisfy { $0.isReady || ($0.name == Self.storeName && onAuditFailure == .allow) }
    }

    func checks() async -> [AdminCheck] {
        if let last, ContinuousClock.now - last.time < Self.hold { return last.checks }
        // Who asks while the store is tried gets the last answer.
        if let last { self.last = (last.checks, .now) }
        let checks = [await store, model, policies]
        last = (checks, .now)
        return checks
    }

    private var store: AdminCheck {
        get async {
            do {
                try await upkeep.probe()
                return AdminCheck(Self.storeName, isReady: true)
            } catch {
                logger.warning("the audit store can't be written", metadata: ["error": "\(error)"])
                return AdminCheck(Self.storeName, isReady: false, note: "can't be written; the gateway's log says why")
            }
        }
    }

    private var model: AdminCheck {
        let live = desk.inForce.current.live
        guard live.policy.needsModel else { return AdminCheck("model", isReady: true, note: "no rule asks one") }
        let identity = live.moderator.classifier?.identity
        return AdminCheck("model", isReady: identity != nil, note: identity?.model)
    }

    private var policies: AdminCheck {
        let state = desk.inForce.current
        let note = state.problem == nil ? nil : "the files on disk are not in force; the last good set is"
        return AdminCheck("policies", isReady: !state.live.policy.rules.isEmpty, note: note)
    }
}

extension AdminPolicies {
    fileprivate init(_ state: PoliciesInForce.State) {
        self.init(
            live: Policy(state.live),
            candidate: state.candidate.map(Policy.init),
            problem: state.problem?.message
        )
    }
}

extension AdminPolicies.Policy {
    fileprivate init(_ policy: CompiledPolicy) {
        self.init(
            name: policy.policy.name,
            revision: policy.policy.revision,
            rules: policy.policy.rules.count,
            since: policy.time
        )
    }
}
