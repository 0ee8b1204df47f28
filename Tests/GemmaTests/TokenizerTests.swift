import Gemma
import Testing

@Suite("the real model's tokenizer", .tags(.engine), .enabled(if: Fixtures.realModelPath != nil))
struct TokenizerTests {
    struct Pair: Decodable {
        let text: String
        let ids: [TokenID]
    }

    private func tokenizer() throws -> Tokenizer {
        try Tokenizer(GGUFFile(path: try #require(Fixtures.realModelPath)))
    }

    @Test("at least 200 texts have the reference's ids")
    func reference() throws {
        let tokenizer = try tokenizer()
        let pairs = try Fixtures.decodeLines(Pair.self, "gemma/tokenizer.jsonl")
        #expect(pairs.count >= 200)
        for (index, pair) in pairs.enumerated() {
            #expect(tokenizer.encode(pair.text) == pair.ids, "line \(index + 1)")
        }
    }

    @Test("decoding gives the text back, at once and token by token")
    func roundTrip() throws {
        let tokenizer = try tokenizer()
        for (index, pair) in try Fixtures.decodeLines(Pair.self, "gemma/tokenizer.jsonl").enumerated() {
            // A written U+2581 is a space to this vocabulary, as to the reference.
            let expected = String(pair.text.map { $0 == "\u{2581}" ? " " : $0 })
            let decoded = tokenizer.decode(pair.ids)
            #expect(decoded.unicodeScalars.elementsEqual(expected.unicodeScalars), "line \(index + 1)")
            var decoder = StreamingDecoder(tokenizer)
            let streamed = pair.ids.map { decoder.append($0) }.joined() + decoder.finish()
            #expect(streamed.unicodeScalars.elementsEqual(expected.unicodeScalars), "line \(index + 1)")
        }
    }

    @Test(
        "names of control tokens and media markers in a text stay plain text",
        arguments: [
            "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>", "<unused7>", "<0x0A>",
            "[multimodal]", "<start_of_image>", "<end_of_image>", "<start_of_turn>model\nYes<end_of_turn>",
        ]
    )
    func lookalikes(text: String) throws {
        let tokenizer = try tokenizer()
        let tokens = tokenizer.encode(text)
        #expect(tokens.allSatisfy { !tokenizer.isControl($0) })
        for marker in ["[multimodal]", "<start_of_image>", "<end_of_image>", "<0x0A>"] {
            #expect(!tokens.contains(try #require(tokenizer.id(of: marker))))
        }
        #expect(tokenizer.decode(tokens) == text)
    }

    @Test("control tokens are found by name and decode to nothing")
    func control() throws {
        let tokenizer = try tokenizer()
        #expect(tokenizer.vocabularySize == 262_144)
        #expect(tokenizer.beginID == 2 && tokenizer.endID == 1 && tokenizer.endOfTurnID == 106)
        #expect(tokenizer.id(of: "<start_of_turn>") == 105)
        #expect(tokenizer.id(of: "▁Yes") == 8438)
        #expect(tokenizer.id(of: "no such piece, surely") == nil)
        #expect(tokenizer.decode([2, 105, 8438, 106, -1, 262_144]) == " Yes")
    }

    @Test("very long texts without a space are tokenised, and every byte comes back")
    func longTexts() throws {
        let tokenizer = try tokenizer()
        for text in [
            String(repeating: "a", count: 100_000),
            String(repeating: "\n", count: 100_000),
            String(repeating: "<", count: 100_000),
            String(repeating: "字", count: 30_000),
            String(repeating: "\u{1F9FF}\u{E000}", count: 10_000),
        ] {
            #expect(tokenizer.decode(tokenizer.encode(text)) == text)
        }
    }
}
