import Gateway
import Moderation
import Testing

@Suite("Fields that nobody knows")
struct UnknownFieldTests {
    private let dialect = OpenAIChatDialect()

    private func events(_ text: String) throws -> [StreamEvent] {
        var reader = try chatStreamReader()
        return try reader.read(Array(text.utf8)) + reader.finish()
    }

    @Test(
        "an event without choices that could hold words ends the stream",
        arguments: [
            #"{"type":"x.delta","delta":"words"}"#, #"{"choices":null,"x":["words"]}"#, #"{"id":"1","x":{}}"#,
        ]
    )
    func otherEvents(data: String) {
        #expect(throws: DialectError.self) { try events("data: \(data)\n\n") }
    }

    @Test(
        "usage, errors and filter results come without choices",
        arguments: [
            #"{"id":"1","object":"x","usage":{"total_tokens":3},"n":1}"#, #"{"error":{"message":"no"}}"#,
            #"{"choices":[],"prompt_filter_results":[{"severity":"safe"}]}"#,
        ]
    )
    func envelopes(data: String) throws {
        let read = try events("data: \(data)\n\n")
        #expect(read.count == 1 && read[0].texts.isEmpty)
    }

    @Test(
        "every string of an answer is text, wherever it stands",
        arguments: [
            #""context":{"citations":[{"content":"words"}]}"#, #""annotations":[{"type":"words"}]"#,
            #""content":[{"type":"novel","body":"words"}]"#,
            #""content":[{"type":"file","file":{"filename":"words"}}]"#,
            #""audio":{"note":"words"}"#, #""audio":"words""#, #""role":"words of some length""#,
        ]
    )
    func answers(field: String) throws {
        let whole = try decodedChatResponse("{\"choices\":[{\"message\":{\(field)}}]}")
        #expect(whole.choices[0].turn.text.contains("words"))
        #expect(!whole.choices[0].turn.parts.contains { $0.kind == .unknown })
        let streamed = try events(chunk("{\(field)}"))
        #expect(streamed.flatMap(\.texts).contains { $0.text.contains("words") })
    }

    @Test("names that say something, and the chatbot's own errors, are read like the rest")
    func names() throws {
        let named = #"{"some words":1}"#
        let called = #"{"tool_calls":[{"more words":{}}]}"#
        #expect(try decodedChatResponse("{\"choices\":[{\"message\":\(named)}]}").choices[0].turn.text == "some words")
        #expect(try decodedChatResponse("{\"choices\":[{\"message\":\(called)}]}").choices[0].turn.text == "more words")
        #expect(try events(chunk(named)).flatMap(\.texts).map(\.text) == ["some words"])
        #expect(try events(chunk(called)).flatMap(\.texts).map(\.text) == ["more words"])
        let error = #"{"choices":[{"message":{}}],"error":{"message":"some words"}}"#
        #expect(try decodedChatResponse(error).choices[0].turn.text == "some words")
        #expect(try events("data: \(error)\n\n").flatMap(\.texts).map(\.text) == ["some words"])
    }

    @Test(
        "token probabilities that say more than their text are read",
        arguments: [
            #"{"content":[{"token":"fine"},{"token":" words"}]}"#,
            #"{"content":[{"token":"fine","top_logprobs":[{"token":"some words"}]}]}"#,
            #"{"content":[{"token":"fine"}],"x":"some words"}"#, #"{"content":[{"token":"fine"}],"some words":1}"#,
        ]
    )
    func probabilities(_ logprobs: String) throws {
        func answer(_ logprobs: String, _ key: String) -> String {
            "{\"choices\":[{\"\(key)\":{\"content\":\"fine\"},\"logprobs\":\(logprobs)}]}"
        }
        let echo =
            #"{"content":[{"token":"fi","bytes":[1]},{"token":"ne","top_logprobs":[{"token":" so"}]}],"refusal":null}"#
        #expect(try decodedChatResponse(answer(echo, "message")).choices[0].turn.text == "fine")
        #expect(try events("data: \(answer(echo, "delta"))\n\n").flatMap(\.texts).map(\.text) == ["fine"])
        let whole = try decodedChatResponse(answer(logprobs, "message"))
        #expect(whole.choices[0].turn.text.contains("words"))
        let redactions = whole.choices[0].turn.parts.map { part in
            Redaction(pointer: part.pointer, matches: [Match(range: 0..<1, label: "x", replacement: "*")])
        }
        let masked = try dialect.rewrite(whole, changes: [.redact(redactions)])
        #expect(String(decoding: masked, as: UTF8.self).contains("\"logprobs\":null"))
        let streamed = try events("data: \(answer(logprobs, "delta"))\n\n")
        #expect(streamed[0].texts.contains { $0.text.contains("words") })
        let last = streamed[0].texts.count - 1
        let rewritten = try chatStreamReader().rewrite(streamed[0], texts: [last: "*"])
        #expect(String(decoding: rewritten, as: UTF8.self).contains("\"logprobs\":null"))
    }

