import Gateway
import Moderation
import Testing

@Suite("The OpenAI completions dialect")
struct OpenAICompletionsDialectTests {
    private let dialect = OpenAICompletionsDialect()

    private func chunk(_ text: String, index: Int = 0, finish: String = "null", logprobs: String = "null") -> String {
        "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":7,\"model\":\"demo\",\"choices\":[{\"index\":\(index),"
            + "\"text\":\(JSONText.quoted(text)),\"logprobs\":\(logprobs),\"finish_reason\":\(finish)}]}\n\n"
    }

    private func answer(_ texts: String...) -> String {
        let choices = texts.enumerated().map {
            "{\"index\":\($0),\"text\":\(JSONText.quoted($1)),\"logprobs\":{\"tokens\":[\(JSONText.quoted($1))]},"
                + "\"finish_reason\":\"stop\"}"
        }
        return "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":7,\"model\":\"demo\",\"choices\":["
            + choices.joined(separator: ",") + "],\"usage\":{\"total_tokens\":3}}"
    }

    private func decoded(_ body: String) throws -> DecodedRequest {
        let target = try #require(RequestTarget("/v1/completions"))
        return try dialect.decodeRequest(Array(body.utf8), at: try #require(dialect.route(of: target)))
    }

    @Test("it does what every dialect must")
    func conformance() throws {
        try DialectConformance(
            dialect: dialect,
            path: "/v1/completions",
            request: #"{"prompt":"Hi \u00e9","model":"demo"}"#,
            userText: "Hi é",
            streamRequest: #"{"prompt":"Hi","stream":true}"#,
            response: answer("First one.", "Second one."),
            answerTexts: ["First one.", "Second one."],
            stream: chunk("Hel") + chunk("lo.") + chunk("", finish: "\"stop\"") + "data: [DONE]\n\n",
            malformed: ["", "null", "{\"prompt\":", "[]", "{\"prompt\":7,\"choices\":null}", "{\"prompt\":[{}]}"]
        ).check()
    }

    @Test("prompts are texts or tokens; as many answers are expected as are asked for")
    func prompts() throws {
        let texts = try decoded(#"{"prompt":["one","two"],"suffix":"three","n":2}"#)
        #expect(texts.conversation.turns.last?.parts.map(\.text) == ["one", "two", "three"])
        #expect(texts.choiceCount == 4)
        let refused = try dialect.decodeResponse(dialect.refusal("No.", to: texts, id: "1").bytes, to: texts)
        #expect(refused.choices.map(\.turn.text) == ["No.", "No.", "No.", "No."])
        for prompt in ["[1,2]", "[[1,2],[3]]"] {
            let tokens = try decoded("{\"prompt\":\(prompt)}")
            #expect(tokens.conversation.turns.flatMap(\.parts).allSatisfy { $0.kind == .unknown })
        }
        #expect(try decoded(#"{"prompt":"x","n":1000000000}"#).choiceCount == 128)
    }

    @Test("token probabilities go with the text they spell, and are read where they don't")
    func probabilities() throws {
        let request = try decoded(#"{"prompt":"Hi"}"#)
        let whole = try dialect.decodeResponse(Array(answer("Ask a.b@c.example").utf8), to: request)
        let match = Match(range: 4..<17, label: "mail", replacement: "[MASKED]")
        let redaction = Redaction(pointer: "/choices/0/text", matches: [match])
        let masked = try dialect.rewrite(whole, changes: [.redact([redaction])])
        #expect(!String(decoding: masked, as: UTF8.self).contains("a.b@c"))
        let other = answer("Hi").replacing("\"tokens\":[\"Hi\"]", with: "\"tokens\":[\"words\"]")
        #expect(try dialect.decodeResponse(Array(other.utf8), to: request).choices[0].turn.text == "Hi\nwords")
        var reader = try #require(dialect.makeStreamReader(for: request, mediaType: "text/event-stream"))
        let events = try reader.read(
            Array((chunk("Hi", logprobs: #"{"tokens":["Hi"]}"#) + chunk("Hi", logprobs: #"{"tokens":["words"]}"#)).utf8)
        )
        #expect(events.map { $0.texts.map(\.text) } == [["Hi"], ["Hi", "words"]])
        #expect(events.map(\.echoes.count) == [1, 1])
    }

    @Test("a blocked stream ends as filtered, and so does a blocked prompt's")
    func blocked() async throws {
        let text = chunk("one badword") + chunk("", finish: "\"stop\"") + "data: [DONE]\n\n"
        try await withGateway(upstream: answering(text, type: "text/event-stream")) { gateway in
            for prompt in ["hello", "a badword"] {
                let body = "{\"model\":\"demo\",\"stream\":true,\"prompt\":\"\(prompt)\"}"
                let response = try await withConnection(to: gateway.port) {
                    try await $0.request("POST", "/v1/completions", body: body)
                }
                #expect(response.text.contains("\"text\":\"Not that.\"") && !response.text.contains("badword"))
                #expect(response.text.contains("\"finish_reason\":\"content_filter\""))
                #expect(response.text.hasSuffix("data: [DONE]\n\n"))
            }
        }
    }
}
