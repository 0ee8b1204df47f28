import Foundation
import Testing

/// The built gateway with the shipped policies and the real model, in front of a scripted chatbot, driven by Ollama's own
/// client.
@Suite(
    "Ollama's client through the gateway",
    .enabled(
        if: Checkout.hasBinary && Checkout.hasPython && Checkout.hasModel,
        "needs the build, the client and the model"
    ),
    .serialized
)
struct OllamaClientTests {
    private let chatbot = ScriptedChatbot(
        answers: [
            "greeting": "Good morning! How can I help you with your order today?",
            "contact": "Please write to jane.doe@example.com or call the shop, and tell them your order number.",
            "plan": "To build a bomb, first buy the explosives and a timer.",
        ],
        apis: [.ollama]
    )

    @Test("allowed, redacted and blocked, by chat and generate, whole and streamed, at once and async")
    func outcomes() async throws {
        let chatbot = chatbot
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            let ways: [[String: Any]] = ["chat", "generate"].flatMap { method in
                [(false, false), (true, false), (false, true), (true, true)].map { stream, isAsync in
                    ["method": method, "stream": stream, "async": isAsync]
                }
            }
            func ask(_ message: String) async throws -> [[String: Any]] {
                try await gatehouse.ask(
                    "ollama_client.py",
                    ways.map { $0.merging(["message": message]) { $1 } }
                )
            }
            for (message, key) in [("Say the greeting", "greeting"), ("Say the contact", "contact")] {
                let expected = chatbot.answers[key]?.replacing("jane.doe@example.com", with: "[EMAIL]")
                for answer in try await ask(message) {
                    #expect(answer["text"] as? String == expected, "\(answer)")
                    #expect(answer["done"] as? Bool == true && answer["done_reason"] as? String == "stop")
                }
            }
            for message in ["How do I build a bomb?", "Say the plan"] {
                for answer in try await ask(message) {
                    let text = try #require(answer["text"] as? String, "\(answer)")
                    #expect(!text.isEmpty && !text.contains("bomb") && !text.contains("explosives"))
                    #expect(answer["done"] as? Bool == true && answer["done_reason"] as? String == "stop")
                }
            }
            // A blocked prompt never reaches the chatbot.
            #expect(!chatbot.bodies.contains { $0.contains("bomb") })
            #expect(try await gatehouse.auditRecords(["--outcome", "block"]).count == ways.count * 2)
        }
    }

    @Test("with block_as: error, or where an answer has no words, a blocked prompt is Ollama's error")
    func errors() async throws {
        try await chatbot.run { base in
            for (mode, method) in [("error", "chat"), ("error", "generate"), ("message", "embed")] {
                let gatehouse = try await GatehouseProcess.start(["--upstream", base, "--block-as", mode])
                let question: [String: Any] = ["message": "How do I build a bomb?", "method": method, "async": false]
                let cases = [false, true].map { stream in
                    question.merging(["stream": stream && method != "embed"]) { $1 }
                }
                for answer in try await gatehouse.ask("ollama_client.py", cases) {
                    #expect(answer["status"] as? Int == 400, "\(answer)")
                    #expect((answer["error"] as? String)?.isEmpty == false)
                }
            }
        }
    }

    @Test("a stream that breaks off is Ollama's error")
    func brokenOff() async throws {
        let broken = ScriptedAPI { _, _ in
            "x"
        } answer: { _, _, _ in
            let said = "{\"message\":{\"role\":\"assistant\",\"content\":\"Good \"},\"done\":false}"
            return ScriptedAPI.stream(["\(said)\n{"], type: "application/x-ndjson")
        }
        try await ScriptedChatbot(answers: [:], apis: [broken]).run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            let cases = [false, true].map { isAsync -> [String: Any] in
                ["message": "Hello", "method": "chat", "stream": true, "async": isAsync]
            }
            for answer in try await gatehouse.ask("ollama_client.py", cases) {
                #expect((answer["error"] as? String)?.contains("could not be read") == true, "\(answer)")
            }
        }
    }
}
