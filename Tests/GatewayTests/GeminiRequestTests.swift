import Gateway
import Moderation
import Testing

@Suite("Gemini's requests")
struct GeminiRequestTests {
    private func turns(_ body: String, path: String = Gemini.path) throws -> [Turn] {
        try Gemini.decoded(body, path: path).conversation.turns
    }

    private func parts(_ part: String) throws -> [Part] {
        try turns("{\"contents\":[{\"parts\":[\(part)]}]}").flatMap(\.parts)
    }

    @Test(
        "each part has its kind and place, in either spelling",
        arguments: [
            (#"{"text":"a b"}"#, PartKind.text, "/text", "a b"),
            (#"{"text":"a b","thought":true}"#, .reasoning, "/text", "a b"),
            (#"{"inlineData":{"mimeType":"image/png","data":"iVBOR"}}"#, .image, "/inlineData", ""),
            (#"{"inline_data":{"mime_type":"audio/wav","data":"iVBOR"}}"#, .audio, "/inline_data", ""),
            (#"{"fileData":{"mimeType":"application/pdf","fileUri":"gs://x/y"}}"#, .file, "/fileData", ""),
            (#"{"functionCall":{"name":"f","args":{"a":["b c"]}}}"#, .toolCall, "/functionCall/args/a/0", "b c"),
            (#"{"function_call":{"name":"f","args":{"a":"b"}}}"#, .toolCall, "/function_call/name", "f"),
            (
                #"{"functionResponse":{"name":"f","response":{"a":"b"}}}"#, .toolResult, "/functionResponse/response/a",
                "b"
            ),
            (
                #"{"function_response":{"name":"f","parts":[{"inline_data":{"mime_type":"image/png","data":"x"}}]}}"#,
                .image, "/function_response/parts/0/inline_data", ""
            ),
            (
                #"{"executableCode":{"language":"PYTHON","code":"print(1)"}}"#, .toolCall, "/executableCode/code",
                "print(1)"
            ),
            (
                #"{"code_execution_result":{"outcome":"OUTCOME_OK","output":"1"}}"#, .toolResult,
                "/code_execution_result/output", "1"
            ),
            (#"{"toolCall":{"toolType":"SEARCH","args":{"q":"b c"}}}"#, .toolCall, "/toolCall/args/q", "b c"),
            (#"{"toolResponse":{"response":{"q":"b c"}}}"#, .toolResult, "/toolResponse/response/q", "b c"),
            (#"{"note":{"x":"b c"}}"#, .text, "/note/x", "b c"),
            (#"{"note":{"x":1}}"#, .unknown, "/note", ""),
        ]
    )
    func kinds(part: String, kind: PartKind, place: String, text: String) throws {
        let pointer = "/contents/0/parts/0" + place
        #expect(try parts(part).contains(Part(kind: kind, text: text, pointer: pointer)))
    }

    @Test(
        "words stay words where labels and bytes belong",
        arguments: [
            #"{"inlineData":{"mimeType":"image/png","data":"some words"}}"#,
            #"{"inlineData":{"mimeType":"some words","data":"x"}}"#,
            #"{"inlineData":{"mimeType":"image/png","data":"x","displayName":"some words"}}"#,
            #"{"fileData":{"fileUri":"some words"}}"#, #"{"fileData":{"fileUri":"x","other":["some words"]}}"#,
            #"{"thoughtSignature":"some words"}"#, #"{"thought":"some words","text":"x"}"#,
            #"{"functionCall":{"id":"some words"}}"#, #"{"functionCall":{"name":"some words"}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"some words"}]}}"#,
            #"{"functionCall":{"partialArgs":[{"stringValue":"some words"}]}}"#,
            #"{"functionCall":{"other":"some words"}}"#, #"{"functionResponse":{"scheduling":"some words"}}"#,
            #"{"functionResponse":{"parts":[{"other":"some words"}]}}"#,
            #"{"executableCode":{"language":"some words"}}"#, #"{"codeExecutionResult":{"outcome":"some words"}}"#,
            #"{"toolResponse":{"id":"some words"}}"#, #"{"videoMetadata":{"startOffset":"some words"}}"#,
            #"{"mediaResolution":{"level":"some words"}}"#, #"{"partMetadata":{"x":"some words"}}"#,
        ]
    )
    func words(part: String) throws {
        #expect(try parts(part).contains { $0.kind.isText && $0.text == "some words" })
        let whole = try Gemini.decodedResponse(Gemini.response(Gemini.candidate(part)))
        #expect(whole.choices[0].turn.text.contains("some words"))
        let streamed = try Gemini.reader(events: false).readAll(Gemini.array([Gemini.response(Gemini.candidate(part))]))
        #expect(streamed.flatMap(\.texts).contains { $0.text == "some words" })
    }

    @Test("who speaks: instructions, people, the chatbot, and tools whoever is said to bring their results")
    func roles() throws {
        let turns = try turns(
            #"""
            {"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},
            {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"x":"b"}}},{"text":"c"}]},
            {"role":"function","parts":[{"text":"d"}]},{"role":"someone else entirely","parts":{"text":"e"}}],
            "systemInstruction":{"role":"model","parts":[{"text":"f"}]},"cachedContent":"cachedContents/1",
            "tools":[{"functionDeclarations":[{"name":"f"}]}],"generation_config":{"response_schema":{"x":1},"seed":1}}
            """#
        )
        #expect(turns.map(\.role) == [.system, .system, .system, .user, .assistant, .tool, .user, .tool, .user])
        #expect(turns[0].parts.map(\.pointer) == ["/generation_config/response_schema"])
        #expect(Set(turns[1].parts.map(\.kind)) == [.unknown, .toolDefinition])
        #expect(Subject(prompt: Conversation(turns: turns)).turns.map(\.role) == [.tool, .user, .tool, .user])
        #expect(turns[8].text == "someone else entirely\ne" || turns[8].text == "e\nsomeone else entirely")
        #expect(turns[7].parts.map(\.kind) == [.toolResult])
    }

    @Test(
        "a field in both of its spellings, or in a third, is refused",
        arguments: [
            #"{"contents":[{"parts":[{"text":"x"}]}],"systemInstruction":{"parts":[]},"system_instruction":{"parts":[]}}"#,
            #"{"contents":[{"parts":[{"text":"x"}]}],"systemInstruction":null,"system_instruction":{"parts":[]}}"#,
            #"{"contents":[{"parts":[{"inlineData":{},"inline_data":{}}]}]}"#,
            #"{"contents":[{"parts":[{"inlinedata":{}}]}]}"#, #"{"contents":[{"parts":[{"inline__data":{}}]}]}"#,
            #"{"contents":[{"parts":[{"text":"x"}]}],"system_Instruction":{"parts":[]}}"#,
            #"{"contents":[{"parts":[{"text":"x"}]}],"_contents":[]}"#,
            #"{"contents":[{"Parts":[{"text":"x"}]}]}"#,
            #"{"contents":[{"parts":[{"functionCall":{"Args":{}}}]}]}"#,
        ]
    )
    func spelling(body: String) {
        #expect(throws: DialectError.self) { try Gemini.decoded(body) }
    }

    @Test(
        "what is counted or embedded is judged, with a request inside the request",
        arguments: [
            ("countTokens", #"{"contents":[{"parts":[{"text":"some words"}]}]}"#),
            ("countTokens", #"{"generateContentRequest":{"contents":[{"parts":[{"text":"some words"}]}]}}"#),
            ("embedContent", #"{"content":{"parts":[{"text":"some words"}]}}"#),
            (
                "batchEmbedContents",
                #"{"requests":[{"content":{"parts":{"text":"x"}}},{"content":{"parts":{"text":"some words"}}}]}"#
            ),
            ("embedContent", #"{"content":{"parts":[]},"title":"some words"}"#),
        ]
    )
    func otherMethods(method: String, body: String) throws {
        let request = try Gemini.decoded(body, path: "/v1beta/models/m:\(method)")
        let subject = Subject(prompt: request.conversation)
        #expect(subject.turns.map(\.text).contains("some words"))
        let pointer = try #require(subject.turns.flatMap(\.parts).first { $0.text == "some words" }?.pointer)
        #expect(request.document.string(request.document.value(at: pointer)) == "some words")
    }

    @Test("several candidates are counted")
    func candidateCount() throws {
        let body = Gemini.request("x", extra: #","generationConfig":{"candidate_count":3}"#)
        #expect(try Gemini.decoded(body).choiceCount == 3)
    }
}

extension StreamReader {
    /// The events of a whole stream.
    func readAll(_ text: String) throws -> [StreamEvent] {
        var reader = self
        return try reader.read(Array(text.utf8)) + reader.finish()
    }
}
