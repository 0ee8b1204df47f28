import Gateway
import Testing

@Suite("A streamed JSON array")
struct JSONArrayItemsTests {
    private func pieces(_ text: String, size: Int = .max) throws -> [JSONArrayPiece] {
        let bytes = Array(text.utf8)
        var items = JSONArrayItems(maxItemBytes: 64)
        var pieces: [JSONArrayPiece] = []
        for start in stride(from: 0, to: bytes.count, by: min(size, max(1, bytes.count))) {
            pieces += try items.read(Array(bytes[start..<min(bytes.count, start + min(size, bytes.count))]))
        }
        return try pieces + items.finish()
    }

    @Test(
        "every byte is kept, and items are found wherever the bytes are cut",
        arguments: [
            "[]", " [ ] \n", "[{}]", "[{\"a\":1}\n,\r\n{\"b\":[{}]}]\n", #"[{"a":"]}\"],[\\"},{"{":"\u007d\\\""}]"#,
            "[{\"é\":\"\u{1F600}\"} , {}]",
        ]
    )
    func cuts(text: String) throws {
        let whole = try pieces(text)
        #expect(whole.flatMap(\.bytes) == Array(text.utf8))
        #expect(whole.count(where: \.isEnd) == 1)
        for size in 1...9 { #expect(try pieces(text, size: size) == whole) }
    }

    @Test("an item is there as soon as its last byte is")
    func early() throws {
        var items = JSONArrayItems()
        #expect(try items.read(Array("[{\"a\":".utf8)).isEmpty)
        let piece = try #require(try items.read(Array("1}".utf8)).first)
        #expect(piece.lead == Array("[".utf8) && piece.item == Array("{\"a\":1}".utf8))
        #expect(try items.read(Array(",".utf8)).isEmpty)
        #expect(try items.read(Array("{}".utf8)).first?.lead == Array(",".utf8))
    }

    @Test(
        "what is no array of objects is refused",
        arguments: [
            "{}", "x", "[1]", "[\"a\"]", "[[{}]]", "[{} {}]", "[,{}]", "[{},]", "[{},,{}]", "[] x", "[][]", "[{}]]",
            "\u{FEFF}[]", "null",
        ]
    )
    func junk(text: String) {
        #expect(throws: JSONArrayError.unexpectedByte) { try pieces(text) }
        #expect(throws: JSONArrayError.unexpectedByte) { try pieces(text, size: 1) }
    }

    @Test("an array that is cut short is refused", arguments: ["[", " ", "[{}", "[{},", "[{\"a\":\"]"])
    func cutShort(text: String) {
        #expect(throws: JSONArrayError.cutShort) { try pieces(text) }
    }

    @Test("no more is held than can be, in an item or around it")
    func tooLong() throws {
        let space = String(repeating: " ", count: 65)
        for text in ["[{\"a\":\"\(space)\"}]", "[\(space){}]", "[]\(space)", space] {
            #expect(throws: JSONArrayError.tooLong) { try pieces(text) }
        }
        #expect(try pieces("").isEmpty)
    }
}
