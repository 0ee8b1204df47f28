import Gateway
import Moderation
import Testing

@Suite("The Azure OpenAI dialect")
struct AzureOpenAIDialectTests {
    private func route(_ path: String) throws -> (dialect: any Dialect, route: DialectRoute)? {
        let target = try #require(RequestTarget(path))
        for dialect in AzureOpenAIDialect.all {
            if let route = dialect.route(of: target) { return (dialect, route) }
        }
        return nil
    }

    @Test("a deployment's name is the model, stays as it was sent, and is in no record")
    func routes() throws {
        let found = try #require(try route("/OpenAI/Deployments/My%20GPT/chat/completions?api-version=1"))
        #expect(found.route.name == "/openai/deployments/*/chat/completions")
        #expect(found.route.path == "/OpenAI/Deployments/My%20GPT/chat/completions")
        #expect(found.route.model == "My GPT")
        for path in ["chat/completions", "completions", "embeddings", "responses"] {
            #expect(try route("/openai/v1/\(path)")?.route.name == "/openai/v1/\(path)")
        }
        #expect(try route("/openai/responses") != nil)
        for path in ["/openai/deployments/completions", "/openai/deployments/a/b/completions", "/openai/models"] {
            #expect(try route(path) == nil, "\(path)")
        }
    }

    @Test("a blocked prompt is Azure's error; a blocked answer finishes as filtered, with results")
    func blocked() async throws {
        let path = "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
        let text =
            "data: {\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n"
            + stream(of: ["a badword"])
        let script: @Sendable (Wire) async throws -> Void = { wire in
            let message = try await wire.message()
            #expect(message.start == "POST \(path) HTTP/1.1")
            let isStreamed = message.text.contains("\"stream\":true")
            try await wire.respond(
                isStreamed ? text : chatAnswer("a badword"),
                type: isStreamed ? "text/event-stream" : "application/json"
            )
        }
        try await withGateway(upstream: script) { gateway in
            func ask(_ text: String, stream: Bool = false) async throws -> Wire.Message {
                try await withConnection(to: gateway.port) {
                    try await $0.request("POST", path, body: chatRequest(text, stream: stream))
                }
            }
            for stream in [false, true] {
                let prompt = try await ask("a badword", stream: stream)
                let document = try JSONDocument(prompt.body)
                #expect(prompt.status == 400)
                #expect(document.string(document.value(at: "/error/code")) == "content_filter")
                #expect(document.string(document.value(at: "/error/innererror/code")) == "ResponsibleAIPolicyViolation")
                #expect(document.string(document.value(at: "/error/message")) == "Not that.")
                let answer = try await ask("hello", stream: stream)
                #expect(answer.status == 200 && !answer.text.contains("badword"))
                #expect(answer.text.contains("\"finish_reason\":\"content_filter\",\"content_filter_results\":{"))
            }
            let record = try #require(gateway.audit.responses.first)
            #expect(record.dialect == "azure-openai" && record.model == "gpt")
            #expect(record.route == "/openai/deployments/*/chat/completions")
        }
    }

    @Test("Azure's own filter results pass as they came")
    func passed() async throws {
        let results = #","content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}"#
        let body = chatAnswer("Hi.").replacing(",\"finish_reason\"", with: results + ",\"finish_reason\"")
        try await withGateway(upstream: answering(body)) { gateway in
            let response = try await withConnection(to: gateway.port) {
                try await $0.request("POST", "/openai/v1/chat/completions", body: chatRequest("hello"))
            }
            #expect(response.text == body)
            #expect(gateway.audit.responses[0].content.map(\.text) == ["Hi."])
        }
    }
}
