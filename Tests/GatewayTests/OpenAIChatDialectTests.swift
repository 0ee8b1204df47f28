import Gateway
import Moderation
import Testing

@Suite("The OpenAI chat dialect")
struct OpenAIChatDialectTests {
    @Test("it does what every dialect must")
    func conformance() throws {
        try DialectConformance(
            dialect: OpenAIChatDialect(),
            path: "/v1/chat/completions",
            request:
                #"{"messages": [{"role":"system","content":"Be kind."},{"role":"user","content":"Hi \u00e9"}],"n":1e0}"#,
            userText: "Hi é",
            streamRequest: chatRequest("Hi", stream: true),
            response: chatAnswer("First one.", "Second one."),
            answerTexts: ["First one.", "Second one."],
            stream: stream(of: ["Hel", "lo."]),
            malformed: ["", "null", "{\"messages\":", "[]", "{\"messages\":null,\"choices\":null}"]
        ).check()
    }

    @Test("line ends may be CR alone, and a byte-order mark hides nothing")
    func lineEnds() throws {
        let text = "\u{FEFF}data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\rdata: [DONE]\r\r"
        var reader = try chatStreamReader()
        var events: [StreamEvent] = []
        for byte in Array(text.utf8) { events += try reader.read([byte]) }
        events += try reader.finish()
        #expect(events.flatMap(\.texts).map(\.text) == ["a"])
        #expect(events.last?.isEnd == true)
        #expect(events.flatMap(\.bytes) == Array(text.utf8))
    }

    @Test("an event that the stream's end cut short is read all the same")
    func cutShort() throws {
        var reader = try chatStreamReader()
        #expect(try reader.read(Array("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}".utf8)).isEmpty)
        let events = try reader.finish()
        #expect(events.flatMap(\.texts).map(\.text) == ["a"])
        #expect(events.first?.bytes.suffix(2) == [0x0A, 0x0A])
    }

    @Test("an event that is too long to hold is refused")
    func longEvent() throws {
        var reader = try chatStreamReader()
        #expect(throws: DialectError.self) {
            try reader.read(Array(": ".utf8) + [UInt8](repeating: 0x20, count: 1 << 20))
        }
    }
}
