import Gateway
import Moderation
import Testing

@Suite("Anthropic's dialect")
struct AnthropicDialectTests {
    private let dialect = AnthropicDialect()
    private let route = DialectRoute(name: "/v1/messages")

    private func request(_ messages: String, extra: String = "") throws -> DecodedRequest {
        let body = "{\"model\":\"demo\",\"max_tokens\":1,\"messages\":\(messages)\(extra)}"
        return try dialect.decodeRequest(Array(body.utf8), at: route)
    }

    /// A person's message with some blocks.
    private func blocks(_ blocks: String) throws -> [Turn] {
        try request("[{\"role\":\"user\",\"content\":[\(blocks)]}]").conversation.turns
    }

    private func answer(_ content: String, extra: String = "") throws -> DecodedResponse {
        let body =
            "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"demo\",\"content\":[\(content)],"
            + "\"stop_reason\":\"end_turn\"\(extra),\"usage\":{\"input_tokens\":3,\"output_tokens\":5}}"
        return try dialect.decodeResponse(Array(body.utf8), to: try request("[{\"role\":\"user\",\"content\":\"Hi\"}]"))
    }

    private func streamReader() throws -> any StreamReader {
        let request = try request("[{\"role\":\"user\",\"content\":\"Hi\"}]", extra: ",\"stream\":true")
        return try #require(dialect.makeStreamReader(for: request, mediaType: "text/event-stream"))
    }

    private func events(_ text: String) throws -> [StreamEvent] {
        var reader = try streamReader()
        return try reader.read(Array(text.utf8)) + reader.finish()
    }

    @Test("it does what every dialect must")
    func conformance() throws {
        let reply = #"{"type":"text","text":"First one."}"#
        try DialectConformance(
            dialect: dialect,
            path: "/v1/messages",
            request:
                #"{"system":"Be kind.","messages": [{"role":"user","content":[{"type":"text","text":"Hi \u00e9"}]}],"max_tokens":1e0}"#,
            userText: "Hi é",
            streamRequest: #"{"messages":[{"role":"user","content":"Hi"}],"stream":true}"#,
            response: "{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[\(reply)],\"usage\":{\"input_tokens\":1}}",
            answerTexts: ["First one."],
            stream: wholeStream.joined(),
            malformed: ["", "null", "{\"messages\":", "[]", "{\"messages\":null,\"content\":null}"]
        ).check()
    }

    // MARK: - Requests

