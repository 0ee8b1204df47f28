import Gemma
import Testing

/// Reference logits of a tiny model, made with transformers (fixtures/scripts/gemma).
struct ReferenceLogits: Decodable {
    struct Sequence: Decodable {
        struct Row: Decodable {
            let position: Int
            let values: [Float]
        }
        let ids: [TokenID]
        let logits: [Row]
    }
    let sequences: [Sequence]
}

@Suite("tiny models against transformers")
struct TinyModelTests {
    static let models: [(name: String, base: String, adapter: String?)] = [
        ("tiny-gemma1", "tiny-gemma1", nil),
        ("tiny-gemma2", "tiny-gemma2", nil),
        ("tiny-gemma3", "tiny-gemma3", nil),
        ("tiny-gemma3-linear", "tiny-gemma3-linear", nil),
        ("tiny-gemma3-quantised", "tiny-gemma3-quantised", nil),
        ("tiny-gemma3-lora", "tiny-gemma3", "tiny-gemma3-lora"),
    ]

    @Test("logits are within 1e-3 of the reference, past the sliding window too", arguments: models)
    func logits(name: String, base: String, adapter: String?) throws {
        let reference = try Fixtures.decode(ReferenceLogits.self, "gemma/\(name).logits.json")
        let model = try Fixtures.tinyModel(base, adapter: adapter)
        let pass = ForwardPass(model)
        #expect(reference.sequences.contains { $0.ids.count > 4 * (model.configuration.slidingWindow ?? 0) })
        for sequence in reference.sequences {
            let rows = sequence.logits
            // All positions in one pass: each is the end of a segment of its own.
            let found = try pass.forward(
                rows.map { Segment(tokens: Array(sequence.ids[...$0.position]), logits: .all) }
            )
            for (row, logits) in zip(rows, found) {
                #expect(largestDifference(logits, row.values) < 1e-3, "\(name), position \(row.position)")
            }
        }
    }

    @Test("chosen logits are those of the whole vocabulary")
    func chosenRows() throws {
        for name in ["tiny-gemma2", "tiny-gemma3-quantised"] {
            let pass = ForwardPass(try Fixtures.tinyModel(name))
            let tokens = sampleTokens(9)
            let all = try pass.forward([Segment(tokens: tokens, logits: .all)])[0]
            let some = try pass.forward([Segment(tokens: tokens, logits: .rows([7, 319, 0]))])[0]
            #expect(some == [all[7], all[319], all[0]])
        }
    }

    @Test("the logits are the products of the state and the output matrix")
    func state() throws {
        let file = try GGUFFile(path: Fixtures.path("gemma/tiny-gemma3.gguf"))
        let pass = ForwardPass(try Fixtures.tinyModel("tiny-gemma3"))
        let tokens = sampleTokens(9)
        let state = try pass.forward([Segment(tokens: tokens, logits: .state)])[0]
        let logits = try pass.forward([Segment(tokens: tokens, logits: .all)])[0]
        // Tied: the embedding is the output matrix.
        let embedding = file.floats(try #require(file.tensor("token_embd.weight")))
        #expect(embedding.count == logits.count * state.count)
        let products = logits.indices.map { row in
            state.indices.reduce(0) { $0 + state[$1] * embedding[row * state.count + $1] }
        }
        #expect(largestDifference(products, logits) < 1e-4)
    }

    @Test("16-bit weights stay near the 32-bit ones")
    func halfPrecision() throws {
        let path = Fixtures.path("gemma/tiny-gemma3.gguf")
        let half = ForwardPass(try GemmaModel.load(path: path, precision: .float16, threads: 1))
        let full = ForwardPass(try Fixtures.tinyModel("tiny-gemma3"))
        let segment = Segment(tokens: sampleTokens(30), logits: .all)
        let found = try half.forward([segment])[0]
        let expected = try full.forward([segment])[0]
        #expect(largestDifference(found, expected) < 0.1)
        #expect(found != expected)
    }

    @Test("metadata chooses the architecture, its local layers and its rotations")
    func architectureIsChosenByMetadata() throws {
        #expect(try Fixtures.tinyModel("tiny-gemma1").configuration.architecture == .gemma1)
        let second = try Fixtures.tinyModel("tiny-gemma2").configuration
        #expect(second.architecture == .gemma2)
        #expect(second.localLayers == [true, false, true, false])
        #expect(second.attentionSoftCap == 5 && second.finalSoftCap == 4)
        let third = try Fixtures.tinyModel("tiny-gemma3-linear").configuration
        #expect(third.architecture == .gemma3)
        #expect(third.localLayers == [true, true, true, true, true, false])
        #expect(third.globalRotation == .init(base: 1_000_000, divisor: 8))
        #expect(third.localRotation == .init(base: 10_000, divisor: 1))
    }
}
