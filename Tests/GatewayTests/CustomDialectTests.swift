import Gateway
import Moderation
import Testing

@Suite("A chatbot's own API")
struct CustomDialectTests {
    private func dialect(_ stream: StreamFormat? = .sse, delta: String? = nil, end: String? = nil) throws
        -> CustomDialect
    {
        CustomDialect(
            CustomRoute(
                path: "/chat",
                prompt: try JSONPath("$.message"),
                history: try JSONPath("$.history[*].text"),
                system: try JSONPath("$.instructions"),
                reply: try JSONPath("$.answer.text"),
                stream: stream,
                delta: try delta.map { try JSONPath($0) },
                end: end
            )
        )
    }

    private func found(_ path: String, by dialect: CustomDialect) -> DialectRoute? {
        RequestTarget(path).flatMap { dialect.route(of: $0) }
    }

    private func decode(_ text: String, by dialect: CustomDialect) throws -> DecodedRequest {
        let route = try #require(found("/chat", by: dialect))
        return try dialect.decodeRequest(Array(text.utf8), at: route)
    }

    private func reader(_ dialect: CustomDialect) throws -> any StreamReader {
        let request = try decode(#"{"message":"Hi"}"#, by: dialect)
        return try #require(dialect.makeStreamReader(for: request, mediaType: ""))
    }

    private let request =
        #"{"instructions":"Be kind.","history":[{"text":"a"},{"text":"b"}],"message":"Hi \u00e9","stream":false}"#

    @Test("it does what every dialect must, with server-sent events")
    func serverSentEvents() throws {
        try DialectConformance(
            dialect: try dialect(delta: "$.token"),
            path: "/chat",
            request: request,
            userText: "Hi é",
            streamRequest: #"{"message":"Hi"}"#,
            response: #"{"answer": {"text":"First one."}, "took": 1.50}"#,
            answerTexts: ["First one."],
            stream: "event: start\ndata:\n\ndata: {\"token\":\"Hel\",\"n\":1}\n\ndata: {\"token\":\"lo.\"}\r\n\r\n"
                + "data: {\"answer\":{\"text\":\"Hello.\"}}\n\ndata: [DONE]\n\n",
            malformed: ["", "{\"message\":", "Hi"]
        ).check()
    }

    @Test("it does what every dialect must, with lines")
    func lines() throws {
        try DialectConformance(
            dialect: try dialect(.ndjson, delta: "/token", end: "{\"done\": true}"),
            path: "/chat",
            streamType: "application/x-ndjson",
            request: request,
            userText: "Hi é",
            streamRequest: #"{"message":"Hi","stream":true}"#,
            response: #"{"answer":{"text":"First one."}}"#,
            answerTexts: ["First one."],
            stream: "{\"token\":\"Hel\"}\n\n{\"token\":\"lo.\"}\r\n{\"done\":true}\n",
            malformed: ["", "{\"message\":", "Hi"]
        ).check()
    }

    @Test("history is context, in the roles that it names or by turns; other words are judged, labels are listed")
    func turns() throws {
        let text =
            #"{"user_name":"Jo Doe","session":"s1","id":"m1","history":[{"text":"a"},{"text":"b"}],"message":"Hi"}"#
        let plain = try decode(text, by: dialect()).conversation
        #expect(plain.turns.map(\.role) == [.system, .user, .assistant, .user])
        #expect(plain.turns[0].parts.map(\.kind) == [.toolResult, .parameter])
        #expect(plain.turns[0].parts.map(\.pointer) == ["/user_name", "/session"])
        #expect(Subject(prompt: plain).turns.map(\.text) == ["Jo Doe", "Hi"])
        let roles = #"{"history":[{"role":"bot","text":"a"},{"role":"user","text":"b"}],"message":"Hi"}"#
        #expect(try decode(roles, by: dialect()).conversation.turns.map(\.role) == [.assistant, .user, .user])
    }

    @Test(
        "a request without its message, or with a key that hides it, is refused by the path's name",
        arguments: [
            ("{}", "$.message"), (#"{"message":7}"#, "$.message"), (#"{"message":null}"#, "$.message"),
            (#"{"Message":"x","message":"y"}"#, "message"), (#"["message"]"#, "$.message"),
            (#"{"message":"x","history":[{"TEXT":"y"}]}"#, "text"),
        ]
    )
    func withoutPrompt(text: String, field: String) throws {
        let dialect = try dialect()
        do {
            _ = try decode(text, by: dialect)
            Issue.record("taken for a request")
        } catch DialectError.shape(let found, _) {
            #expect(found == field)
        }
    }

    @Test("a path with a * forwards what the sender wrote, and records show the *")
    func wildcard() throws {
        let path = try JSONPath("$.message")
        let dialect = CustomDialect(CustomRoute(path: "/bots/*/chat", prompt: path, reply: path))
        let route = try #require(found("/Bots/Jane%20Doe/x/../chat", by: dialect))
        #expect(route.name == "/bots/*/chat" && route.path == "/Bots/Jane%20Doe/chat")
        #expect(found("/bots/chat", by: dialect) == nil && found("/bots/a/b/chat", by: dialect) == nil)
    }

    @Test("every string of an event is text; what stays the same is read once, times and UUIDs are not read")
    func eventStrings() throws {
        var reader = try reader(dialect(delta: "$.token"))
        func event(_ token: String, _ note: String, _ second: Int) -> String {
            "data: {\"token\":\"\(token)\",\"session\":\"s-1\",\"note\":\"\(note)\","
                + "\"at\":\"2026-11-23T10:00:0\(second)Z\",\"id\":\"0190a2f4-7c1e-7d3a-9d0b-5f2e8c4b6a1\(second)\"}\n\n"
        }
        let events = try reader.read(Array((event("a", "b", 1) + event("c", "o", 2) + event("d", "b", 3)).utf8))
        #expect(events.map { $0.texts.map(\.text) } == [["a", "s-1", "b"], ["c", "s-1", "o"], ["d", "s-1", "b"]])
        var gate = StreamGate()
        gate.receive(events)
        gate.end()
        let window = gate.nextWindow()
        let turn = try #require(window?.turn)
        #expect(Set(turn.parts.map(\.text)) == ["acd", "s-1", "bob"])
    }

    @Test("the reply said again as a whole is no news; at its place in pieces, every piece is")
    func restated() throws {
        func turn(_ events: [String]) throws -> [String] {
            var reader = try reader(dialect(delta: "$.token"))
            var gate = StreamGate()
            gate.receive(try reader.read(Array(events.map { "data: \($0)\n\n" }.joined().utf8)))
            gate.end()
            let window = gate.nextWindow()
            return try #require(window).turn.parts.map(\.text)
        }
        let pieces = [#"{"token":"He"}"#, #"{"token":"y"}"#, #"{"answer":{"text":"Hey"}}"#]
        #expect(try turn(pieces) == ["Hey"])
        #expect(try turn(["b", "o", "b"].map { "{\"answer\":{\"text\":\"\($0)\"}}" }) == ["bob"])
    }

    @Test("what is no JSON, or too long, ends the stream", arguments: [StreamFormat.sse, .ndjson])
    func unreadable(format: StreamFormat) throws {
        let start = format == .sse ? "data: " : ""
        for text in ["\(start)words\n\n", start + String(repeating: " ", count: (1 << 20) + 1)] {
            #expect(throws: DialectError.self) {
                var reader = try reader(dialect(format))
                _ = try reader.read(Array(text.utf8))
            }
        }
    }

    @Test("templates say how a refusal looks, whole and streamed")
    func templates() throws {
        let path = try JSONPath("$.message")
        var route = CustomRoute(path: "/chat", prompt: path, reply: path, stream: .sse, end: "")
        route.refusal = ReplyTemplate(#"{"ok":false,"message":"{reply}"}"#)
        route.refusalEvent = ReplyTemplate(#"{"type":"token","message":"{reply}"}"#)
        let dialect = CustomDialect(route)
        let whole = dialect.refusal("No.", to: try decode(#"{"message":"x","stream":false}"#, by: dialect), id: "1")
        #expect(String(decoding: whole.bytes, as: UTF8.self) == #"{"ok":false,"message":"No."}"#)
        let streamed = dialect.refusal("No.", to: try decode(#"{"message":"x"}"#, by: dialect), id: "1")
        #expect(String(decoding: streamed.bytes, as: UTF8.self) == "data: {\"type\":\"token\",\"message\":\"No.\"}\n\n")
    }

    @Test("a refusal in mid-stream has the name of the events before it")
    func eventName() throws {
        var reader = try reader(dialect(delta: "$.token"))
        let events = try reader.read(Array("event: token\nid: 1\ndata: {\"token\":\"a\"}\n\n".utf8))
        for event in events { reader.released(event) }
        #expect(
            String(decoding: reader.refusal("No.", choice: 0, isOpen: true), as: UTF8.self)
                == "event: token\ndata: {\"token\":\"No.\"}\n\ndata: [DONE]\n\n"
        )
    }
}