    @Test(
        "words in any block are read, by what they are",
        arguments: [
            (#"{"type":"text","text":"words"}"#, PartKind.text, Role.user),
            (#"{"type":"text","text":"Hi","citations":[{"type":"char_location","cited_text":"words"}]}"#, .text, .user),
            (#"{"type":"tool_result","tool_use_id":"t1","content":"words"}"#, .toolResult, .tool),
            (
                #"{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"words"}]}"#, .toolResult,
                .tool
            ),
            (
                #"{"type":"web_search_tool_result","content":[{"type":"web_search_result","title":"words"}]}"#,
                .toolResult, .tool
            ),
            (
                #"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}}"#, .toolResult,
                .user
            ),
            (#"{"type":"document","source":{"type":"content","content":"words"}}"#, .toolResult, .user),
            (
                #"{"type":"document","source":{"type":"content","content":[{"type":"text","text":"words"}]}}"#,
                .toolResult, .user
            ),
            (#"{"type":"document","title":"words","source":{"type":"base64","data":"AAAA"}}"#, .toolResult, .user),
            (#"{"type":"document","context":"words","source":{"type":"file","file_id":"f1"}}"#, .toolResult, .user),
            (
                #"{"type":"search_result","source":"x","title":"t","content":[{"type":"text","text":"words"}]}"#,
                .toolResult, .user
            ),
            (#"{"type":"tool_use","id":"t1","name":"words","input":{}}"#, .toolCall, .user),
            (#"{"type":"tool_use","id":"t1","name":"f","input":{"type":"words","a":[{"b":1}]}}"#, .toolCall, .user),
            (#"{"type":"server_tool_use","id":"t1","name":"web_search","input":{"query":"words"}}"#, .toolCall, .user),
            (#"{"type":"thinking","thinking":"words","signature":"c2ln"}"#, .reasoning, .user),
            (#"{"type":"novel","body":{"deep":["words"]}}"#, .text, .user),
            (#"{"type":"words of some length"}"#, .text, .user),
        ] as [(String, PartKind, Role)]
    )
    func requestBlocks(block: String, kind: PartKind, role: Role) throws {
        let turns = try blocks(block)
        let part = try #require(turns.last?.parts.first { $0.text.contains("words") })
        #expect(part.kind == kind && turns.count == 1 && turns[0].role == role)
        let decoded = try request("[{\"role\":\"user\",\"content\":[\(block)]}]")
        let match = Match(range: 0..<part.text.utf8.count, label: "x", replacement: "M")
        let masked = try dialect.rewrite(decoded, redactions: [Redaction(pointer: part.pointer, matches: [match])])
        #expect(!String(decoding: masked, as: UTF8.self).contains("words"))
    }

    @Test(
        "media, and what only Anthropic can read, are listed",
        arguments: [
            (#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}"#, PartKind.image),
            (#"{"type":"image","source":{"type":"url","url":"https://x.example/a.png"}}"#, .image),
            (#"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}}"#, .file),
            (#"{"type":"document","source":{"type":"url","url":"https://x.example/a.pdf"}}"#, .file),
            (#"{"type":"redacted_thinking","data":"AAAA"}"#, .unknown),
            (#"{"type":"container_upload","file_id":"f1"}"#, .unknown),
            (#"{"type":"novel","x":7}"#, .unknown),
        ] as [(String, PartKind)]
    )
    func requestMedia(block: String, kind: PartKind) throws {
        let parts = try blocks(block).flatMap(\.parts)
        #expect(parts.map(\.kind) == [kind])
        guard kind != .unknown else { return }
        let inside = try blocks("{\"type\":\"tool_result\",\"content\":[\(block)]}").flatMap(\.parts)
        #expect(inside.map(\.kind) == [kind])
    }

    @Test("a tool's result is no person's turn, and instructions are the operator's")
    func turns() throws {
        let decoded = try request(
            #"""
            [{"role":"user","content":"Look it up."},
            {"role":"assistant","content":[{"type":"text","text":"Yes."},{"type":"tool_use","id":"t1","name":"f","input":{"q":"it"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"Found."},{"type":"text","text":"And?"}]},
            {"role":"system","content":"Be brief."}]
            """#,
            extra:
                #","system":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral","ttl":"5m"}}],"tools":[{"name":"f"}]"#
        )
        let turns = decoded.conversation.turns
        #expect(turns.map(\.role) == [.system, .user, .assistant, .tool, .user, .system])
        #expect(turns.map(\.text) == ["Be kind.", "Look it up.", "Yes.\nf\nit", "Found.", "And?", "Be brief."])
        #expect(turns[0].parts.map(\.kind) == [.toolDefinition, .text])
        #expect(Subject(prompt: decoded.conversation).turns.map(\.text) == ["Found.", "And?"])
    }

    @Test(
        "what is not the API's is refused",
        arguments: [
            "{}", "{\"messages\":[]}", "{\"messages\":[1]}", "{\"messages\":[{\"content\":\"x\"}]}",
            "{\"messages\":[{\"role\":\"user\"}]}", "{\"messages\":[{\"role\":\"user\",\"content\":7}]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":[\"x\"]}]}",
            "{\"messages\":[{\"role\":\"user\",\"Content\":\"x\"}]}",
            "{\"System\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
            "{\"system\":7,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
        ]
    )
    func malformed(body: String) {
        #expect(throws: DialectError.self) { try dialect.decodeRequest(Array(body.utf8), at: route) }
    }

    // MARK: - Answers

    @Test(
        "every string of an answer is read, wherever it stands",
        arguments: [
            #"{"type":"thinking","thinking":"words","signature":"c2ln"}"#,
            #"{"type":"redacted_thinking","data":"words"}"#,
            #"{"type":"tool_use","id":"t1","name":"f","input":{"a":["words"]}}"#, #"{"type":"words of some length"}"#,
            #"{"type":"text","text":"Hi","citations":[{"type":"char_location","cited_text":"words","document_title":"d"}]}"#,
            #"{"type":"web_search_tool_result","tool_use_id":"t1","content":[{"type":"web_search_result","title":"words","url":"u"}]}"#,
            #"{"type":"web_fetch_tool_result","content":{"content":{"type":"document","source":{"type":"text","data":"words"}}}}"#,
            #"{"type":"bash_code_execution_tool_result","content":{"stdout":"","stderr":"words"}}"#,
            #"{"type":"mcp_tool_result","is_error":false,"content":[{"type":"text","text":"words"}]}"#,
            #"{"type":"compaction","content":"words"}"#, #"{"type":"novel","x":[{"y":"words"}]}"#, #""words""#,
        ]
    )
    func answers(block: String) throws {
        let decoded = try answer(block)
        #expect(decoded.choices[0].turn.text.contains("words"))
        let refused = String(decoding: try dialect.rewrite(decoded, changes: [.refuse(reply: "No.")]), as: UTF8.self)
        #expect(!refused.contains("words") && refused.contains(#""usage":{"input_tokens":3,"output_tokens":5}"#))
        #expect(refused.contains(#""content":[{"type":"text","text":"No."}],"stop_reason":"refusal""#))
        guard block.hasPrefix("{") else { return }
        let start = event("content_block_start", "\"index\":0,\"content_block\":\(block)")
        #expect(try events(wholeStream[0] + start).flatMap(\.texts).contains { $0.text.contains("words") })
    }

    @Test("words in place of labels are read too, and no refusal repeats them")
    func envelope() throws {
        let body = #"{"id":"a badword id","content":[],"stop_details":{"type":"refusal","explanation":"why so"}}"#
        let decoded = try dialect.decodeResponse(
            Array(body.utf8),
            to: try request("[{\"role\":\"user\",\"content\":\"Hi\"}]")
        )
        #expect(decoded.choices[0].turn.text == "a badword id\nwhy so")
        let refused = try dialect.rewrite(decoded, changes: [.refuse(reply: "No.")])
        #expect(!String(decoding: refused, as: UTF8.self).contains("badword"))
    }

    @Test("counting tokens is judged like the prompt that it is about")
    func counting() throws {
        let target = try #require(RequestTarget("/v1/messages/count_tokens?beta=true"))
        let route = try #require(dialect.route(of: target))
        let decoded = try dialect.decodeRequest(
            Array(#"{"messages":[{"role":"user","content":"Hi"}]}"#.utf8),
            at: route
        )
        #expect(decoded.conversation.turns.map(\.text) == ["Hi"])
        #expect(dialect.refusal("No.", to: decoded, id: "1").bytes == Array("{\"input_tokens\":0}".utf8))
        let count = Array("{\"input_tokens\":7}".utf8)
        let answer = try dialect.decodeResponse(count, to: decoded)
        #expect(answer.choices.flatMap(\.turn.parts).isEmpty)
        #expect(try dialect.rewrite(answer, changes: [.keep]) == count)
        let words = try dialect.decodeResponse(Array("{\"input_tokens\":7,\"x\":\"words\"}".utf8), to: decoded)
        #expect(words.choices[0].turn.text == "words")
        #expect(try dialect.rewrite(words, changes: [.refuse(reply: "No.")]) == Array("{\"input_tokens\":0}".utf8))
    }

    @Test(
        "errors have Anthropic's types",
        arguments: [
            (400, "invalid_request_error"), (404, "not_found_error"), (413, "request_too_large"),
            (408, "invalid_request_error"),
            (502, "api_error"), (503, "overloaded_error"), (504, "timeout_error"), (500, "api_error"),
        ]
    )
    func errors(status: Int, type: String) throws {
        let error = PublicError(status: status, type: "t", code: "c", message: "m")
        let body = "{\"type\":\"error\",\"error\":{\"type\":\"\(type)\",\"message\":\"m\"}}"
        #expect(dialect.errorBody(error) == Array(body.utf8))
        #expect(try streamReader().failure(error) == Array("event: error\ndata: \(body)\n\n".utf8))
    }

    // MARK: - Streams

    @Test("a block after any event ends the stream as the client expects")
    func refusalAnywhere() throws {
        var whole = try streamReader()
        let events = try whole.read(Array(wholeStream.joined().utf8))
        #expect(events.count == wholeStream.count)
        for count in 0..<(events.count - 2) {
            // The reader has read ahead of what was released.
            var reader = try streamReader()
            _ = try reader.read(Array(wholeStream.joined().utf8))
            for event in events[..<count] { reader.released(event) }
            let seen =
                wholeStream[..<count].joined()
                + String(decoding: reader.refusal("No.", choice: 0, isOpen: count > 0), as: UTF8.self)
            let client = try StrictClient(seen)
            #expect(client.blocks.last == "No." && client.stopReason == "refusal" && client.isStopped)
            #expect(client.blocks.count == (count < 2 ? 1 : count < 8 ? 2 : count < 14 ? 3 : 4))
        }
    }

    @Test("pieces belong to the strings that a whole message would have")
    func fields() throws {
        let texts = try events(wholeStream.joined()).flatMap(\.texts)
        var said: [StreamField: String] = [:]
        for text in texts { said[text.field, default: ""] += text.text }
        #expect(
            said == [
                StreamField(choice: 0, kind: .reasoning, pointer: "/content/0/thinking"): "I think.",
                StreamField(choice: 0, kind: .reasoning, pointer: "/content/0/signature"): "c2ln",
                StreamField(choice: 0, kind: .text, pointer: "/content/1/text"): "Hello.",
                StreamField(choice: 0, kind: .text, pointer: "/content/1/citations/0/cited_text"): "one",
                StreamField(choice: 0, kind: .text, pointer: "/content/1/citations/1/cited_text"): "two",
                StreamField(choice: 0, kind: .toolCall, pointer: "/content/2/name"): "f",
                StreamField(choice: 0, kind: .toolCall, pointer: "/content/2/input"): "{\"q\":1}",
            ]
        )
    }

    @Test(
        "an event that is not Anthropic's is not passed on",
        arguments: [
            "data: {\"type\":\"novel\"}\n\n", "data: {\"x\":1}\n\n", "data: []\n\n", "data: words\n\n",
            "event: ping\ndata: {\"type\":\"message_stop\"}\n\n",
            "event: message_stop\nevent: error\ndata: {\"type\":\"message_stop\"}\n\n",
            "data: {\"type\":\"content_block_delta\",\"index\":0}\n\n",
            "data: {\"type\":\"content_block_delta\",\"index\":\"0\",\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}\n\n",
            "data: {\"type\":\"content_block_delta\",\"index\":0,\"Delta\":{},\"delta\":{}}\n\n",
        ]
    )
    func otherEvents(text: String) {
        #expect(throws: DialectError.self) { try events(text) }
    }

    @Test("errors and pings pass, and what they say beside is read")
    func besides() throws {
        let error = try events(event("error", #""error":{"type":"overloaded_error","message":"busy"}"#))
        #expect(error.map(\.isError) == [true] && error[0].texts.map(\.text) == ["busy"])
        #expect(try events(event("ping", "\"some words\":1")).flatMap(\.texts).map(\.text) == ["some words"])
        #expect(try events(event("ping", "\"message\":\"words\"")).flatMap(\.texts).map(\.text) == ["words"])
        #expect(
            try events(event("message_stop", "\"delta\":{\"x\":\"words\"}")).flatMap(\.texts).map(\.text) == ["words"]
        )
    }
}

private func event(_ type: String, _ members: String) -> String {
    "event: \(type)\ndata: {\"type\":\"\(type)\"\(members.isEmpty ? "" : ",")\(members)}\n\n"
}

/// A stream with thinking, text and a tool call, event by event.
private let wholeStream =
    [
        event(
            "message_start",
            #""message":{"id":"msg_1","type":"message","role":"assistant","model":"demo","content":[],"usage":{"input_tokens":3,"output_tokens":1}}"#
        ),
        event("content_block_start", #""index":0,"content_block":{"type":"thinking","thinking":"","signature":""}"#),
        event("ping", ""),
        event("content_block_delta", #""index":0,"delta":{"type":"thinking_delta","thinking":"I "}"#),
        event("content_block_delta", #""index":0,"delta":{"type":"thinking_delta","thinking":"think."}"#),
        event("content_block_delta", #""index":0,"delta":{"type":"signature_delta","signature":"c2ln"}"#),
        event("content_block_stop", #""index":0"#),
        event("content_block_start", #""index":1,"content_block":{"type":"text","text":""}"#),
        event("content_block_delta", #""index":1,"delta":{"type":"text_delta","text":"Hel"}"#),
        event(
            "content_block_delta",
            #""index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"one"}}"#
        ),
        event("content_block_delta", #""index":1,"delta":{"type":"text_delta","text":"lo."}"#),
        event(
            "content_block_delta",
            #""index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"two"}}"#
        ),
        event("content_block_stop", #""index":1"#),
        event(
            "content_block_start",
            #""index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"#
        ),
        event("content_block_delta", #""index":2,"delta":{"type":"input_json_delta","partial_json":"{\"q\""}"#),
        event("content_block_delta", #""index":2,"delta":{"type":"input_json_delta","partial_json":":1}"}"#),
        event("content_block_stop", #""index":2"#),
        event("message_delta", #""delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":5}"#),
        event("message_stop", ""),
    ]

/// A client that takes events in Anthropic's order only.
private struct StrictClient {
    struct OutOfOrder: Error {}

    var blocks: [String] = []
    var stopReason: String?
    var isStopped = false

    init(_ stream: String) throws {
        var isStarted = false
        var open: Int?
        for line in stream.split(separator: "\n") where line.hasPrefix("data: ") {
            let document = try JSONDocument(Array(line.dropFirst(6).utf8))
            let index = document.integer(document.root["index"])
            let type = document.string(document.root["type"])
            guard !isStopped, isStarted == (type != "message_start") else { throw OutOfOrder() }
            switch type {
            case "message_start":
                isStarted = true
            case "content_block_start":
                guard open == nil, index == blocks.count, stopReason == nil else { throw OutOfOrder() }
                open = index
                blocks.append("")
            case "content_block_delta":
                guard let open, index == open else { throw OutOfOrder() }
                blocks[open] += document.string(document.value(at: "/delta/text")) ?? ""
            case "content_block_stop":
                guard let stopped = open, index == stopped else { throw OutOfOrder() }
                open = nil
            case "message_delta":
                guard open == nil, stopReason == nil else { throw OutOfOrder() }
                stopReason = document.string(document.value(at: "/delta/stop_reason"))
            case "message_stop":
                guard stopReason != nil else { throw OutOfOrder() }
                isStopped = true
            default:
                break
            }
        }
    }
}
