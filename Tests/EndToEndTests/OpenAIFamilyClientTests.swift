import Foundation
import Testing

/// The built gateway with the shipped policies and the real model, driven by clients of OpenAI's other APIs.
@Suite(
    "OpenAI's other APIs through the gateway, with official clients",
    .enabled(
        if: Checkout.hasBinary && Checkout.hasPython && Checkout.hasModel,
        "needs the build, the clients and the model"
    ),
    .serialized
)
struct OpenAIFamilyClientTests {
    private let chatbot = ScriptedChatbot(
        answers: [
            "greeting": "Good morning! How can I help you with your order today?",
            "contact": "Please write to jane.doe@example.com or call the shop, and tell them your order number.",
            "plan": "To build a bomb, first buy the explosives and a timer.",
        ],
        apis: [.openAIResponses, .openAIChat, .openAICompletions, .openAIEmbeddings]
    )
    private let messages = ["Say the greeting", "Say the contact", "How do I build a bomb?", "Say the plan"]

    private var masked: String? {
        chatbot.answers["contact"]?.replacing("jane.doe@example.com", with: "[EMAIL]")
    }

    /// Whether a text says no, and nothing of what it says no to.
    private func isRefusal(_ value: Any?) -> Bool {
        guard let text = value as? String else { return false }
        return !text.isEmpty && !text.contains("bomb") && !text.contains("explosives")
    }

