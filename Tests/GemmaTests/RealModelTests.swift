import Gemma
import Testing

@Suite("the real model against transformers", .tags(.engine), .enabled(if: Fixtures.realModelPath != nil))
struct RealModelTests {
    struct Reference: Decodable {
        struct Prompt: Decodable {
            let text: String
            let ids: [TokenID]
            /// Pairs of token id and logit, likeliest first.
            let top: [[Float]]
            /// The same tokens for every prompt.
            let fixed: [[Float]]
        }
        let prompts: [Prompt]
    }

    @Test(
        "next-token logits, beyond the sliding window too",
        arguments: zip(WeightPrecision.allCases, [0.5, 0.05, 1e-3] as [Float])
    )
    func nextToken(precision: WeightPrecision, tolerance: Float) throws {
        let path = try #require(Fixtures.realModelPath)
        let model = try GemmaModel.load(path: path, precision: precision, threads: 2)
        let pass = ForwardPass(model)
        let prompts = try Fixtures.decode(Reference.self, "gemma/gemma-3-270m.logits.json").prompts
        #expect(prompts.contains { $0.ids.count > model.configuration.slidingWindow ?? .max })
        for prompt in prompts {
            #expect([model.tokenizer.beginID] + model.tokenizer.encode(prompt.text) == prompt.ids)
            let logits = try pass.forward([Segment(tokens: prompt.ids, logits: .all)])[0]
            let pairs = prompt.top + prompt.fixed
            let difference = largestDifference(pairs.map { logits[Int($0[0])] }, pairs.map { $0[1] })
            #expect(difference < tolerance, "\(precision), \(prompt.ids.count) tokens")
            let likeliest = logits.indices.max { logits[$0] < logits[$1] }
            #expect(likeliest == Int(prompt.top[0][0]))
        }
    }
}
