public import Moderation

/// What the judge said of a test's text: all that a test compares, so that it need not be asked again.
public struct PolicyTestAnswer: Sendable, Codable, Hashable {
    /// What was decided.
    public var outcome: Outcome
    /// The rules that decided it, in policy order; empty where nothing was found.
    public var deciders: [String]
    /// The scores of the rules that have one, 0...1, by rule id.
    public var scores: [String: Double]

    /// Draws the answer from a judgement.
    init(_ judgement: Judgement) {
        let outcome = judgement.outcome
        self.outcome = outcome
        deciders = outcome == .allow ? [] : judgement.verdicts.filter { $0.effective == outcome }.map(\.rule)
        let scored = judgement.verdicts.compactMap { verdict in verdict.score.map { (verdict.rule, $0) } }
        scores = Dictionary(scored, uniquingKeysWith: { first, _ in first })
    }
}

/// Keeps what the judge said, so that tests whose rule, text, model and program are the same need not ask again.
public protocol PolicyTestCache: Sendable {
    /// The answer that was kept under a digest; nil when there is none.
    func answer(for digest: String) -> PolicyTestAnswer?

    /// Keeps an answer.
    func keep(_ answer: PolicyTestAnswer, for digest: String)
}
