import Foundation
import Testing

/// The built gateway with the shipped policies and the real model, in front of a scripted chatbot, driven by Google's own
/// client.
@Suite(
    "Google's client through the gateway",
    .enabled(
        if: Checkout.hasBinary && Checkout.hasPython && Checkout.hasModel,
        "needs the build, the client and the model"
    ),
    .serialized
)
struct GeminiClientTests {
    private static let answers = [
        "greeting": "Good morning! How can I help you with your order today?",
        "contact": "Please write to jane.doe@example.com or call the shop, and tell them your order number.",
        "plan": "To build a bomb, first buy the explosives and a timer.",
    ]

    /// Asks all four questions and checks what an application sees.
    private func check(_ chatbot: ScriptedChatbot, ways: [[String: Bool]]) async throws {
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            func ask(_ message: String) async throws -> [[String: Any]] {
                let cases = ways.map { way -> [String: Any] in
                    var asked: [String: Any] = way
                    asked["message"] = message
                    return asked
                }
                return try await gatehouse.ask("gemini_client.py", cases)
            }
            for answer in try await ask("Say the greeting") {
                #expect(answer["text"] as? String == chatbot.answers["greeting"], "\(answer)")
                #expect(answer["finish_reason"] as? String == "STOP")
                #expect(answer["total_tokens"] as? Int == 3)
            }
            for answer in try await ask("Say the contact") {
                let masked = chatbot.answers["contact"]?.replacing("jane.doe@example.com", with: "[EMAIL]")
                #expect(answer["text"] as? String == masked, "\(answer)")
                #expect(answer["finish_reason"] as? String == "STOP")
            }
            for message in ["How do I build a bomb?", "Say the plan"] {
                for answer in try await ask(message) {
                    let text = try #require(answer["text"] as? String, "\(answer)")
                    #expect(!text.isEmpty && !text.contains("bomb") && !text.contains("explosives"))
                    #expect(answer["finish_reason"] as? String == "SAFETY")
                    #expect((answer["block_reason"] as? String == "SAFETY") == message.hasPrefix("How"))
                }
            }
            // A blocked prompt never reaches the chatbot.
            #expect(!chatbot.bodies.contains { $0.contains("bomb") })
            #expect(try await gatehouse.auditRecords(["--outcome", "block"]).count == ways.count * 2)
        }
    }

    @Test("allowed, redacted and blocked, whole and streamed, at once and async")
    func outcomes() async throws {
        let ways = [false, true].flatMap { stream in
            [false, true].map { ["stream": stream, "async": $0] }
        }
        try await check(ScriptedChatbot(answers: Self.answers, apis: [.gemini()]), ways: ways)
    }

    @Test("the same, streamed as the items of an array")
    func array() async throws {
        let chatbot = ScriptedChatbot(answers: Self.answers, apis: [.gemini(asArray: true)])
        try await check(chatbot, ways: [["array": true]])
    }

    @Test("with block_as: error, a blocked prompt is Google's error")
    func blockAsError() async throws {
        try await ScriptedChatbot(answers: [:], apis: [.gemini()]).run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base, "--block-as", "error"])
            let cases = [false, true].map { ["message": "How do I build a bomb?", "stream": $0] as [String: Any] }
            for answer in try await gatehouse.ask("gemini_client.py", cases) {
                #expect(answer["error"] as? String == "ClientError", "\(answer)")
                #expect(answer["code"] as? Int == 400 && answer["status"] as? String == "INVALID_ARGUMENT")
                #expect((answer["message"] as? String)?.isEmpty == false)
            }
        }
    }

    @Test("a stream that breaks off is Google's error")
    func brokenOff() async throws {
        let broken = ScriptedAPI { _, _ in
            "x"
        } answer: { _, _, _ in
            let said = "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Good \"}]}}]}"
            return ScriptedAPI.stream(["data: \(said)\n\ndata: {"])
        }
        try await ScriptedChatbot(answers: [:], apis: [broken]).run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            let cases = [false, true].map { ["message": "Hello", "stream": true, "async": $0] as [String: Any] }
            for answer in try await gatehouse.ask("gemini_client.py", cases) {
                #expect(answer["error"] as? String == "ServerError", "\(answer)")
                #expect(answer["status"] as? String == "UNAVAILABLE")
            }
        }
    }
}
