import Gateway
import Moderation
import Testing

@Suite("JSON documents")
struct JSONDocumentTests {
    private func document(_ text: String) throws -> JSONDocument { try JSONDocument(Array(text.utf8)) }

    @Test("a key that says something has a pointer of its own and can be replaced; names have none")
    func keys() throws {
        let bytes = Array(
            #"{"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":{"two words":1}}}]}]}"#.utf8
        )
        let request = try OpenAIChatDialect().decodeRequest(bytes, at: chatRoute)
        let part = try #require(request.conversation.turns[0].parts.first)
        #expect(part.text == "two words" && part.kind == .toolCall)
        #expect(part.pointer == "/messages/0/tool_calls/0/function/arguments/two words/~2")
        let match = Match(range: 0..<3, label: "x", replacement: "2")
        let changed = try OpenAIChatDialect()
            .rewrite(request, redactions: [Redaction(pointer: part.pointer, matches: [match])])
        #expect(String(decoding: changed, as: UTF8.self).contains(#"{"2 words":1}"#))
        let document = try JSONDocument(Array(#"{"~2":{"a":1},"b":{"~2":2}}"#.utf8))
        #expect(document.value(at: "/~2") == nil && document.value(at: "/~02/a") != nil)
    }

    @Test("values are found by pointer")
    func pointers() throws {
        let document = try document(#"{"a":[{"b/c":"x"},2],"~":{"":true},"é":null}"#)
        #expect(document.string(document.value(at: "/a/0/b~1c")) == "x")
        #expect(document.integer(document.value(at: "/a/1")) == 2)
        #expect(document.value(at: "/~0/")?.kind == .bool(true))
        #expect(document.value(at: "/é")?.isNull == true)
        #expect(document.value(at: "") == document.root)
        for missing in ["/a/2", "/a/00", "/a/-1", "/a/-", "a", "/b", "/a/1/x"] {
            #expect(document.value(at: missing) == nil)
        }
    }

    @Test("escapes are resolved")
    func escapes() throws {
        let document = try document(#"["\"\\\/\b\f\n\r\t\u0041\u00e9\u0000\ud83d\ude00"]"#)
        #expect(document.string(document.value(at: "/0")) == "\"\\/\u{8}\u{c}\n\r\tAé\0😀")
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            ("", JSONError.Reason.unexpectedEnd), ("{", .unexpectedEnd), ("[1,]", .unexpectedByte),
            ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte), ("{'a':1}", .unexpectedByte),
            ("[1] 2", .trailingBytes), ("{}{}", .trailingBytes), ("[01]", .unexpectedByte), ("[1.]", .badNumber),
            ("[.5]", .unexpectedByte), ("[1e]", .badNumber), ("[-]", .badNumber), ("[+1]", .unexpectedByte),
            ("[NaN]", .unexpectedByte), ("[Infinity]", .unexpectedByte), ("[tru]", .unexpectedByte),
            ("[nul]", .unexpectedByte), ("[\"\\x41\"]", .badEscape), ("[\"\\u12G4\"]", .badEscape),
            ("[\"a\nb\"]", .controlCharacter), ("[\"\u{0}\"]", .controlCharacter), ("[\"\\ud83d\"]", .loneSurrogate),
            ("[\"\\ude00\"]", .loneSurrogate), ("[\"\\ud83d\\u0041\"]", .loneSurrogate), ("/*x*/[]", .unexpectedByte),
            ("[\"abc", .unexpectedEnd), ("\u{FEFF}[]", .unexpectedByte), ("[1 2]", .unexpectedByte),
        ]
    )
    func refused(text: String, reason: JSONError.Reason) {
        do {
            _ = try document(text)
            Issue.record("accepted: \(text)")
        } catch let error as JSONError {
            #expect(error.reason == reason)
        } catch {
            Issue.record("another error: \(error)")
        }
    }

    @Test(
        "an object that names a key twice is refused, however it is written",
        arguments: [
            #"{"messages":1,"messages":2}"#, #"{"messages":1,"mess\u0061ges":2}"#, #"{"a":{"b":1,"c":2,"b":3}}"#,
            #"[{"":1,"":2}]"#,
        ]
    )
    func duplicates(text: String) {
        #expect(throws: JSONError.self) { try document(text) }
    }

    @Test("bytes that are not UTF-8 are refused")
    func invalidUTF8() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] {
            #expect(throws: JSONError(.invalidUTF8, at: 0)) { try JSONDocument([0x5B, 0x22] + bytes + [0x22, 0x5D]) }
        }
    }

    @Test("half of a surrogate pair can be read as a replacement character")
    func loneSurrogates() throws {
        let document = try JSONDocument(Array(#"["a\ud83db","\ude00"]"#.utf8), surrogates: .replace)
        #expect(document.string(document.value(at: "/0")) == "a\u{FFFD}b")
        #expect(document.string(document.value(at: "/1")) == "\u{FFFD}")
    }

    @Test("deep nesting is refused before it can harm")
    func depth() throws {
        let fits = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        _ = try document(fits)
        #expect(throws: JSONError(.tooDeep, at: 128)) { try document("[" + fits + "]") }
        #expect(throws: JSONError.self) { try document(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test("more values than there is memory for are refused")
    func count() throws {
        let numbers = "[" + Array(repeating: "0", count: 99).joined(separator: ",") + "]"
        _ = try JSONDocument(Array(numbers.utf8), maxValues: 100)
        #expect(throws: JSONError.self) { try JSONDocument(Array(numbers.utf8), maxValues: 99) }
    }

    @Test("replaced strings leave every other byte as it was")
    func splice() throws {
        let text = "{ \"a\" :\t\"x\\u0041\" , \"n\":1.50e+3,\r\n \"b\":[\"y\", {\"z\":\"\\/\"}]}  "
        let document = try document(text)
        let edits = ["/b/0", "/a"].compactMap { pointer in
            document.value(at: pointer).map {
                JSONDocument.Edit(range: $0.range, replacement: JSONText.quoted("é\"\n"))
            }
        }
        let out = String(decoding: document.replacing(edits), as: UTF8.self)
        #expect(out == "{ \"a\" :\t\"é\\\"\\n\" , \"n\":1.50e+3,\r\n \"b\":[\"é\\\"\\n\", {\"z\":\"\\/\"}]}  ")
        #expect(document.replacing([]) == Array(text.utf8))
    }

    @Test("quoted text reads back as it was")
    func roundTrip() throws {
        let text = String(String.UnicodeScalarView((0..<0x3000).compactMap(Unicode.Scalar.init))) + "😀"
        let document = try JSONDocument(Array("[\(JSONText.quoted(text))]".utf8))
        #expect(document.string(document.value(at: "/0"))?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
    }

    @Test("no byte of random noise makes the scanner crash")
    func noise() {
        var generator = SplitMix(state: 7)
        let alphabet = Array("{}[]\",:\\u0129eE+-.truefalsnl \n\t".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<24, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            if let document = try? JSONDocument(bytes, surrogates: .replace) {
                #expect(document.root.range.upperBound <= bytes.count)
            }
        }
    }
}

/// A small seeded generator: splitmix64.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
