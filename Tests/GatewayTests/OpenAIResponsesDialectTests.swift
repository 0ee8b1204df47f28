import Gateway
import Moderation
import Testing

@Suite("The OpenAI responses dialect")
struct OpenAIResponsesDialectTests {
    private let dialect = OpenAIResponsesDialect()

    private func decoded(_ body: String) throws -> DecodedRequest {
        let target = try #require(RequestTarget("/v1/responses"))
        return try dialect.decodeRequest(Array(body.utf8), at: try #require(dialect.route(of: target)))
    }

    private func answer(_ body: String, to request: String = #"{"input":"Hi"}"#) throws -> DecodedResponse {
        try dialect.decodeResponse(Array(body.utf8), to: decoded(request))
    }

    private func makeReader(_ request: String = #"{"input":"Hi","stream":true}"#) throws -> any StreamReader {
        try #require(dialect.makeStreamReader(for: decoded(request), mediaType: "text/event-stream"))
    }

    private func events(_ text: String) throws -> [StreamEvent] {
        var reader = try makeReader()
        return try reader.read(Array(text.utf8)) + reader.finish()
    }

    @Test("it does what every dialect must")
    func conformance() throws {
        let events = responseEvents(["Hel", "lo."], spelled: true)
        try DialectConformance(
            dialect: dialect,
            path: "/v1//responses",
            request: #"{"instructions":"Be kind.","input": [{"role":"user","content":"Hi \u00e9"}], "model":"demo"}"#,
            userText: "Hi é",
            streamRequest: #"{"input":"Hi","stream":true}"#,
            response: responseObject(output: responseMessage(responsePart("First one.", spelled: true))),
            answerTexts: ["First one."],
            stream: (events.open + events.close).joined(),
            malformed: [
                "", "null", "{\"input\":", "[]", "{\"input\":7,\"output\":7}", "{\"Input\":\"\",\"Output\":[]}",
            ]
        ).check()
    }

    @Test("every item of the input is a part, by who wrote it and what it is")
    func items() throws {
        let request = try decoded(
            #"""
            {"model":"demo","instructions":"Be kind.","previous_response_id":"resp_0","prompt":{"id":"pmpt_1","variables":
            {"city":"var one","x":{"type":"input_text","text":"var two"}}},"tools":[{"type":"function","name":"f"}],
            "text":{"format":{"type":"json_schema","schema":{"description":"some words"}}},"input":[
            {"role":"developer","content":"dev"},
            {"role":"user","content":[{"type":"input_text","text":"ask"},{"type":"input_image","image_url":"https://x.example/a"},
              {"type":"input_file","file_data":"data:application/pdf;base64,AAAA","filename":"my file.pdf"},
              {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]},
            {"type":"message","role":"assistant","content":[{"type":"output_text","text":"said","annotations":[]},
              {"type":"refusal","refusal":"no way"}]},
            {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"think one"}],
              "content":[{"type":"reasoning_text","text":"think two"}],"encrypted_content":"gAAA"},
            {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":\"call one\"}"},
            {"type":"function_call_output","call_id":"c1","output":"result one"},
            {"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"result two"}]},
            {"type":"custom_tool_call","call_id":"c2","name":"g","input":"call two"},
            {"type":"mcp_call","id":"m1","name":"h","server_label":"s","arguments":"call three","output":"result three"},
            {"type":"file_search_call","id":"s1","queries":["call four"],"results":[{"filename":"n","text":"result four"}]},
            {"type":"shell_call_output","call_id":"c3","output":[{"stdout":"result five","stderr":"","outcome":{"type":"exit"}}]},
            {"type":"computer_call_output","call_id":"c4","output":{"type":"computer_screenshot","image_url":"https://x.example"}},
            {"type":"mcp_list_tools","id":"l1","server_label":"s","tools":[{"name":"h","description":"tool words"}]},
            {"type":"item_reference","id":"msg_9"},{"type":"novel","words":"new words"},"a bare string"]}
            """#.replacing(#","a bare string""#, with: "")
        )
        let parts = request.conversation.turns.flatMap { turn in turn.parts.map { (turn.role, $0) } }
        func texts(_ role: Role, _ kind: PartKind) -> [String] {
            parts.filter { $0.0 == role && $0.1.kind == kind && !$0.1.text.isEmpty }.map(\.1.text)
        }
        #expect(texts(.system, .text) == ["Be kind.", "dev"])
        #expect(texts(.user, .text) == ["var one", "var two", "ask", "my file.pdf", "new words"])
        #expect(texts(.assistant, .text) == ["said"])
        #expect(texts(.assistant, .refusal) == ["no way"])
        #expect(texts(.assistant, .reasoning) == ["think one", "think two"])
        #expect(
            texts(.assistant, .toolCall) == [
                "f", #"{"a":"call one"}"#, "g", "call two", "h", "s", "call three", "call four",
            ]
        )
        #expect(
            texts(.tool, .toolResult) == [
                "result one", "result two", "result three", "n", "result four", "result five", "s",
            ]
        )
        func pointers(_ kind: PartKind) -> [String] { parts.filter { $0.1.kind == kind }.map(\.1.pointer) }
        #expect(pointers(.toolDefinition) == ["/tools/0", "/text", "/input/12/tools"])
        #expect(pointers(.image) == ["/input/1/content/1/image_url", "/input/11/output/image_url"])
        #expect(pointers(.file) == ["/input/1/content/2/file_data"])
        #expect(pointers(.audio) == ["/input/1/content/3/input_audio"])
        #expect(
            Set(pointers(.unknown)).isSuperset(of: [
                "/previous_response_id", "/input/3/encrypted_content", "/input/13",
            ])
        )
    }

    @Test(
        "a shape that is not the API's is refused",
        arguments: [
            #"{"input":[7]}"#, #"{"input":["x"]}"#, #"{"input":[{"role":"user","content":7}]}"#, #"{"model":"demo"}"#,
            #"{"input":[{"role":"user","Content":"x"}]}"#, #"{"input":[{"content":[{"Text":"x"}]}]}"#,
        ]
    )
    func shapes(body: String) {
        #expect(throws: DialectError.self) { try decoded(body) }
    }

    @Test("every string of an answer is text, wherever it stands; what was asked is not said again")
    func answers() throws {
        for item in [
            #"{"type":"function_call","name":"words"}"#, #"{"type":"reasoning","summary":[{"text":"words"}]}"#,
            #"{"type":"mcp_call","output":"words"}"#, #"{"type":"code_interpreter_call","code":"words"}"#,
            #"{"type":"image_generation_call","revised_prompt":"words"}"#,
            #"{"type":"web_search_call","action":{"query":"words"}}"#,
            #"{"type":"message","content":[{"type":"refusal","refusal":"words"}]}"#, #"{"words":"words"}"#,
            #"{"content":[{"text":"","logprobs":[{"token":"words"}]}]}"#,
            #"{"content":[{"text":"","annotations":[{"title":"words"}]}]}"#,
        ] {
            #expect(try answer(responseObject(output: item)).choices[0].turn.text.contains("words"), "\(item)")
        }
        let echoing = responseObject(output: "").replacing("null,\"model\"", with: "\"some words\",\"model\"")
        #expect(try answer(echoing).choices[0].turn.text == "some words")
        let asked = try answer(echoing, to: #"{"input":"Hi","instructions":"some words"}"#)
        #expect(asked.choices[0].turn.text.isEmpty)
        for field in [
            #""status":"some long words""#, #""output_text":"words""#, #""metadata":{"a":"words"}"#, #""some words":1"#,
        ] {
            let body = responseObject(output: "").replacing("{\"id\"", with: "{\"output\":[],\(field),\"id\"")
                .replacing("\"status\":\"completed\",", with: "").replacing(
                    ",\"output\":[],\"parallel",
                    with: ",\"parallel"
                )
                .replacing(",\"metadata\":{}", with: "")
            let decoded = try answer(body)
            #expect(decoded.choices[0].turn.text.contains("words"), "\(field)")
            let refused = try dialect.rewrite(decoded, changes: [.refuse(reply: "No.")])
            #expect(try answer(String(decoding: refused, as: UTF8.self)).choices[0].turn.text == "No.")
        }
    }

    @Test("a refused answer is incomplete for its content and says the reply as output text")
    func refused() throws {
        let body = #"{"id":"resp_1","object":"response","output":[{"type":"function_call","arguments":"words"}]}"#
        let bytes = try dialect.rewrite(answer(body), changes: [.refuse(reply: "No.")])
        let document = try JSONDocument(bytes)
        #expect(document.string(document.root["status"]) == "incomplete")
        #expect(document.string(document.value(at: "/incomplete_details/reason")) == "content_filter")
        #expect(document.string(document.value(at: "/output/0/content/0/type")) == "output_text")
        #expect(document.string(document.value(at: "/output/0/content/0/text")) == "No.")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("words"))
    }

    @Test("masked text takes its token probabilities with it, whole or streamed, at every place it is said")
    func probabilities() throws {
        let text = "Ask a.b@c.example"
        let match = Match(range: 4..<17, label: "mail", replacement: "[MASKED]")
        let whole = try answer(responseObject(output: responseMessage(responsePart(text, spelled: true))))
        let redaction = Redaction(pointer: "/output/0/content/0/text", matches: [match])
        let masked = String(decoding: try dialect.rewrite(whole, changes: [.redact([redaction])]), as: UTF8.self)
        #expect(masked.contains("Ask [MASKED]") && !masked.contains("a.b@c"))
        let stream = responseEvents([text], spelled: true)
        let reader = try makeReader()
        for event in try events((stream.open + stream.close).joined()) where !event.texts.isEmpty {
            let written = reader.rewrite(event, texts: [0: "Ask [MASKED]"])
            #expect(!String(decoding: written, as: UTF8.self).contains("a.b@c"))
        }
    }
}

// MARK: - Streams

extension OpenAIResponsesDialectTests {
    @Test(
        "pieces and what says them again belong to the same place of the answer",
        arguments: [
            (
                "response.output_text", "text",
                #"{"type":"message","content":[{"type":"output_text","text":"one two"}]}"#
            ),
            ("response.refusal", "refusal", #"{"type":"message","content":[{"type":"refusal","refusal":"one two"}]}"#),
            (
                "response.reasoning_text", "text",
                #"{"type":"reasoning","content":[{"type":"reasoning_text","text":"one two"}]}"#
            ),
            (
                "response.reasoning_summary_text", "text",
                #"{"type":"reasoning","summary":[{"type":"summary_text","text":"one two"}]}"#
            ),
            ("response.function_call_arguments", "arguments", #"{"type":"function_call","arguments":"one two"}"#),
            ("response.mcp_call_arguments", "arguments", #"{"type":"mcp_call","arguments":"one two"}"#),
            ("response.custom_tool_call_input", "input", #"{"type":"custom_tool_call","input":"one two"}"#),
            ("response.code_interpreter_call_code", "code", #"{"type":"code_interpreter_call","code":"one two"}"#),
            ("response.shell_call_command", "command", #"{"type":"shell_call","action":{"commands":["one two"]}}"#),
        ]
    )
    func places(name: String, key: String, item: String) throws {
        let texts = try events(
            responseEvent("\(name).delta", 1, #""output_index":0,"delta":"one ""#)
                + responseEvent("\(name).delta", 2, #""output_index":0,"delta":"two""#)
                + responseEvent("\(name).done", 3, "\"output_index\":0,\"\(key)\":\"one two\"")
                + responseEvent("response.output_item.done", 4, "\"output_index\":0,\"item\":\(item)")
                + responseEvent("response.completed", 5, "\"response\":\(responseObject(output: item))")
        ).flatMap(\.texts)
        #expect(texts.map(\.text) == ["one ", "two", "one two", "one two", "one two"])
        #expect(texts.map(\.isRepeated) == [false, false, true, true, true])
        #expect(Set(texts.map(\.field)).count == 1)
        #expect(
            try answer(responseObject(output: item)).choices[0].turn.parts.map(\.pointer) == [texts[0].field.pointer]
        )
    }

    @Test(
        "an event that nobody knows and that could hold words ends the stream; others pass",
        arguments: [
            (#""type":"response.novel.delta","delta":"words""#, true),
            (#""type":"response.novel","response":{}"#, true),
            (#""type":"response.novel","x":["a"]"#, true), (#""choices":[]"#, true),
            (#""type":"response.output_text.delta","Delta":"words""#, true),
            (#""type":"response.novel.done","item_id":"i","output_index":0,"sequence_number":4,"count":3"#, false),
            (#""type":"response.web_search_call.searching","item_id":"ws_1","output_index":0"#, false),
        ]
    )
    func unknown(members: String, fails: Bool) throws {
        let text = "data: {\(members)}\n\n"
        if fails {
            #expect(throws: DialectError.self) { try events(text) }
        } else {
            #expect(try events(text).flatMap(\.texts).isEmpty)
        }
    }

    @Test(
        "words in known events are read wherever they stand",
        arguments: [
            ("response.output_text.delta", #""x":"words""#), ("response.created", #""x":["words"]"#),
            ("response.output_text.annotation.added", #""annotation":{"title":"words"}"#),
            ("response.shell_call_output_content.delta", #""delta":{"stdout":"words"}"#),
            ("response.output_text.delta", #""delta":"","logprobs":[{"token":"words"}]"#),
            ("response.output_text.delta", #""item_id":"words that no id has""#),
            ("error", #""message":"words""#), ("error", #""error":{"message":"words"}"#),
            ("response.failed", #""response":{"error":{"message":"words"}}"#),
            ("response.audio.transcript.delta", #""delta":"words""#),
        ]
    )
    func words(type: String, members: String) throws {
        let found = try events(responseEvent(type, 1, members))
        #expect(found.flatMap(\.texts).map(\.text).joined().contains("words"))
        #expect(found.contains(where: \.isError) == (type == "error"))
    }

    private func streaming(_ pieces: [String]) -> @Sendable (Wire) async throws -> Void {
        { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            for piece in pieces { try await wire.sendChunk(piece) }
            try await wire.send("0\r\n\r\n")
            _ = await wire.rest()
        }
    }

    private func ask(_ gateway: RunningGateway, _ input: String, stream: Bool = true) async throws -> Wire.Message {
        let body = "{\"model\":\"demo\",\"stream\":\(stream),\"input\":\(JSONText.quoted(input))}"
        return try await withConnection(to: gateway.port) { try await $0.request("POST", "/v1/responses", body: body) }
    }

    @Test("a harmless stream passes byte for byte, its text judged once")
    func allowed() async throws {
        let text = responseEvents((0..<40).map { "word\($0) " })
        let whole = (text.open + text.close).joined()
        try await withGateway(upstream: streaming(text.open + text.close)) { gateway in
            let response = try await ask(gateway, "hello")
            #expect(response.text == whole)
            let record = try #require(gateway.audit.responses.first)
            #expect(record.content.map(\.text) == [(0..<40).map { "word\($0) " }.joined()])
            #expect(record.dialect == "openai-responses" && record.route == "/v1/responses")
        }
    }

    @Test("masked text is masked in every event that says it")
    func masked() async throws {
        let text = responseEvents(["Ask jane", ".doe@ex", "ample.com ", "now."], spelled: true)
        try await withGateway(upstream: streaming(text.open + text.close)) { gateway in
            let response = try await ask(gateway, "hello")
            let seen = try SeenResponse(response.body)
            #expect(seen.text == "Ask [MASKED] now." && seen.final == seen.text)
            #expect(!response.text.contains("jane") && !response.text.contains("ample"))
            #expect(seen.types.last == "response.completed")
        }
    }

    @Test("a stream that turns bad is closed item by item, says the reply and ends incomplete")
    func blocked() async throws {
        let pieces = (0..<60).map { "word\($0) " } + [String](repeating: "badword ", count: 60)
        let text = responseEvents(pieces)
        let begun = AsyncStream.makeStream(of: Void.self)
        let turn = try #require(text.open.firstIndex { $0.contains("badword") })
        try await withGateway(upstream: { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            for piece in text.open[..<turn] { try await wire.sendChunk(piece) }
            for await _ in begun.stream { break }
            for piece in text.open[turn...] + text.close { try await wire.sendChunk(piece) }
            try await wire.send("0\r\n\r\n")
            _ = await wire.rest()
        }) { gateway in
            let response = try await withConnection(to: gateway.port) { wire in
                let body = "{\"model\":\"demo\",\"stream\":true,\"input\":\"hello\"}"
                return try await wire.request("/v1/responses", body: body, untilSeen: "word0") {
                    begun.continuation.yield()
                }
            }
            let seen = try SeenResponse(response.body)
            #expect(seen.text.hasPrefix("word0 word1 ") && seen.text.hasSuffix("\n\nNot that."))
            #expect(!response.text.contains("badword"))
            #expect(seen.numbers == Array(0..<seen.numbers.count))
            #expect(
                seen.types.suffix(8) == [
                    "response.output_item.done", "response.output_item.added", "response.content_part.added",
                    "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                    "response.output_item.done", "response.incomplete",
                ]
            )
            #expect(seen.status == "incomplete" && seen.final == "\n\nNot that.")
        }
    }

    @Test("a block before anything went out begins and ends the stream by itself", arguments: [true, false])
    func blockedAtOnce(isPrompt: Bool) async throws {
        let text = responseEvents(["a badword"])
        try await withGateway(upstream: streaming(text.open + text.close)) { gateway in
            let seen = try SeenResponse(try await ask(gateway, isPrompt ? "a badword" : "hello").body)
            #expect(seen.text == "Not that." && seen.final == "Not that." && seen.status == "incomplete")
            #expect(seen.types.first == "response.created" && seen.types.last == "response.incomplete")
            #expect(seen.numbers == Array(0..<seen.numbers.count))
        }
    }

    @Test("a stream that can't go on ends in an error event")
    func failure() async throws {
        let text = responseEvents(["The beginning of"])
        try await withGateway(upstream: streaming(text.open + ["data: {\"type\":\"response.novel\",\"x\":\"y\"}\n\n"]))
        { gateway in
            let seen = try SeenResponse(try await ask(gateway, "hello").body)
            #expect(seen.text == "The beginning of" && seen.types.last == "error")
            #expect(seen.errorCode == "upstream_unreadable" && seen.numbers == Array(0..<seen.numbers.count))
        }
    }

    @Test("a blocked prompt is answered by an incomplete response")
    func blockedPrompt() async throws {
        try await withGateway(upstream: { _ in Issue.record("forwarded") }) { gateway in
            let response = try await ask(gateway, "a badword", stream: false)
            let document = try JSONDocument(response.body)
            #expect(response.status == 200)
            #expect(document.string(document.value(at: "/output/0/content/0/text")) == "Not that.")
            #expect(document.string(document.value(at: "/incomplete_details/reason")) == "content_filter")
            #expect(document.string(document.root["model"]) == "demo")
        }
    }
}
