package import Foundation

extension Decision {
    /// Puts a decision together that was made before.
    package init(
        candidate: CandidateDecision?,
        cause: Cause,
        channel: String?,
        classifier: ClassifierIdentity?,
        coverage: [Coverage],
        direction: Direction,
        failMode: FailMode,
        id: DecisionID,
        judgingMilliseconds: Double,
        observed: Bool?,
        outcome: Outcome,
        policy: String,
        policyRevision: String,
        restored: Int?,
        screenScore: Double?,
        time: Date,
        verdicts: [Verdict]
    ) {
        self.candidate = candidate
        self.cause = cause
        self.channel = channel
        self.classifier = classifier
        self.coverage = coverage
        self.direction = direction
        self.failMode = failMode
        self.id = id
        self.judgingMilliseconds = judgingMilliseconds
        self.observed = observed
        self.outcome = outcome
        self.policy = policy
        self.policyRevision = policyRevision
        self.restored = restored
        self.screenScore = screenScore
        self.time = time
        self.verdicts = verdicts
    }
}

extension CandidateDecision {
    /// Puts a decision together that was made before.
    package init(cause: Cause, outcome: Outcome, policy: String, policyRevision: String, verdicts: [Verdict]) {
        self.cause = cause
        self.outcome = outcome
        self.policy = policy
        self.policyRevision = policyRevision
        self.verdicts = verdicts
    }
}
