import Gemma
import Testing

@Suite("model information")
struct ModelInfoTests {
    @Test("a model's file tells its architecture, sizes and types")
    func model() throws {
        let info = try ModelInfo(path: Fixtures.path("gemma/tiny-gemma3-quantised.gguf"))
        #expect(info.kind == .model && info.architecture == "gemma3" && info.name == "tiny-gemma3-quantised")
        #expect(info.layerCount == 2 && info.hiddenSize == 256)
        #expect(info.contextLength == 512 && info.vocabularySize == 320)
        #expect(info.isSupported)
        #expect(info.types.reduce(0) { $0 + $1.tensors } == 28)
        #expect(info.types.contains { $0.type == "Q4_K" && $0.tensors == 2 })
        #expect(info.types.map(\.bytes) == info.types.map(\.bytes).sorted(by: >))
        #expect(info.parameters == info.types.reduce(0) { $0 + $1.parameters })
    }

    @Test("an adapter's file tells its rank, alpha and template")
    func adapter() throws {
        let info = try ModelInfo(path: Fixtures.adapterPath)
        #expect(info.kind == .adapter && info.name == "shield-270m")
        #expect(info.adapterRank == 16 && info.adapterAlpha == 32)
        #expect(info.template == "shield-1")
        #expect(info.contextLength == nil && info.vocabularySize == nil)
    }

    @Test("another architecture is described, and said to be unsupported")
    func other() throws {
        var writer = GGUFWriter(tensors: 0, pairs: 1)
        writer.addPair("general.architecture", string: "llama")
        let info = try ModelInfo(GGUFFile(bytes: writer.bytes))
        #expect(info.architecture == "llama" && !info.isSupported)
    }
}
