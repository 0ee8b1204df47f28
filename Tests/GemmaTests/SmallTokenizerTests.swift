import Gemma
import Testing

@Suite("tokenizers made for a test")
struct SmallTokenizerTests {
    /// A vocabulary of some pieces with type 1, after four control tokens; scores fall in the order given.
    private func tokenizer(
        _ pieces: [String],
        userDefined: [String] = [],
        withBytes: Bool = false,
        spacePrefix: Bool = false
    ) throws -> Tokenizer {
        let control = ["<pad>", "<eos>", "<bos>", "<unk>"]
        let bytes = withBytes ? (0..<256).map { "<0x\(hex($0))>" } : []
        let all = control + pieces + userDefined + bytes
        var writer = GGUFWriter(tensors: 0, pairs: 5)
        writer.addPair("tokenizer.ggml.model", string: "llama")
        writer.addArrayHead("tokenizer.ggml.tokens", type: 8, count: UInt64(all.count))
        for piece in all { writer.add(piece) }
        writer.addArrayHead("tokenizer.ggml.scores", type: 6, count: UInt64(all.count))
        for index in all.indices { writer.add(Float(-index).bitPattern) }
        writer.addArrayHead("tokenizer.ggml.token_type", type: 5, count: UInt64(all.count))
        for _ in control { writer.add(Int32(3)) }
        for _ in pieces { writer.add(Int32(1)) }
        for _ in userDefined { writer.add(Int32(4)) }
        for _ in bytes { writer.add(Int32(6)) }
        writer.add("tokenizer.ggml.add_space_prefix")
        writer.add(UInt32(7))
        writer.add(UInt8(spacePrefix ? 1 : 0))
        return try Tokenizer(GGUFFile(bytes: writer.bytes))
    }

    private func hex(_ value: Int) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }

    @Test("the best-scored pair is merged first, wherever it stands")
    func mergeOrder() throws {
        let tokenizer = try tokenizer(["bc", "ab", "a", "b", "c"])
        #expect(tokenizer.encode("abc") == [6, 4])
        #expect(tokenizer.encode("abab") == [5, 5])
    }

    @Test("the longest fixed piece wins, and nothing merges across it")
    func fixedPieces() throws {
        let tokenizer = try tokenizer(["a", "b", "ab", "▁"], userDefined: ["--", "---", "  "])
        #expect(tokenizer.encode("a---b--ab") == [4, 9, 5, 8, 6])
        #expect(tokenizer.encode("a   b") == [4, 10, 7, 5])
    }

    @Test("unknown characters become their bytes, or the unknown token where there are none")
    func byteFallback() throws {
        #expect(try tokenizer(["a"]).encode("aé") == [4, 3])
        let withBytes = try tokenizer(["a"], withBytes: true)
        #expect(withBytes.encode("aé") == [4, 5 + 0xC3, 5 + 0xA9])
        #expect(withBytes.decode([4, 5 + 0xC3, 5 + 0xA9]) == "aé")
    }

    @Test("a space prefix is added only when the metadata says so")
    func spacePrefix() throws {
        #expect(try tokenizer(["a", "▁", "▁a"]).encode("a") == [4])
        let prefixed = try tokenizer(["a", "▁", "▁a"], spacePrefix: true)
        #expect(prefixed.encode("a") == [6])
        #expect(prefixed.decode([6]) == "a")
    }

    @Test("a stream gives whole characters, and repairs one that never ends")
    func streaming() throws {
        var decoder = StreamingDecoder(try tokenizer([], withBytes: true))
        let bytes = Array("a€😀".utf8).map { TokenID($0) + 4 }
        #expect(bytes.map { decoder.append($0) } == ["a", "", "", "€", "", "", "", "😀"])
        #expect(decoder.append(4 + 0xE2).isEmpty)
        #expect(decoder.append(4 + 0x41) == "\u{FFFD}A")
        #expect(decoder.append(4 + 0xF0).isEmpty)
        #expect(decoder.finish() == "\u{FFFD}")
        #expect(decoder.finish().isEmpty)
    }

    @Test("a vocabulary of one piece again and again is refused, not searched for hours")
    func collisions() {
        #expect(throws: GemmaError.invalidTokenizer(found: "4096 pieces that collide", expected: "different pieces")) {
            try tokenizer(Array(repeating: "a", count: 20_000))
        }
    }

    @Test("an empty text has no tokens")
    func empty() throws {
        #expect(try tokenizer(["a"], spacePrefix: true).encode("").isEmpty)
    }
}