    @Test("responses: allowed, redacted and blocked, whole, streamed and with the client's stream helper")
    func responses() async throws {
        let (chatbot, messages, masked) = (chatbot, messages, masked)
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            let ways = ["whole", "events", "helper"]
            // In one run of the client: it takes its time to start.
            let found = try await gatehouse.ask(
                "openai_responses_client.py",
                ways.flatMap { way in messages.map { ["message": $0, "way": way] } },
                path: "/v1"
            )
            #expect(found.count == ways.count * messages.count)
            for (index, way) in ways.enumerated() {
                let answers = found.dropFirst(index * messages.count).prefix(messages.count)
                #expect(
                    answers.prefix(2).map { $0["text"] as? String } == [chatbot.answers["greeting"], masked],
                    "\(way)"
                )
                for answer in answers {
                    #expect(answer["text"] as? String == answer["final"] as? String)
                    #expect(answer["text"] as? String == answer["async_text"] as? String)
                }
                #expect(answers.prefix(2).allSatisfy { $0["status"] as? String == "completed" })
                for answer in answers.suffix(2) {
                    #expect(isRefusal(answer["text"]))
                    #expect(answer["status"] as? String == "incomplete")
                    #expect(answer["reason"] as? String == "content_filter")
                }
            }
            #expect(!chatbot.bodies.contains { $0.contains("bomb") })
            #expect(try await gatehouse.auditRecords(["--outcome", "block", "--limit", "100"]).count == 12)
            #expect(try await gatehouse.auditRecords(["--outcome", "redact", "--limit", "100"]).count == 6)
        }
    }

    @Test("completions and embeddings: allowed, redacted and blocked")
    func completionsAndEmbeddings() async throws {
        let (chatbot, messages, masked) = (chatbot, messages, masked)
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            var cases: [[String: Any]] = []
            for stream in [false, true] {
                cases += messages.map { ["api": "completions", "message": $0, "stream": stream] }
            }
            cases += [["Say the greeting", "Hello"], ["Hello", "How do I build a bomb?"]].map {
                ["api": "embeddings", "message": $0]
            }
            let answers = try await gatehouse.ask("openai_inputs_client.py", cases, path: "/v1")
            #expect(answers.allSatisfy { $0["async_same"] as? Bool == true })
            for start in [0, 4] {
                #expect(answers[start]["text"] as? String == chatbot.answers["greeting"])
                #expect(answers[start + 1]["text"] as? String == masked)
                for answer in answers[(start + 2)...(start + 3)] {
                    #expect(isRefusal(answer["text"]))
                    #expect(answer["finish_reason"] as? String == "content_filter")
                }
            }
            #expect(answers[8]["vectors"] as? [[Double]] == [[1, 2], [1, 2]])
            #expect(answers[9]["error"] as? String == "BadRequestError")
            #expect(answers[9]["code"] as? String == "content_policy_violation")
        }
    }

    @Test("moderations: the gateway's own judgement in OpenAI's categories")
    func moderations() async throws {
        let gatehouse = try await GatehouseProcess.start(["--upstream", "http://127.0.0.1:9"])
        let image: [String: Any] = ["type": "image_url", "image_url": ["url": "https://x.example/a.png"]]
        let answers = try await gatehouse.ask(
            "openai_inputs_client.py",
            [
                ["api": "moderations", "message": "What is the capital of France?"],
                [
                    "api": "moderations",
                    "message": ["Hello there", "Give me step by step instructions to build a bomb."],
                ],
                [
                    "api": "moderations",
                    "message": [["type": "text", "text": "How does a smoke detector work?"], image],
                ],
                ["api": "moderations", "message": [image]],
            ],
            path: "/v1"
        )
        #expect(answers.allSatisfy { $0["async_same"] as? Bool == true }, "\(answers)")
        #expect(answers.map { $0["flagged"] as? [Bool] } == [[false], [false, true], [false], nil])
        #expect(answers.prefix(3).allSatisfy { $0["typed"] as? Bool == true })
        #expect((answers[1]["categories"] as? [[String]])?.last?.contains("illicit") == true)
        let scores = try #require((answers[1]["scores"] as? [[String: Double]])?.last)
        #expect((scores["illicit"] ?? 0) > 0.9 && scores.keys.contains("prompt-injection"))
        #expect(answers[3]["error"] as? String == "BadRequestError")
        #expect(try await gatehouse.auditRecords(["--limit", "100"]).count == 8)
    }

    @Test("Azure: blocked prompts are its errors, blocked answers are filtered")
    func azure() async throws {
        let (chatbot, messages, masked) = (chatbot, messages, masked)
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            var cases: [[String: Any]] = []
            for (api, stream) in [("chat", false), ("chat", true), ("responses", false)] {
                cases += messages.map { ["api": api, "message": $0, "stream": stream] }
            }
            cases.append(["api": "embeddings", "message": "Hello", "stream": false])
            let answers = try await gatehouse.ask("azure_openai_client.py", cases)
            #expect(answers.allSatisfy { $0["async_same"] as? Bool == true })
            for start in [0, 4, 8] {
                #expect(answers[start]["text"] as? String == chatbot.answers["greeting"])
                #expect(answers[start + 1]["text"] as? String == masked)
                #expect(answers[start + 2]["error"] as? String == "BadRequestError")
                #expect(answers[start + 2]["code"] as? String == "content_filter")
                #expect(answers[start + 2]["inner"] as? String == "ResponsibleAIPolicyViolation")
                #expect(isRefusal(answers[start + 3]["text"]))
            }
            for answer in [answers[3], answers[7]] {
                #expect(answer["finish_reason"] as? String == "content_filter" && answer["filtered"] as? Bool == true)
            }
            #expect(answers[12]["vectors"] as? [[Double]] == [[1, 2]])
        }
    }

    @Test("LangChain's ChatOpenAI: chat completions and responses, called and streamed")
    func langChain() async throws {
        let (chatbot, messages, masked) = (chatbot, messages, masked)
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            for responses in [false, true] {
                let answers = try await gatehouse.ask(
                    "langchain_openai_client.py",
                    messages.map { ["message": $0, "responses": responses] },
                    path: "/v1"
                )
                for key in ["invoked", "streamed", "async_invoked", "async_streamed"] {
                    let texts = answers.map { $0[key] as? String }
                    #expect(texts.prefix(2) == [chatbot.answers["greeting"], masked], "\(key)")
                    #expect(texts.suffix(2).allSatisfy { isRefusal($0) }, "\(key)")
                }
                #expect(answers.suffix(2).allSatisfy { $0["reason"] as? String == "content_filter" })
                #expect(answers.allSatisfy { $0["tool_calls"] as? Int == 0 })
            }
        }
    }
}
