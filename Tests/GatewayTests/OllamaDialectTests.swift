import Gateway
import Moderation
import Testing

@Suite("The Ollama dialect")
struct OllamaDialectTests {
    private let dialect = OllamaDialect()

    @Test("it does what every dialect must, for both methods", arguments: [true, false])
    func conformance(isChat: Bool) throws {
        try DialectConformance(
            dialect: dialect,
            path: isChat ? "/api/chat" : "/api/generate",
            streamType: "application/x-ndjson",
            request: isChat
                ? #"{"messages": [{"role":"system","content":"Be kind."},{"role":"user","content":"Hi \u00e9"}],"stream":false}"#
                : #"{"prompt": "Hi \u00e9","system":"Be kind.","stream":false,"options":{"top_k":1e0}}"#,
            userText: "Hi é",
            streamRequest: isChat ? Ollama.chat("Hi") : Ollama.generate("Hi"),
            response: Ollama.answer("First one.", chat: isChat),
            answerTexts: ["First one."],
            stream: Ollama.lines(["Hel", "lo."], chat: isChat),
            malformed: [
                "", "null", "{\"messages\":", "[]", #"{"messages":null,"message":7}"#, #"{"Messages":[],"Message":{}}"#,
                #"{"messages":[{"Content":"x"}],"message":{"Content":"x"}}"#,
                #"{"messages":[{"tool_calls":{}}],"message":{"tool_calls":{}}}"#,
                #"{"prompt":"a","prompt":"b"}"#, #"{"Prompt":"x","Response":"x"}"#,
            ],
            errorPointer: "/error"
        ).check()
    }

