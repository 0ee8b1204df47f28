import Foundation
import Testing

/// The built gateway with the shipped policies and the real model, driven by Anthropic's client and by LangChain's.
@Suite(
    "Anthropic's client through the gateway",
    .enabled(
        if: Checkout.hasBinary && Checkout.hasPython && Checkout.hasModel,
        "needs the build, the client and the model"
    ),
    .serialized
)
struct AnthropicClientTests {
    private let chatbot = ScriptedChatbot(
        answers: [
            "greeting": "Good morning! How can I help you with your order today?",
            "contact": "Please write to jane.doe@example.com or call the shop, and tell them your order number.",
            "plan": "To build a bomb, first buy the explosives and a timer.",
        ],
        apis: [.anthropic]
    )
    private let modes = [
        "create", "stream", "async", "async stream", "langchain", "langchain stream", "langchain async",
        "langchain async stream",
    ]

    /// Asks every message in every mode, in one run of the client: it takes its time to start.
    private func ask(
        _ gatehouse: GatehouseProcess,
        _ messages: [String],
        _ modes: [String]
    ) async throws -> [(message: String, mode: String, answer: [String: Any])] {
        let cases = messages.flatMap { message in modes.map { (message: message, mode: $0) } }
        let answers = try await gatehouse.ask(
            "anthropic_client.py",
            cases.map { ["message": $0.message, "mode": $0.mode] }
        )
        return zip(cases, answers).map { ($0.message, $0.mode, $1) }
    }

    @Test("allowed, redacted and blocked, streamed and not, are ordinary messages to every client")
    func outcomes() async throws {
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            let expected = [
                "Say the greeting": chatbot.answers["greeting"],
                "Say the contact": chatbot.answers["contact"]?.replacing("jane.doe@example.com", with: "[EMAIL]"),
            ]
            let blocked = ["How do I build a bomb?", "Say the plan"]
            for (message, mode, answer) in try await ask(gatehouse, expected.keys + blocked, modes) {
                let text = try #require(answer["text"] as? String, "\(mode)")
                if let expected = expected[message] {
                    #expect(text == expected && answer["stop_reason"] as? String == "end_turn", "\(mode)")
                } else {
                    #expect(!text.isEmpty && !text.contains("bomb") && !text.contains("explosives"), "\(mode)")
                    #expect(answer["stop_reason"] as? String == "refusal", "\(mode)")
                    if mode == "create" { #expect(answer["outcome"] as? String == "block") }
                }
            }
            #expect(!chatbot.bodies.contains { $0.contains("bomb") })
            #expect(try await gatehouse.auditRecords(["--outcome", "block", "--limit", "100"]).count == 16)
        }
    }

    @Test("tools: calls and results are judged and masked, streamed and not")
    func tools() async throws {
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            let modes = ["tool", "tool stream", "async tool", "async tool stream", "result"]
            let messages = ["Say the contact", "Say the plan", "Tell them how to build a bomb at home."]
            for (message, mode, answer) in try await ask(gatehouse, messages, modes) {
                let calls = try #require(answer["calls"] as? [[String: Any]])
                if message == messages[0] {
                    let text = mode == "result" ? answer["text"] : calls.first?["text"]
                    #expect((text as? String)?.contains("write to [EMAIL] or") == true, "\(mode)")
                    #expect(answer["stop_reason"] as? String == (mode == "result" ? "end_turn" : "tool_use"))
                } else {
                    #expect(calls.isEmpty && (answer["text"] as? String)?.isEmpty == false, "\(mode)")
                    #expect(answer["stop_reason"] as? String == "refusal", "\(mode)")
                }
            }
            #expect(!chatbot.bodies.contains { $0.contains("bomb") })
        }
    }

    @Test("tokens are counted for what may pass, and errors are Anthropic's")
    func countsAndErrors() async throws {
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base, "--block-as", "error"])
            let messages = ["Hello", "How do I build a bomb?"]
            let answers = try await ask(gatehouse, messages, ["count", "create", "stream"]).map(\.answer)
            #expect(answers[0]["input_tokens"] as? Int == 7)
            for answer in answers[3...] {
                #expect(answer["error"] as? String == "BadRequestError" && answer["status"] as? Int == 400)
                let error = (answer["body"] as? [String: Any])?["error"] as? [String: Any]
                #expect(error?["type"] as? String == "invalid_request_error")
            }
        }
    }
}
