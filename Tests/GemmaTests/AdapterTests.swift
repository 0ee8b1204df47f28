import Gemma
import Testing

@Suite("adapters")
struct AdapterTests {
    private static let base = "gemma/tiny-gemma3.gguf"

    private func refusal(_ adapter: [UInt8], base: String = Self.base) -> GemmaError? {
        #expect(throws: GemmaError.self) {
            try GemmaModel(
                GGUFFile(bytes: Fixtures.bytes(base)),
                adapter: GGUFFile(bytes: adapter),
                precision: .float32,
                threads: 1
            )
        }
    }

    private func adapter(
        architecture: String = "gemma3",
        type: String = "adapter",
        _ tensors: [(String, [UInt64])]
    ) -> [UInt8] {
        var writer = GGUFWriter(tensors: UInt64(tensors.count), pairs: 3)
        writer.addPair("general.architecture", string: architecture)
        writer.addPair("general.type", string: type)
        writer.addPair("adapter.type", string: "lora")
        var offset: UInt64 = 0
        for (name, shape) in tensors {
            writer.addTensor(name, shape: shape, offset: offset)
            offset += (shape.reduce(4, *) + 31) / 32 * 32
        }
        writer.addData(Int(offset))
        return writer.bytes
    }

    @Test("an adapter changes the logits, and its metadata can be read")
    func merge() throws {
        let plain = try Fixtures.tinyModel("tiny-gemma3")
        let adapted = try Fixtures.tinyModel("tiny-gemma3", adapter: "tiny-gemma3-lora")
        let segment = Segment(tokens: sampleTokens(8), logits: .all)
        let difference = largestDifference(
            try ForwardPass(plain).forward([segment])[0],
            try ForwardPass(adapted).forward([segment])[0]
        )
        #expect(difference > 0.01)
        #expect(plain.adapterMetadata == nil)
        #expect(try adapted.adapterMetadata?.float("adapter.lora.alpha") == 8)
    }

    @Test("an adapter for another architecture is refused")
    func otherArchitecture() throws {
        #expect(
            refusal(try Fixtures.bytes("gemma/tiny-gemma3-lora.gguf"), base: "gemma/tiny-gemma2.gguf")
                == .adapterMismatch(subject: "'general.architecture'", found: "'gemma3'", expected: "'gemma2'")
        )
    }

    @Test("a model in the adapter's place is refused")
    func modelAsAdapter() throws {
        #expect(
            refusal(try Fixtures.bytes(Self.base))
                == .adapterMismatch(subject: "'general.type'", found: "'model'", expected: "'adapter'")
        )
    }

    @Test("an adapter in the model's place is refused")
    func adapterAsModel() throws {
        #expect(throws: GemmaError.self) {
            try GemmaModel(GGUFFile(path: Fixtures.path("gemma/tiny-gemma3-lora.gguf")), threads: 1)
        }
    }

    @Test("an adapter of another shape names the tensor")
    func otherShape() {
        let name = "blk.0.attn_q.weight"
        #expect(
            refusal(adapter([(name + ".lora_a", [64, 2]), (name + ".lora_b", [2, 128])]))
                == .adapterMismatch(subject: "'\(name).lora_a'", found: "of shape [64, 2]", expected: "[32, rank]")
        )
        #expect(
            refusal(adapter([(name + ".lora_a", [32, 2]), (name + ".lora_b", [3, 128])]))
                == .adapterMismatch(subject: "'\(name).lora_b'", found: "of shape [3, 128]", expected: "[2, 128]")
        )
    }

    @Test("half a pair, and weights the model does not adapt, are refused")
    func strayWeights() {
        let name = "blk.0.attn_q.weight"
        #expect(
            refusal(adapter([(name + ".lora_a", [32, 2])]))
                == .adapterMismatch(
                    subject: "the pair for '\(name)'",
                    found: "only its 'lora_a'",
                    expected: "both 'lora_a' and 'lora_b'"
                )
        )
        for stray in ["blk.7.attn_q.weight.lora_a", "token_embd.weight.lora_a", "blk.0.attn_q.weight"] {
            guard case .adapterMismatch(let subject, _, _) = refusal(adapter([(stray, [32, 2])])) else {
                Issue.record("\(stray) was not refused as a mismatch")
                continue
            }
            #expect(subject == "the adapter's weight '\(stray)'")
        }
    }
}
