import Foundation
import Gemma
import Testing

@Suite("the shipped adapter on the real model", .tags(.engine), .enabled(if: Fixtures.realModelPath != nil))
struct ShieldGoldenTests {
    struct Row: Decodable {
        struct Score: Decodable {
            let principle: String
            let probability: Double
        }
        let kind: String
        let prompt: String?
        let text: String
        /// Given for prompts only.
        let prefixIds: [TokenID]?
        let prefixTokens: Int
        let scores: [Score]

        enum CodingKeys: String, CodingKey {
            case kind, prompt, text, scores
            case prefixIds = "prefix_ids"
            case prefixTokens = "prefix_tokens"
        }
    }

    /// The layout in fixtures/models/shield-270m/README.md.
    private func prefix(_ row: Row, _ tokenizer: Tokenizer) throws -> [TokenID] {
        let start = try #require(tokenizer.id(of: "<start_of_turn>"))
        let end = try #require(tokenizer.endOfTurnID)
        let newline = try #require(tokenizer.id(of: "\n"))
        func turn(_ role: String, _ text: String) -> [TokenID] {
            [start] + tokenizer.encode(role) + [newline] + tokenizer.encode(text) + [end, newline]
        }
        if let prompt = row.prompt {
            return [tokenizer.beginID] + turn("user", prompt) + turn("model", row.text)
        }
        return [tokenizer.beginID] + turn("user", row.text)
    }

    @Test("every golden row has the same tokens, and probabilities within 0.02, 0.005 in the mean")
    func golden() throws {
        let model = try GemmaModel.load(
            path: try #require(Fixtures.realModelPath),
            adapterPath: Fixtures.adapterPath,
            threads: 2
        )
        #expect(try model.adapterMetadata?.string("gatehouse.template") == "shield-1")
        let yes = TokenID(try #require(try model.adapterMetadata?.integer("gatehouse.token.yes")))
        let no = TokenID(try #require(try model.adapterMetadata?.integer("gatehouse.token.no")))
        let tokenizer = model.tokenizer
        #expect(tokenizer.decode([yes]) == " Yes")
        let pass = ForwardPass(model)
        let rows = try Fixtures.decodeLines(Row.self, "models/shield-270m/golden.jsonl")
        var worst = 0.0
        var sum = 0.0
        var count = 0
        for row in rows {
            let tokens = try prefix(row, tokenizer)
            #expect(tokens.count == row.prefixTokens)
            if let expected = row.prefixIds { #expect(tokens == expected) }
            let cache = model.makeCache()
            _ = try pass.forward([Segment(cache: cache, tokens: tokens, extendsCache: true, logits: .none)])
            let opening = [try #require(tokenizer.id(of: "<start_of_turn>"))] + tokenizer.encode("policy")
            let suffixes = row.scores.map { score in
                let suffix = opening + tokenizer.encode("\n") + tokenizer.encode(score.principle)
                return Segment(
                    cache: cache,
                    tokens: suffix + tokenizer.encode("\nViolation:"),
                    logits: .rows([yes, no])
                )
            }
            for (score, logits) in zip(row.scores, try pass.forward(suffixes)) {
                let probability = 1 / (1 + exp(Double(logits[1] - logits[0])))
                let difference = abs(probability - score.probability)
                worst = max(worst, difference)
                sum += difference
                count += 1
            }
        }
        #expect(rows.count > 10 && count > 100)
        #expect(worst < 0.02)
        #expect(sum / Double(count) < 0.005)
    }
}
