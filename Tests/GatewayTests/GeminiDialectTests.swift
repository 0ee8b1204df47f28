import Gateway
import Moderation
import Testing

@Suite("The Gemini dialect")
struct GeminiDialectTests {
    private let dialect = GeminiDialect()

    private func conformance(events: Bool) -> DialectConformance {
        let responses = [Gemini.candidate(Gemini.text("Hello.")), Gemini.candidate(finish: "STOP")].map {
            Gemini.response($0)
        }
        return DialectConformance(
            dialect: dialect,
            path: Gemini.path,
            streamPath: events ? Gemini.eventsPath : Gemini.arrayPath,
            streamType: events ? "text/event-stream" : "application/json",
            request: #"""
                {"system_instruction": {"parts": {"text":"Be kind."}}, "contents": [
                {"parts":[{"text":"Hi \u00e9"}]}],"tools":[{"googleSearch":{}}],"generationConfig":{"topK":1e0}}
                """#,
            userText: "Hi é",
            streamRequest: Gemini.request("Hi"),
            response: Gemini.response(
                Gemini.candidate(Gemini.text("First one.")),
                Gemini.candidate(Gemini.text("Second one."), index: 1, finish: "STOP")
            ),
            answerTexts: ["First one.", "Second one."],
            stream: events ? Gemini.events(responses) : Gemini.array(responses),
            malformed: [
                "", "null", "{\"contents\":", "[]", #"{"contents":null,"candidates":7}"#,
                #"{"contents":[{"parts":["x"]}],"candidates":[{"content":{"parts":["x"]}}]}"#,
                #"{"contents":[],"candidates":{}}"#,
                #"{"contents":[{"parts":7}],"candidates":[{"content":{"parts":7}}]}"#,
                #"{"Contents":[{"parts":[]}],"Candidates":[]}"#,
                #"{"contents":[{"parts":[{"TEXT":"x"}]}],"candidates":[{"content":{"parts":[{"TEXT":"x"}]}}]}"#,
            ]
        )
    }

    @Test("it does what every dialect must, with both kinds of stream", arguments: [true, false])
    func conforms(events: Bool) throws {
        try conformance(events: events).check()
    }

    @Test(
        "its methods are found wherever they stand, and their names show nothing of the sender's",
        arguments: [
            ("/v1beta/models/gem-1.5:generateContent", "/v1beta/models/*:generateContent", "gem-1.5"),
            ("/v1/models/Gem:streamGenerateContent", "/v1/models/*:streamGenerateContent", "Gem"),
            ("/v1/models/g:streamGenerateContent?key=1&alt=sse", "/v1/models/*:streamGenerateContent?alt=sse", "g"),
            ("/v1beta/tunedModels/mine:countTokens", "/v1beta/tunedModels/*:countTokens", "mine"),
            (
                "/v1/projects/p/locations/l/publishers/google/models/m:generateContent",
                "/v1/projects/*/locations/*/publishers/*/models/*:generateContent", "m"
            ),
            (
                "/v1beta1/projects/p/locations/l/endpoints/7:streamGenerateContent?%24alt=sse",
                "/v1beta1/projects/*/locations/*/endpoints/*:streamGenerateContent?alt=sse", "7"
            ),
            ("/v1beta/models/m%3AEmbedContent", "/v1beta/models/*:embedContent", "m"),
            ("/v1beta//models/x/../m:batchEmbedContents/", "/v1beta/models/*:batchEmbedContents", "m"),
            ("/v1/a/b/c/d/e/f/m:generateContent", "/*:generateContent", "m"),
            ("/v9/models/m:generateContent", "/*:generateContent", "m"),
        ]
    )
    func routes(target: String, name: String, model: String) throws {
        let found = dialect.route(of: try #require(RequestTarget(target)))
        let route = try #require(found)
        #expect(route.name == name && route.model == model)
        #expect(route.isStreamed == name.contains("stream"))
        #expect(!route.path.contains("?"))
    }

    @Test(
        "other paths are not its own",
        arguments: ["/v1beta/models", "/v1beta/models/m", "/v1beta/models/m:predict", "/v1/models/ft:gpt:x", "/"]
    )
    func otherPaths(target: String) throws {
        #expect(dialect.route(of: try #require(RequestTarget(target))) == nil)
    }

    @Test("a blocked prompt is a candidate that says so, whole, as an event and as an array")
    func refusals() throws {
        let whole = try JSONDocument(dialect.refusal("No.", to: Gemini.decoded(Gemini.request("x")), id: "7").bytes)
        #expect(whole.string(whole.value(at: "/candidates/0/content/parts/0/text")) == "No.")
        #expect(whole.string(whole.value(at: "/candidates/0/finishReason")) == "SAFETY")
        #expect(whole.string(whole.value(at: "/promptFeedback/blockReason")) == "SAFETY")
        #expect(whole.string(whole.value(at: "/modelVersion")) == "gemini-demo")
        for (path, type) in [(Gemini.eventsPath, "text/event-stream"), (Gemini.arrayPath, "application/json")] {
            let payload = dialect.refusal("No.", to: try Gemini.decoded(Gemini.request("x"), path: path), id: "7")
            #expect(payload.status == 200 && payload.contentType == type)
            #expect(try Gemini.Seen(String(decoding: payload.bytes, as: UTF8.self)).texts[0] == "No.")
        }
        for method in ["countTokens", "embedContent"] {
            let request = try Gemini.decoded(
                #"{"content":{"parts":[{"text":"x"}]}}"#,
                path: "/v1beta/models/m:\(method)"
            )
            let payload = dialect.refusal("No.", to: request, id: "7")
            let body = try JSONDocument(payload.bytes)
            #expect(payload.status == 400)
            #expect(body.integer(body.value(at: "/error/code")) == 400)
            #expect(body.string(body.value(at: "/error/status")) == "INVALID_ARGUMENT")
            #expect(body.string(body.value(at: "/error/details/0/reason")) == "CONTENT_POLICY_VIOLATION")
        }
    }
}
