public import Moderation

/// Puts labelled rows before a classifier and measures its scores.
public struct Evaluator: Sendable {
    private struct Judge {
        var id: String
        var principle: Principle
        var directions: Set<Direction>
    }

    private let classifier: any Classifier
    private let judges: [Judge]
    private let screen: Screen?

    /// Takes the principle rules of a policy; every one is asked about every row, whatever the screen says.
    public init(classifier: any Classifier, policy: PolicySet) {
        self.classifier = classifier
        screen = policy.screen
        judges = policy.rules.compactMap { rule in
            guard rule.mode != .off, case .principle(let principle) = rule.detection else { return nil }
            return Judge(id: rule.id, principle: principle, directions: rule.appliesTo)
        }
    }

    /// Judges rows one after the other.
    ///
    /// - Parameters:
    ///   - rows: what to judge.
    ///   - file: their path, for the report.
    ///   - progress: called after each row with how many are done and that row's scores.
    /// - Throws: what the classifier throws.
    public func evaluate(
        _ rows: [DataRow],
        file: String,
        progress: (Int, RowScores) -> Void = { _, _ in }
    ) async throws -> Evaluation {
        var scores: [RowScores] = []
        var times: [Double] = []
        var tokens = 0
        for row in rows {
            let direction: Direction = row.kind == .response ? .response : .prompt
            let asked = judges.filter { $0.directions.contains(direction) }
            var questions = asked.map { Question(principle: $0.principle.text) }
            if let screen { questions.append(Question(principle: screen.principle)) }
            let start = ContinuousClock.now
            let answer = try await classifier.classify(row.request(questions: questions))
            times.append(start.duration(to: .now).milliseconds)
            tokens += answer.computedTokens
            var row = RowScores(id: row.id, screen: screen == nil ? nil : answer.scores.last ?? nil, rules: [:])
            for (judge, score) in zip(asked, answer.scores) { row.rules[judge.id] = score }
            scores.append(row)
            progress(scores.count, row)
        }
        let sorted = times.sorted()
        func percentile(_ share: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
        return Evaluation(
            file: file,
            rows: rows.count,
            overall: overall(rows, scores),
            labels: labels(rows, scores),
            tokensPerSecond: Double(tokens) / max(1e-9, times.reduce(0, +) / 1000),
            p50Milliseconds: percentile(0.5),
            p99Milliseconds: percentile(0.99)
        )
    }

    private func overall(_ rows: [DataRow], _ scores: [RowScores]) -> [Evaluation.Score] {
        let labelled = zip(rows, scores).compactMap { row, scores in row.unsafe.map { (scores, $0 == 1) } }
        var out: [Evaluation.Score] = []
        if let screen {
            let pairs = labelled.map { ($0.0.screen ?? 0, $0.1) }
            if let ranking = BinaryMetrics(pairs) {
                let asked = DecisionMetrics(pairs.map { ($0.0 >= screen.bar, $0.1) })
                out.append(Evaluation.Score(name: "screen", ranking: ranking, atBlock: nil, atFlag: asked))
            }
        }
        if let ranking = BinaryMetrics(labelled.map { ($0.0.rules.values.max() ?? 0, $0.1) }) {
            func acted(_ level: Outcome) -> DecisionMetrics {
                DecisionMetrics(labelled.map { (outcome($0.0) >= level, $0.1) })
            }
            out.append(
                Evaluation.Score(name: "max", ranking: ranking, atBlock: acted(.block), atFlag: acted(.flag))
            )
        }
        return out
    }

    /// A label is answered by the rule of the same name, `hate_speech` by `hate-speech`.
    private func labels(_ rows: [DataRow], _ scores: [RowScores]) -> [Evaluation.Score] {
        judges.compactMap { judge in
            let label = judge.id.replacing("-", with: "_")
            let labelled = zip(rows, scores).compactMap { row, scores -> (score: Double, isPositive: Bool)? in
                guard let truth = row.labels[label] ?? nil, let score = scores.rules[judge.id] else { return nil }
                return (score, truth == 1)
            }
            guard let ranking = BinaryMetrics(labelled) else { return nil }
            func acted(_ level: Outcome) -> DecisionMetrics {
                DecisionMetrics(
                    labelled.map { (judge.principle.thresholds.outcome(of: $0.score) >= level, $0.isPositive) }
                )
            }
            return Evaluation.Score(name: label, ranking: ranking, atBlock: acted(.block), atFlag: acted(.flag))
        }
    }

    private func outcome(_ scores: RowScores) -> Outcome {
        judges.compactMap { judge in
            scores.rules[judge.id].map(judge.principle.thresholds.outcome(of:))
        }.max() ?? .allow
    }
}
