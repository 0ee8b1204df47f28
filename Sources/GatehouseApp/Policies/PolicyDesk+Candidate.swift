import Logging
import Moderation
import PolicyFiles

// MARK: - Trying, promoting, going back

extension PolicyDesk {
    /// Begins to try a policy beside the one in force; it takes the place of one that was tried before.
    func tryOut(_ path: String, by actor: String) async -> PolicyReply {
        await alone {
            do {
                let new = try await CompiledPolicy.load(path, models: self.models)
                try await self.history.record(
                    PolicyEvent(trial: new.policy.revision, of: path, actor: actor),
                    of: new.kept
                )
                self.inForce.change { $0.candidate = new }
                self.metrics.candidate(isThere: true)
                let message =
                    "policy '\(new.policy.name)', revision \(new.revision), is tried beside"
                    + " \(self.inForce.current.live.revision): it judges the same texts and changes nothing;"
                    + " see 'policy compare'"
                return self.reply(message, new.diagnostics)
            } catch {
                return self.refusal("the trial was not begun", PolicyProblem(error))
            }
        }
    }

    /// Goes on with the trial that was on when the gateway ended; it is over if its files can't be used any more or were changed.
    func resumeTrial() async {
        await alone {
            let events = (try? await self.history.policyEvents(limit: 10_000)) ?? []
            guard let last = events.first(where: { $0.kind == .candidate || $0.kind == .candidateEnded }),
                let path = last.triedPath, let revision = last.revision
            else { return }
            do {
                let policy = try await CompiledPolicy.load(path, models: self.models)
                guard policy.policy.revision == revision else {
                    throw PolicyProblem(message: "the files in '\(path)' were changed since they are tried")
                }
                self.inForce.change { $0.candidate = policy }
                self.metrics.candidate(isThere: true)
                self.logger.notice(
                    "policy is tried as before the restart",
                    metadata: ["policy.revision": "\(revision)"]
                )
            } catch {
                let problem = PolicyProblem(error).message
                self.logger.warning(
                    "policy is no longer tried since the restart",
                    metadata: ["policy.revision": "\(revision)", "problem": "\(problem)"]
                )
                await self.note(
                    PolicyEvent(kind: .candidateEnded, revision: revision, actor: "start", note: problem)
                )
            }
        }
    }

    /// Ends the trial.
    func endTrial(by actor: String) async -> PolicyReply {
        await alone {
            guard let candidate = self.inForce.current.candidate else {
                return self.refusal("nothing changed", PolicyProblem(message: "no policy is being tried"))
            }
            await self.drop(candidate, by: actor)
            return self.reply("revision \(candidate.revision) is no longer tried")
        }
    }

    /// Puts the tried policy's files in the place of those in force.
    func promote(by actor: String) async -> PolicyReply {
        await alone {
            do {
                guard let candidate = self.inForce.current.candidate else {
                    throw PolicyProblem(message: "no policy is being tried; begin with 'policy try'")
                }
                let now = try await CompiledPolicy.load(candidate.path, models: self.models)
                guard now.policy.revision == candidate.policy.revision else {
                    let message =
                        "the files in '\(candidate.path)' were changed since they are tried, to revision \(now.revision)"
                    throw PolicyProblem(message: message + "; try them again first")
                }
                let reply = try await self.replaceFiles(by: now.kept, .promoted, actor: actor)
                await self.drop(candidate, by: actor)
                return self.reply(reply.message, reply.diagnostics)
            } catch {
                return self.refusal("nothing was promoted", PolicyProblem(error))
            }
        }
    }

    /// Puts the files of an earlier policy back.
    ///
    /// - Parameter revision: which; nil for the one that was in force before.
    func rollBack(to revision: String?, by actor: String) async -> PolicyReply {
        await alone {
            do {
                let live = self.inForce.current.live.policy.revision
                let kept = try await self.earlier(than: live, revision)
                guard kept.policy.revision != live else {
                    throw PolicyProblem(message: "revision \(live.prefix(12)) is in force already")
                }
                return try await self.replaceFiles(by: kept, .rolledBack, actor: actor)
            } catch {
                return self.refusal("nothing was rolled back", PolicyProblem(error))
            }
        }
    }

    private func earlier(than live: String, _ revision: String?) async throws -> KeptPolicy {
        if let revision { return try await history.keptPolicy(revision) }
        let events = try await history.policyEvents(limit: 10_000)
        let before = events.first { $0.kind == .live && $0.revision != live }?.revision
        guard let before else { throw PolicyProblem(message: "no other policy was in force before this one") }
        return try await history.keptPolicy(before)
    }

    /// Writes files, verified to be the policy that is wanted, and puts them in force.
    private func replaceFiles(by policy: KeptPolicy, _ kind: PolicyEvent.Kind, actor: String) async throws
        -> PolicyReply
    {
        let swap = PolicySwap(base: PolicyBase(path: path), live: inForce.current.live.kept.files, new: policy.files)
        let draft = try swap.write()
        defer { swap.clear() }
        let loaded: CompiledPolicy
        do {
            loaded = try await CompiledPolicy.load(draft, models: models)
        } catch {
            throw PolicyProblem(message: "in its new place the policy has errors: \(PolicyProblem(error).message)")
        }
        guard loaded.policy.revision == policy.policy.revision else {
            let message =
                "in its new place the policy would be revision \(loaded.revision), not \(policy.policy.revision.prefix(12))"
            throw PolicyProblem(message: message + "; a file that it extends or takes terms from is another one there")
        }
        try await history.record(PolicyEvent(kind: kind, revision: policy.policy.revision, actor: actor), of: nil)
        try swap.exchange()
        return await loadFiles(by: actor)
    }

    private func drop(_ candidate: CompiledPolicy, by actor: String) async {
        inForce.change { $0.candidate = nil }
        metrics.candidate(isThere: false)
        await note(PolicyEvent(kind: .candidateEnded, revision: candidate.policy.revision, actor: actor))
    }

    private nonisolated func reply(_ message: String, _ diagnostics: [PolicyDiagnostic] = []) -> PolicyReply {
        PolicyReply(inForce.current, message: message, diagnostics: diagnostics)
    }

    private nonisolated func refusal(_ consequence: String, _ problem: PolicyProblem) -> PolicyReply {
        let message =
            problem.diagnostics.isEmpty
            ? "\(consequence): \(problem.message)" : "\(consequence): the policy has errors"
        return PolicyReply(inForce.current, isDone: false, message: message, diagnostics: problem.diagnostics)
    }
}

extension PolicyEvent {
    private static let from = "from "

    /// The beginning of a trial of a file or folder.
    fileprivate init(trial revision: String, of path: String, actor: String) {
        self.init(kind: .candidate, revision: revision, actor: actor, note: Self.from + path)
    }

    /// What began to be tried; nil for other events.
    fileprivate var triedPath: String? {
        guard kind == .candidate, let note, note.hasPrefix(Self.from) else { return nil }
        return String(note.dropFirst(Self.from.count))
    }
}
