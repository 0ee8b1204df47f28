import Moderation

extension Exchange {
    /// How long a tried policy may judge.
    ///
    /// The request waits for it, because both outcomes are one record.
    private static let candidateTimeout = Duration.seconds(2)

    /// The decision with what the tried policy says of the same texts; as it is where none is tried or it could not say.
    ///
    /// Asked after the policy in force has judged: what both ask of the model is in its cache by then. Never throws: a tried
    /// policy changes nothing.
    func withCandidate(_ decision: Decision, turns: [Turn]) async -> Decision {
        guard let candidate, !turns.isEmpty else { return decision }
        let metrics = gateway.metrics
        let judgement: Judgement?
        do {
            judgement = try await gateway.candidateSeats.seated {
                try await Self.within(Self.candidateTimeout) {
                    try await self.judge(turns, decision.direction, by: candidate)
                }
            }
        } catch is CandidateTimeout {
            metrics.countCandidateSkipped("timeout")
            return decision
        } catch {
            metrics.countCandidateSkipped("cancelled")
            return decision
        }
        guard let judgement else {
            metrics.countCandidateSkipped("busy")
            return decision
        }
        var decision = decision
        decision.candidate = CandidateDecision(judgement, policy: candidate.policy)
        metrics.countCandidate(judgement, beside: decision)
        return decision
    }

    /// A prompt's turns are one subject, each choice of an answer is one of its own.
    private func judge(_ turns: [Turn], _ direction: Direction, by candidate: Moderator) async throws -> Judgement {
        let conversation = request.conversation
        let subjects =
            direction == .prompt
            ? [Subject(direction: .prompt, context: Subject(prompt: conversation).context, turns: turns)]
            : turns.map { Subject(response: $0, to: conversation) }
        var joined: Judgement?
        for subject in subjects {
            let judgement = try await candidate.judge(subject, in: scope)
            joined = joined?.joined(with: judgement) ?? judgement
        }
        return joined ?? Judgement(verdicts: [])
    }

    private static func within<Value: Sendable>(
        _ limit: Duration,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw CandidateTimeout()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

/// A tried policy took too long.
private struct CandidateTimeout: Error {}
