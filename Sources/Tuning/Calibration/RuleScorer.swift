public import Moderation

/// Asks one rule for its scores: alone, in force, without the screen.
public struct RuleScorer: Sendable {
    private let rule: Rule
    private let detectors: any DetectorBuilder
    private let classifier: any Classifier
    private let reader: any TextReader

    /// Takes a rule with thresholds.
    ///
    /// - Parameters:
    ///   - rule: a principle or examples rule.
    ///   - detectors: what makes detectors.
    ///   - classifier: gives the scores.
    ///   - reader: undoes tricks of writing, as it does in the gateway.
    public init(
        rule: Rule,
        detectors: any DetectorBuilder,
        classifier: any Classifier,
        reader: any TextReader = PlainReader()
    ) {
        var rule = rule
        rule.mode = .enforce
        self.rule = rule
        self.detectors = detectors
        self.classifier = classifier
        self.reader = reader
    }

    /// Scores texts one after the other.
    ///
    /// A text that is one of the rule's own examples is compared with the others: with itself it would always match.
    ///
    /// - Parameter progress: called after each text with how many are done.
    /// - Returns: a sample for each text; none for the only positive example of a rule.
    /// - Throws: ``ScoringError`` when the rule can't answer, `CancellationError`.
    public func score(
        _ texts: [LabelledText],
        progress: (Int) -> Void = { _ in }
    ) async throws -> [CalibrationSample] {
        let whole = try moderator(rule)
        var samples: [CalibrationSample] = []
        for (index, text) in texts.enumerated() {
            try Task.checkCancellation()
            if let moderator = try moderator(without: text.text, whole) {
                let verdict = try await moderator.judge(text.subject).verdicts.first
                guard let score = verdict?.score else {
                    throw ScoringError(index: index, reason: verdict?.error ?? "the rule gave no score")
                }
                samples.append(
                    CalibrationSample(score: score, isPositive: text.isPositive, digest: text.digest)
                )
            }
            progress(index + 1)
        }
        return samples
    }

    /// The rule without an example; nil when nothing is left to compare with.
    private func moderator(without text: String, _ whole: Moderator) throws(DetectionError) -> Moderator? {
        guard case .examples(var examples) = rule.detection,
            examples.positive.contains(text) || examples.negative.contains(text)
        else { return whole }
        examples.positive.removeAll { $0 == text }
        examples.negative.removeAll { $0 == text }
        guard !examples.positive.isEmpty else { return nil }
        var rule = rule
        rule.detection = .examples(examples)
        return try moderator(rule)
    }

    private func moderator(_ rule: Rule) throws(DetectionError) -> Moderator {
        let policy = PolicySet(name: rule.id, revision: "", rules: [rule])
        return try Moderator(policy: policy, detectors: detectors, classifier: classifier, reader: reader)
    }
}

/// A text that a rule gave no score.
public struct ScoringError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which text, from 0.
    public var index: Int
    /// Why; never holds the text.
    public var reason: String

    /// What happened.
    public var description: String { "text \(index + 1) got no score: \(reason)" }
}