    @Test(
        "beside a message and beside the choices, too",
        arguments: [
            #"[{"index":0,"message":{},"x":["words"]}]"#, #"[{"index":0,"message":{},"delta":{"content":"words"}}]"#,
        ]
    )
    func besides(choices: String) throws {
        #expect(try decodedChatResponse("{\"choices\":\(choices)}").choices[0].turn.text == "words")
        #expect(try events("data: {\"choices\":\(choices)}\n\n").flatMap(\.texts).map(\.text) == ["words"])
        let envelope = try decodedChatResponse(#"{"choices":[{"message":{}}],"x":"words"}"#)
        #expect(envelope.choices[0].turn.text == "words")
        let refused = try dialect.rewrite(envelope, changes: [.refuse(reply: "No.")])
        #expect(!String(decoding: refused, as: UTF8.self).contains("words"))
        #expect(throws: DialectError.self) {
            try decodedChatResponse(#"{"choices":[],"x":"words"}"#)
        }
    }

    @Test("an unknown field of an answer is masked like any other, whole or streamed")
    func masked() async throws {
        let message = #"{"content":"Hi.","context":{"citations":[{"content":"Ask a.b@c.example"}]}}"#
        try await withGateway(upstream: answering("{\"choices\":[{\"index\":0,\"message\":\(message)}]}")) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.text.contains("Ask [MASKED]") && !response.text.contains("a.b@c.example"))
        }
        let streamed = chunk(message) + finishChunk + doneChunk
        try await withGateway(upstream: answering(streamed, type: "text/event-stream")) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            #expect(response.text.contains("Ask [MASKED]") && !response.text.contains("a.b@c.example"))
            #expect(try SeenStream(response.body).isDone)
        }
    }

    @Test("what a stream says anew in each event is read once, and may come after the end")
    func repeated() async throws {
        func part(_ delta: String, finish: String = "null") -> String {
            chunk(delta, finish: finish).replacing("\"id\":", with: "\"sources\":[\"one a.b@c.example\"],\"id\":")
        }
        let text =
            part(#"{"content":"Hi "}"#) + part(#"{"content":"you"}"#) + part("{}", finish: "\"stop\"")
            + "data: {\"choices\":[],\"sources\":[\"one a.b@c.example\"]}\n\n" + doneChunk
        try await withGateway(upstream: answering(text, type: "text/event-stream")) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            #expect(response.text == text.replacing("a.b@c.example", with: "[MASKED]"))
            #expect(gateway.audit.responses.first?.content.map(\.text).sorted() == ["Hi you", "one a.b@c.example"])
        }
    }

    @Test("what stands beside the messages is judged as documents; settings of one word are not")
    func besideMessages() throws {
        let request = try dialect.decodeRequest(
            Array(
                #"""
                {"documents":[{"title":"A page","id":"d1"}],"mode":"fast","messages":[{"role":"user","content":"Hi"}],
                "metadata":{"note":"not sent to the model"}}
                """#.utf8
            ),
            at: chatRoute
        )
        let subject = Subject(prompt: request.conversation)
        #expect(subject.turns.map(\.role) == [.tool, .user])
        #expect(subject.turns.map(\.text) == ["A page", "Hi"])
        #expect(subject.turns[0].parts.map(\.pointer) == ["/documents/0/title"])
    }

    @Test("a request's unknown fields are read, its labels and media are not")
    func requests() throws {
        let request = try dialect.decodeRequest(
            Array(
                #"""
                {"messages":[{"role":"user","note":{"deep":["words"]},"id":"m1","cache_control":{"type":"ephemeral"},
                "content":[{"type":"novel","body":"more"},{"type":"clip","video_url":{"url":"https://x.example/a"}},
                {"type":"text","text":"last","id":"not a label","detail":"high"}]}]}
                """#.utf8
            ),
            at: chatRoute
        )
        let parts = request.conversation.turns[0].parts
        #expect(parts.filter { $0.kind == .text }.map(\.text) == ["words", "more", "last", "not a label"])
        #expect(parts.filter { $0.kind == .unknown }.map(\.pointer).contains("/messages/0/content/1/video_url/url"))
    }
}
