import Gateway
import Moderation
import Testing

@Suite("Ollama's answers")
struct OllamaResponseTests {
    private let dialect = OllamaDialect()

    @Test(
        "every string of an answer is read",
        arguments: [
            #""message":{"content":"some words"}"#, #""message":{"content":["some words"]}"#,
            #""message":{"thinking":"some words"}"#, #""message":{"role":"some words"}"#,
            #""message":{"tool_calls":[{"function":{"arguments":{"x":"some words"}}}]}"#,
            #""message":{"tool_calls":[{"function":{"name":"some words"}}]}"#, #""message":{"images":["some words"]}"#,
            #""message":{"novelty":{"x":["some words"]}}"#, #""response":"some words""#, #""thinking":"some words""#,
            #""tool_calls":[{"x":"some words"}]"#, #""image":"some words""#, #""model":"some words""#,
            #""done_reason":"some words""#, #""context":["some words"]"#, #""error":"some words""#,
            #""_debug_info":{"rendered_template":"some words"}"#,
        ]
    )
    func everywhere(member: String) throws {
        let answer = "{\"logprobs\":[],\(member),\"done\":true}"
        let whole = try Ollama.decodedResponse(answer)
        #expect(whole.choices[0].turn.text == "some words")
        let refused = String(decoding: try dialect.rewrite(whole, changes: [.refuse(reply: "No.")]), as: UTF8.self)
        #expect(!refused.contains("some words"))
        #expect(try Ollama.decodedResponse(refused).choices[0].turn.text == "No.")
        let part = try #require(whole.choices[0].turn.parts.first { $0.text == "some words" })
        let match = Match(range: 0..<4, label: "x", replacement: "*")
        let redaction = Redaction(pointer: part.pointer, matches: [match])
        let masked = String(decoding: try dialect.rewrite(whole, changes: [.redact([redaction])]), as: UTF8.self)
        #expect(masked.contains("* words") && !masked.contains("some words"))
        let read = try Ollama.reader().readAll(answer)
        #expect(read.flatMap(\.texts).map(\.text) == ["some words"])
        let rewritten = try Ollama.reader().rewrite(read[0], texts: [0: "* words"])
        #expect(String(decoding: rewritten, as: UTF8.self) == masked + "\n")
    }

    @Test("token probabilities that say something else than the answer are read, and go when it is masked")
    func probabilities() throws {
        func answer(_ token: String) -> String {
            "{\(Ollama.head),\"response\":\"fine\",\"logprobs\":[{\"token\":\"\(token)\"}],\"done\":true}"
        }
        #expect(try Ollama.decodedResponse(answer("fine")).choices[0].turn.parts.map(\.text) == ["fine"])
        #expect(try Ollama.reader().readAll(answer("fine")).flatMap(\.texts).map(\.text) == ["fine"])
        let whole = try Ollama.decodedResponse(answer("some words"))
        #expect(whole.choices[0].turn.parts.map(\.text) == ["fine", "some words"])
        let match = Match(range: 0..<4, label: "x", replacement: "*")
        let redactions = whole.choices[0].turn.parts.map { Redaction(pointer: $0.pointer, matches: [match]) }
        let masked = try JSONDocument(dialect.rewrite(whole, changes: [.redact(redactions)]), surrogates: .replace)
        #expect(masked.string(masked.root["response"]) == "*" && masked.root["logprobs"]?.isNull == true)
        let read = try Ollama.reader().readAll(answer("some words"))
        #expect(read.flatMap(\.texts).map(\.text) == ["fine", "some words"])
        let rewritten = try Ollama.reader().rewrite(read[0], texts: [1: "*"])
        #expect(String(decoding: rewritten, as: UTF8.self).contains("\"logprobs\":null"))
    }

    @Test("names in another spelling are refused: Ollama's client would take them")
    func spelling() {
        for answer in [#"{"Message":{"content":"x"}}"#, #"{"message":{"Content":"x"}}"#, #"{"RESPONSE":"x"}"#] {
            #expect(throws: DialectError.self) { try Ollama.decodedResponse(answer) }
            #expect(throws: DialectError.self) { try Ollama.reader().readAll(answer) }
        }
    }

    @Test("a block keeps name, time and counts, and drops the tokens; so does a mask")
    func rewrites() throws {
        let answer =
            "{\(Ollama.head),\"response\":\"secret\",\"context\":[1,2],\"logprobs\":[{\"token\":\"secret\"}],\(Ollama.end)}"
        let whole = try Ollama.decodedResponse(answer, path: "/api/generate")
        let refused = try JSONDocument(dialect.rewrite(whole, changes: [.refuse(reply: "No.")]))
        #expect(refused.string(refused.root["response"]) == "No." && refused.root["context"] == nil)
        #expect(refused.string(refused.root["model"]) == "demo:1b" && refused.integer(refused.root["eval_count"]) == 5)
        #expect(refused.string(refused.root["created_at"]) == "2026-11-23T20:00:00.5Z")
        let match = Match(range: 0..<6, label: "x", replacement: "*")
        let redaction = Redaction(pointer: "/response", matches: [match])
        let masked = try JSONDocument(dialect.rewrite(whole, changes: [.redact([redaction])]))
        #expect(masked.string(masked.root["response"]) == "*")
        #expect(masked.root["context"]?.isNull == true && masked.root["logprobs"]?.isNull == true)
    }

    @Test("an answer without words passes")
    func wordless() throws {
        let answer = #"{"model":"demo:1b","embeddings":[[0.1,0.2]],"total_duration":9}"#
        let whole = try Ollama.decodedResponse(answer, path: "/api/embed")
        #expect(whole.choices.isEmpty)
        #expect(try dialect.rewrite(whole, changes: []) == Array(answer.utf8))
    }

    @Test("over sockets: allowed byte for byte, masked, and blocked without a word of it", arguments: [false, true])
    func routed(isStreamed: Bool) async throws {
        for isChat in [true, false] {
            @Sendable func answer(_ text: String) -> String {
                isStreamed
                    ? Ollama.lines(pieces(of: text, size: 3), chat: isChat) : Ollama.answer(text, chat: isChat)
            }
            let type = isStreamed ? "application/x-ndjson" : "application/json; charset=utf-8"
            let body =
                isChat
                ? Ollama.chat("Hi", stream: isStreamed ? nil : false)
                : Ollama.generate("Hi", stream: isStreamed ? nil : false)
            for (text, expected) in [
                ("All is well.", "All is well."), ("Ask a.b@c.example now.", "Ask [MASKED] now."),
                ("A badword.", "Not that."),
            ] {
                try await withGateway(upstream: answering(answer(text), type: type)) { gateway in
                    let response = try await withConnection(to: gateway.port) { wire in
                        try await wire.request("POST", isChat ? "/api/chat" : "/api/generate", body: body)
                    }
                    #expect(response.status == 200 && response["content-type"] == type)
                    let seen = try Ollama.Seen(response.text)
                    #expect(seen.text == expected && seen.reason == "stop" && seen.error == nil)
                    #expect(text != expected || response.text == answer(text))
                    let record = try #require(gateway.audit.responses.first)
                    #expect(record.dialect == "ollama" && record.model == "demo:1b")
                    #expect(record.content.map(\.text) == [text])
                }
            }
        }
    }
}
