import Gemma
import Testing

@Suite("hostile GGUF files")
struct HostileFileTests {
    /// A file that is broken in one way.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        var testDescription: String { name }

        init(_ name: String, tensors: UInt64 = 0, pairs: UInt64 = 0, _ build: (inout GGUFWriter) -> Void = { _ in }) {
            self.name = name
            var writer = GGUFWriter(tensors: tensors, pairs: pairs)
            build(&writer)
            bytes = writer.bytes
        }
    }

    static let cases: [Case] = [
        Case("2^63 tensors", tensors: 1 << 63),
        Case("all ones as pair count", pairs: .max),
        Case("more pairs than bytes", pairs: 3) { $0.addPair("a", uint32: 1) },
        Case("a key longer than the file", pairs: 1) { writer in
            writer.add(UInt64(1) << 40)
            writer.addData(64)
        },
        Case("a value of an unknown kind", pairs: 1) { writer in
            writer.add("key")
            writer.add(UInt32(13))
            writer.addData(64)
        },
        Case("the same key twice", pairs: 2) { writer in
            writer.addPair("key", uint32: 1)
            writer.addPair("key", uint32: 2)
        },
        Case("a key that is not UTF-8", pairs: 1) { writer in
            writer.add(UInt64(2))
            writer.add(UInt16(0xFFFE))
            writer.add(UInt32(4))
            writer.add(UInt32(4))
        },
        Case("an array whose size overflows", pairs: 1) { writer in
            writer.addArrayHead("key", type: 10, count: 1 << 61)
            writer.addData(64)
        },
        Case("arrays nested without end", pairs: 1) { writer in
            writer.addArrayHead("key", type: 9, count: 1)
            for _ in 0..<64 {
                writer.add(UInt32(9))
                writer.add(UInt64(1))
            }
        },
        Case("an alignment of 0", tensors: 1, pairs: 1) { writer in
            writer.addPair("general.alignment", uint32: 0)
            writer.addTensor("a", shape: [4])
            writer.addData(16)
        },
        Case("an alignment that is no power of two", tensors: 1, pairs: 1) { writer in
            writer.addPair("general.alignment", uint32: 48)
            writer.addTensor("a", shape: [4])
            writer.addData(64)
        },
        Case("a tensor without dimensions", tensors: 1) { writer in
            writer.addTensor("a", shape: [])
            writer.addData(64)
        },
        Case("a tensor of five dimensions", tensors: 1) { writer in
            writer.addTensor("a", shape: [1, 1, 1, 1, 1])
            writer.addData(64)
        },
        Case("an extent of 0", tensors: 1) { writer in
            writer.addTensor("a", shape: [4, 0])
            writer.addData(64)
        },
        Case("extents whose product overflows", tensors: 1) { writer in
            writer.addTensor("a", shape: [1 << 32, 1 << 32])
            writer.addData(64)
        },
        Case("an unknown tensor type", tensors: 1) { writer in
            writer.addTensor("a", shape: [32], type: 99)
            writer.addData(64)
        },
        Case("half a block", tensors: 1) { writer in
            writer.addTensor("a", shape: [48], type: 8)
            writer.addData(64)
        },
        Case("an offset that is not aligned", tensors: 1) { writer in
            writer.addTensor("a", shape: [4], offset: 8)
            writer.addData(64)
        },
        Case("an offset beyond the file", tensors: 1) { writer in
            writer.addTensor("a", shape: [4], offset: 1 << 62)
            writer.addData(64)
        },
        Case("a tensor that passes the end", tensors: 1) { writer in
            writer.addTensor("a", shape: [17])
            writer.addData(64)
        },
        Case("the same tensor twice", tensors: 2) { writer in
            writer.addTensor("a", shape: [4])
            writer.addTensor("a", shape: [4])
            writer.addData(64)
        },
    ]

    @Test("each is an error that says what was found", arguments: cases)
    func isRefused(_ file: Case) {
        #expect { try GGUFFile(bytes: file.bytes) } throws: { ($0 as? GemmaError)?.description.isEmpty == false }
    }

    /// Loads a model, and runs it if that works: broken weights may give any number, but must not trap.
    private func loadAndRun(_ bytes: [UInt8]) {
        do {
            let model = try GemmaModel(GGUFFile(bytes: bytes), precision: .float32, threads: 1)
            _ = model.tokenizer.encode("a few words\n\nand more")
            let tokens = [TokenID](1...3).filter { Int($0) < model.configuration.vocabularySize }
            _ = try ForwardPass(model).forward([Segment(tokens: tokens, logits: .rows([1]))])
        } catch {
            #expect(!error.description.isEmpty)
        }
    }

    @Test("a model cut off anywhere is an error")
    func truncations() throws {
        let whole = try Fixtures.bytes("gemma/tiny-gemma1.gguf")
        // Every length in the beginning, where structure is dense, then steps through the rest.
        for length in Array(0..<600) + Array(stride(from: 600, to: whole.count, by: 997)) + [whole.count - 1] {
            #expect(throws: GemmaError.self) {
                try GemmaModel(GGUFFile(bytes: Array(whole[..<length])), precision: .float32, threads: 1)
            }
        }
    }

    @Test("flipped bytes in the header load or throw", arguments: 1...4)
    func flips(seed: Int) throws {
        let whole = try Fixtures.bytes("gemma/tiny-gemma3.gguf")
        let headerBytes = 13_472
        var state = UInt64(seed)
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0...next(3) {
                bytes[next(headerBytes)] = UInt8(next(256))
            }
            loadAndRun(bytes)
        }
    }

    @Test("a flipped byte in each place of the key-value pairs and tensor entries loads or throws")
    func everyPlace() throws {
        let whole = try Fixtures.bytes("gemma/tiny-gemma1.gguf")
        let headerBytes = 9_632
        for offset in stride(from: 8, to: headerBytes, by: 3) {
            var bytes = whole
            bytes[offset] ^= 0xFF
            loadAndRun(bytes)
        }
    }

    @Test("an adapter with a flipped byte anywhere in its header is merged or refused")
    func adapterFlips() throws {
        let whole = try Fixtures.bytes("gemma/tiny-gemma3-lora.gguf")
        let base = try GGUFFile(path: Fixtures.path("gemma/tiny-gemma3.gguf"))
        let headerBytes = 6_848
        for offset in stride(from: 8, to: headerBytes, by: 5) {
            var bytes = whole
            bytes[offset] ^= 1 << UInt8(offset % 8)
            do {
                let adapter = try GGUFFile(bytes: bytes)
                _ = try GemmaModel(base, adapter: adapter, precision: .float32, threads: 1)
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
    }
}
