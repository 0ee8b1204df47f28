import Gemma
import Shield

/// Work given as token ids, run by the engine without caches from before: what a peer does too.
struct ScoringPass {
    let engine: Engine
    let yes: TokenID
    let no: TokenID

    /// A whole prompt, and the two logits after its last token.
    func prefill(_ tokens: [TokenID]) async throws {
        _ = try await engine.forward([Segment(tokens: tokens, logits: .rows([yes, no]))])
    }

    /// The probability of Yes for each question, the text and what all questions begin with computed once, in one pass.
    func shared(_ text: [TokenID], questions: [[TokenID]]) async throws -> [Double] {
        let head = QuestionSet.sharedHead(of: questions)
        let cache = engine.model.makeCache()
        let asked = questions.map { question in
            Segment(cache: cache, tokens: Array(question.dropFirst(head.count)), logits: .rows([yes, no]))
        }
        let read = Segment(cache: cache, tokens: text + head, extendsCache: true, logits: .none)
        return try probabilities(try await engine.forward([read] + asked).dropFirst())
    }

    /// The same, the text computed again for each question.
    func full(_ text: [TokenID], questions: [[TokenID]]) async throws -> [Double] {
        var scores: [Double] = []
        for question in questions {
            let segment = Segment(tokens: text + question, logits: .rows([yes, no]))
            scores += try probabilities(try await engine.forward([segment])[...])
        }
        return scores
    }

    private func probabilities(_ logits: ArraySlice<[Float]>) throws -> [Double] {
        try logits.map { try ShieldClassifier.probability(yes: $0[0], no: $0[1]) }
    }
}