    @Test("the paths and their names", arguments: ["/api/chat", "/api/generate", "/api/embed", "/api/embeddings"])
    func routes(path: String) throws {
        let found = dialect.route(of: try #require(RequestTarget("/" + path.uppercased() + "/?x=1")))
        #expect(found == DialectRoute(name: path))
        #expect(dialect.route(of: try #require(RequestTarget(path + "x"))) == nil)
        #expect(dialect.route(of: try #require(RequestTarget("/v1" + path))) == nil)
    }

    @Test(
        "a stream is what was not declined",
        arguments: [("", true), (",\"stream\":true", true), (",\"stream\":null", true), (",\"stream\":false", false)]
    )
    func streamDefault(extra: String, isStreamed: Bool) throws {
        let request = try Ollama.decoded(Ollama.chat("x", extra: extra))
        #expect(request.isStreamed == isStreamed && request.model == "demo:1b")
        #expect((dialect.makeStreamReader(for: request, mediaType: "application/json") != nil) == isStreamed)
        #expect(dialect.makeStreamReader(for: request, mediaType: "application/x-ndjson") != nil)
        #expect(dialect.refusal("No.", to: request, id: "1").contentType.hasSuffix("ndjson") == isStreamed)
        let embedding = try Ollama.decoded(#"{"input":"x"}"#, path: "/api/embed")
        #expect(!embedding.isStreamed)
        #expect(dialect.makeStreamReader(for: embedding, mediaType: "application/json") == nil)
    }

    @Test("a blocked prompt is an ordinary answer with an ordinary end; where there are no words, an error")
    func refusals() throws {
        for isChat in [true, false] {
            let path = isChat ? "/api/chat" : "/api/generate"
            let body = isChat ? Ollama.chat("x", stream: false) : Ollama.generate("x", stream: false)
            let whole = dialect.refusal("No.", to: try Ollama.decoded(body, path: path), id: "1")
            let document = try JSONDocument(whole.bytes)
            #expect(whole.status == 200 && document.root["done"]?.kind == .bool(true))
            #expect(document.string(document.root["model"]) == "demo:1b")
            #expect(document.string(document.value(at: isChat ? "/message/content" : "/response")) == "No.")
            #expect(document.string(document.root["done_reason"]) == "stop")
        }
        let embedding = dialect.refusal("No.", to: try Ollama.decoded("{}", path: "/api/embed"), id: "1")
        #expect(embedding.status == 400 && embedding.bytes == Array(#"{"error":"No."}"#.utf8))
    }

    @Test(
        "each field of a request has its kind and place",
        arguments: [
            (#"{"messages":[{"content":"a b"}]}"#, PartKind.text, "/messages/0/content", "a b"),
            (#"{"messages":[{"content":["a b"]}]}"#, .text, "/messages/0/content/0", "a b"),
            (#"{"messages":[{"thinking":"a b"}]}"#, .reasoning, "/messages/0/thinking", "a b"),
            (
                #"{"messages":[{"role":"tool","content":"a b","tool_name":"f"}]}"#, .toolResult, "/messages/0/content",
                "a b"
            ),
            (#"{"messages":[{"role":"tool","tool_name":"a b"}]}"#, .text, "/messages/0/tool_name", "a b"),
            (#"{"messages":[{"images":["aGk="]}]}"#, .image, "/messages/0/images/0", ""),
            (#"{"messages":[{"images":["a b"]}]}"#, .text, "/messages/0/images/0", "a b"),
            (#"{"messages":[{"role":"a b"}]}"#, .text, "/messages/0/role", "a b"),
            (#"{"messages":[{"note":{"x":"a b"}}]}"#, .text, "/messages/0/note/x", "a b"),
            (
                #"{"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":{"x":["a b"]}}}]}]}"#,
                .toolCall, "/messages/0/tool_calls/0/function/arguments/x/0", "a b"
            ),
            (#"{"messages":[{"tool_calls":[{"id":"a b"}]}]}"#, .toolCall, "/messages/0/tool_calls/0/id", "a b"),
            (#"{"prompt":"a b"}"#, .text, "/prompt", "a b"), (#"{"suffix":"a b"}"#, .text, "/suffix", "a b"),
            (#"{"template":"a b"}"#, .text, "/template", "a b"), (#"{"system":"a b"}"#, .text, "/system", "a b"),
            (#"{"images":["aGk="]}"#, .image, "/images/0", ""), (#"{"images":["a b"]}"#, .text, "/images/0", "a b"),
            (#"{"input":"a b"}"#, .text, "/input", "a b"), (#"{"input":["c","a b"]}"#, .text, "/input/1", "a b"),
            (#"{"context":[1,2]}"#, .unknown, "/context", "[1,2]"),
            (#"{"format":{"x":1}}"#, .toolDefinition, "/format", #"{"x":1}"#),
            (#"{"tools":[{"x":1}]}"#, .toolDefinition, "/tools/0", #"{"x":1}"#),
            (#"{"novelty":"a b"}"#, .toolResult, "/novelty", "a b"),
        ]
    )
    func requests(body: String, kind: PartKind, pointer: String, text: String) throws {
        let parts = try Ollama.decoded(body, path: "/api/generate").conversation.turns.flatMap(\.parts)
        #expect(parts.contains(Part(kind: kind, text: text, pointer: pointer)))
    }

    @Test("who speaks: a template is the client's word, instructions and tools are not")
    func roles() throws {
        let generate = try Ollama.decoded(
            #"{"system":"a","prompt":"b","template":"c","suffix":"d","format":"json","keep_alive":"5m"}"#,
            path: "/api/generate"
        )
        #expect(generate.conversation.turns.map(\.role) == [.system, .user])
        #expect(Subject(prompt: generate.conversation).turns.map(\.text) == ["b\nc\nd"])
        let chat = try Ollama.decoded(
            #"{"messages":[{"role":"system"},{"role":"user"},{"role":"assistant"},{"role":"tool"},{"role":"x"},{}]}"#
        )
        #expect(chat.conversation.turns.map(\.role) == [.system, .user, .assistant, .tool, .user, .user])
        #expect(try Ollama.decoded(#"{"model":"demo:1b"}"#).conversation.turns.isEmpty)
    }
}
