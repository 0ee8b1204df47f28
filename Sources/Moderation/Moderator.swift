/// Judges subjects by the rules of one policy set.
///
/// Immutable and shared freely; a request keeps the moderator it began with.
public struct Moderator: Sendable {
    /// The rules.
    public let policy: PolicySet
    /// Gives principle rules their scores; nil when no rule needs one.
    public let classifier: (any Classifier)?

    let reader: any TextReader
    let digest: @Sendable (String) -> String
    private let scoped: ScopedPolicies

    /// Gives each rule its detector.
    ///
    /// - Parameters:
    ///   - policy: the rules.
    ///   - builder: makes the detectors.
    ///   - classifier: gives principle rules their scores; nil when no rule needs one.
    ///   - reader: undoes tricks of writing.
    ///   - digest: for rules that redact as `hash`: a few letters and digits that stand for a text and can't be guessed back.
    /// - Throws: ``DetectionError`` when a rule's detection can't work.
    public init(
        policy: PolicySet,
        detectors builder: any DetectorBuilder,
        classifier: (any Classifier)?,
        reader: any TextReader = PlainReader(),
        digest: @escaping @Sendable (String) -> String = { _ in "" }
    ) throws(DetectionError) {
        self.policy = policy
        self.classifier = classifier
        self.reader = reader
        self.digest = digest
        var detectors: [String: any Detector] = [:]
        for rule in policy.rules where !policy.isAlwaysOff(rule) {
            detectors[rule.id] = try builder.detector(for: rule.detection)
        }
        scoped = ScopedPolicies(policy, detectors: detectors)
    }

    /// Judges one subject by every rule of its scope and direction.
    ///
    /// - Parameters:
    ///   - subject: what to judge.
    ///   - scope: where it comes from and goes to.
    ///   - placeholders: what was put in the place of redacted words earlier in the exchange; in an answer, the original words
    ///     are put back where their rule says so.
    /// - Throws: `CancellationError` only. A detector or classifier that fails is a verdict with an error, decided by the
    ///   rule's `on_error`.
    public func judge(
        _ subject: Subject,
        in scope: Scope = Scope(),
        knowing placeholders: Placeholders = Placeholders()
    ) async throws -> Judgement {
        let start = ContinuousClock.now
        let active = scoped.rules(in: scope, subject.direction)
        let messages = JoinedTexts.messages(of: subject.turns)
        var found = [Verdict?](repeating: nil, count: active.rules.count)
        var redactions = RedactionCollector(subject.direction, placeholders: placeholders)
        var readings = ReadingCache(reader: reader)
        for (index, detector) in active.detectors.enumerated() {
            guard let detector else { continue }
            found[index] = search(
                subject,
                messages,
                active.rules[index],
                detector,
                readings: &readings,
                redactions: &redactions
            )
        }
        if subject.direction == .response { redactions.restore(in: subject.turns) }
        let scored = try await score(subject, active, readings: &readings)
        let ordered = zip(active.rules, found).compactMap { scored.verdicts[$0.id] ?? $1 }
        let replaced = redactions.redactions(in: subject.context + subject.turns)
        return Judgement(
            verdicts: ordered,
            redactions: replaced,
            placeholders: redactions.placeholders,
            coverage: coverage(of: subject, verdicts: ordered),
            screenScore: scored.screen,
            reply: reply(for: ordered, by: active.policy),
            duration: start.duration(to: .now),
            isOverloaded: scored.isOverloaded,
            unscanned: subject.turns.contains { $0.parts.contains(where: \.kind.isUnread) }
                ? active.policy.unscanned : .allow
        )
    }

    /// The decision that a judgement of this moderator amounts to.
    public func decision(_ judgement: Judgement, direction: Direction) -> Decision {
        Decision(direction: direction, judgement: judgement, policy: policy, classifier: classifier?.identity)
    }
}

// MARK: - What is said of it

extension Moderator {
    /// Every part and what became of it; a rule that could not answer leaves the subject's own text not judged.
    private func coverage(of subject: Subject, verdicts: [Verdict]) -> [Coverage] {
        let failure = verdicts.lazy.compactMap(\.error).first
        func entries(_ turns: [Turn], isJudged: Bool) -> [Coverage] {
            turns.flatMap { turn in
                turn.parts.map { part in
                    let judged: Coverage.State = failure == nil ? .scanned : .skipped
                    let state: Coverage.State = !part.kind.isText ? .skipped : isJudged ? judged : .context
                    let reason: String? =
                        switch state {
                        case .scanned: nil
                        case .context: turn.role == .system ? "operator instructions" : "earlier turn"
                        case .skipped where part.kind.isText: failure.map { "not judged by every rule: \($0)" }
                        case .skipped: "no detector reads \(part.kind.rawValue)"
                        }
                    return Coverage(
                        pointer: part.pointer,
                        kind: part.kind,
                        state: state,
                        reason: reason,
                        bytes: part.text.utf8.count
                    )
                }
            }
        }
        return entries(subject.context, isJudged: false) + entries(subject.turns, isJudged: true)
    }

    private func reply(for verdicts: [Verdict], by policy: PolicySet) -> String {
        guard let deciding = verdicts.first(where: { $0.effective == .block && $0.error == nil }) else {
            let guardIsDown = verdicts.contains { $0.effective == .block }
            return guardIsDown ? Moderator.guardUnavailableReply : policy.reply
        }
        return policy.rules.first { $0.id == deciding.rule }?.reply ?? policy.reply
    }

    /// What the client is told when the text could not be checked.
    public static let guardUnavailableReply =
        "This message could not be checked for safety, so it was not passed on. Please try again later."
}
