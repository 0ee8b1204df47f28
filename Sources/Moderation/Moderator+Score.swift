// MARK: - Principles and examples

extension Moderator {
    /// Most texts of one subject that are judged apart.
    private static let maxTexts = 32

    /// The texts to classify: neighbouring turns of one speaker are one text, as they are to the chatbot; a subject of very
    /// many turns is one text as a whole, so that it can't be made to cost more than its length.
    private static func texts(of turns: [Turn]) -> [String] {
        var texts: [(role: Role, text: String)] = []
        for turn in turns {
            let text = turn.text
            guard !text.isEmpty else { continue }
            if texts.last?.role == turn.role {
                texts[texts.count - 1].text += "\n" + text
            } else {
                texts.append((turn.role, text))
            }
        }
        let all = texts.map(\.text)
        return all.count <= maxTexts ? all : [all.joined(separator: "\n")]
    }

    /// What the classifier says by rule.
    struct Scored {
        var verdicts: [String: Verdict] = [:]
        var screen: Double?
        var isOverloaded = false
    }

    /// What the model says of each rule that asks it.
    func score(
        _ subject: Subject,
        _ active: ActiveRules,
        readings: inout ReadingCache
    ) async throws -> Scored {
        guard active.needModel else { return Scored() }
        let rules = active.rules.filter(\.detection.needsModel)
        do {
            guard let classifier else { throw NoClassifier() }
            var request = ClassificationRequest(
                direction: subject.direction,
                context: subject.context,
                text: "",
                questions: [],
                screen: active.policy.screen
            )
            for rule in rules {
                switch rule.detection {
                case .principle(let principle):
                    request.questions.append(Question(principle: principle.text, screened: principle.screened))
                case .examples(let examples):
                    let comparison = Comparison(positive: examples.positive, negative: examples.negative)
                    request.comparisons.append(comparison)
                case .terms, .patterns, .pii, .secrets, .limits: break
                }
            }
            var scores = [Double?](repeating: nil, count: request.questions.count)
            var similarities = [Double](repeating: 0, count: request.comparisons.count)
            var screenScore: Double?
            for text in Self.texts(of: subject.turns).flatMap({ [$0] + readings.textsForModel(of: $0) }) {
                request.text = text
                let answer = try await classifier.classify(request)
                for (index, score) in answer.scores.enumerated() {
                    if let score { scores[index] = max(scores[index] ?? 0, score) }
                }
                for (index, score) in answer.similarities.enumerated() {
                    similarities[index] = max(similarities[index], score)
                }
                if let score = answer.screenScore { screenScore = max(screenScore ?? 0, score) }
            }
            var verdicts: [String: Verdict] = [:]
            var (nextScore, nextSimilarity) = (scores[...], similarities[...])
            for rule in rules {
                let isQuestion = if case .principle = rule.detection { true } else { false }
                let score = isQuestion ? nextScore.removeFirst() : nextSimilarity.removeFirst()
                verdicts[rule.id] = Verdict(
                    rule: rule.id,
                    mode: rule.mode,
                    outcome: score.flatMap { rule.detection.thresholds?.outcome(of: $0) } ?? .allow,
                    score: score,
                    thresholds: rule.detection.thresholds,
                    screenedOut: score == nil && screenScore != nil
                )
            }
            return Scored(verdicts: verdicts, screen: screenScore)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let verdicts = rules.map { rule in
                Verdict(
                    rule: rule.id,
                    mode: rule.mode,
                    outcome: rule.onError == .block ? .block : .allow,
                    thresholds: rule.detection.thresholds,
                    error: "classifier failed: \(error)"
                )
            }
            return Scored(
                verdicts: Dictionary(uniqueKeysWithValues: verdicts.map { ($0.rule, $0) }),
                isOverloaded: error is ClassifierOverload
            )
        }
    }
}

/// A policy has rules that ask the model and the process has none.
private struct NoClassifier: Error, CustomStringConvertible {
    let description = "no model is loaded; start with --model"
}
