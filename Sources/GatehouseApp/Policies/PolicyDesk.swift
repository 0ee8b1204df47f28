import Foundation
import Logging
import Moderation
import PolicyFiles

/// Changes the policies of a running gateway: one change after the other, each whole or not at all.
actor PolicyDesk {
    nonisolated let inForce: PoliciesInForce
    /// File or folder of the policy in force.
    nonisolated let path: String

    let models: ModelOnDemand
    let history: any PolicyHistory
    let logger: Logger
    let metrics: PolicyMetrics
    private var last: Task<Void, Never>?

    /// Reads the policy and keeps it in the history.
    ///
    /// - Throws: what stops the start: `PolicyFileError`, ``ModelError``, `AuditError`.
    init(
        path: String,
        models: ModelOnDemand,
        history: any PolicyHistory,
        logger: Logger,
        metrics: PolicyMetrics
    ) async throws {
        let live = try await CompiledPolicy.load(path, models: models)
        try await history.record(
            PolicyEvent(kind: .live, revision: live.policy.revision, actor: "start"),
            of: live.kept
        )
        self.path = path
        self.models = models
        self.history = history
        self.logger = logger
        self.metrics = metrics
        inForce = PoliciesInForce(live: live)
        metrics.loaded(at: live.time)
        metrics.candidate(isThere: false)
    }

    /// Does some work when all work before it is done: an actor alone would let one change begin while another waits.
    func alone<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) async -> Result {
        let before = last
        let task = Task {
            await before?.value
            return await work()
        }
        last = Task { _ = await task.value }
        return await task.value
    }

    /// Looks at the files and puts what they say in force; a bad file changes nothing.
    func reload(by actor: String) async -> PolicyReply { await alone { await self.loadFiles(by: actor) } }

    /// What judges now.
    nonisolated var status: PolicyReply {
        let state = inForce.current
        return PolicyReply(state, message: PolicyReply(state, message: "").status)
    }

    /// The change itself; only inside ``alone(_:)``.
    func loadFiles(by actor: String) async -> PolicyReply {
        do {
            let new = try await CompiledPolicy.load(path, models: models)
            let old = inForce.current.live
            guard new.sources != old.sources || new.policy.revision != old.policy.revision else {
                return accept(old, .unchanged, message: "nothing changed: revision \(old.revision) stays in force")
            }
            try await history.record(
                PolicyEvent(kind: .live, revision: new.policy.revision, actor: actor),
                of: new.kept
            )
            let isSame = new.policy.revision == old.policy.revision
            let from = isSame ? ", the same rules as before" : " in place of \(old.revision)"
            return accept(
                new,
                .loaded,
                message: "policy '\(new.policy.name)', revision \(new.revision) is in force\(from)"
            )
        } catch {
            return await reject(PolicyProblem(error), by: actor)
        }
    }

    private func accept(_ policy: CompiledPolicy, _ result: PolicyMetrics.Result, message: String) -> PolicyReply {
        inForce.change { state in
            state.live = policy
            state.problem = nil
        }
        metrics.count(result)
        if result == .loaded {
            metrics.loaded(at: policy.time)
            logger.notice(
                "policy loaded",
                metadata: ["policy": "\(policy.policy.name)", "policy.revision": "\(policy.policy.revision)"]
            )
        }
        return PolicyReply(inForce.current, message: message, diagnostics: policy.diagnostics)
    }

    private func reject(_ problem: PolicyProblem, by actor: String) async -> PolicyReply {
        let isNews = inForce.current.problem != problem
        inForce.change { $0.problem = problem }
        metrics.count(.rejected)
        let revision = inForce.current.live.revision
        if isNews {
            logger.error(
                "policy rejected; the last good set stays in force",
                metadata: ["problem": "\(problem.message)", "policy.revision": "\(revision)"]
            )
            await note(PolicyEvent(kind: .rejected, revision: nil, actor: actor, note: problem.message))
        }
        let message =
            problem.diagnostics.isEmpty
            ? "nothing changed: \(problem.message); revision \(revision) stays in force"
            : "nothing changed: the policy has errors; revision \(revision) stays in force"
        return PolicyReply(inForce.current, isDone: false, message: message, diagnostics: problem.diagnostics)
    }

    /// Keeps an event on which nothing hangs; a store that fails is logged.
    func note(_ event: PolicyEvent) async {
        do {
            try await history.record(event, of: nil)
        } catch {
            logger.error(
                "event of a policy could not be kept",
                metadata: ["event": "\(event.kind.rawValue)", "error.type": "\(type(of: error))"]
            )
        }
    }
}

extension CompiledPolicy {
    /// Enough of the revision to name it.
    var revision: String { String(policy.revision.prefix(12)) }
}
