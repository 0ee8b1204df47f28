import Foundation
import FoundationNetworking
import Testing

/// The built gateway with the shipped policies and the real model, in front of a bot of no known API.
@Suite(
    "A chatbot's own API, in five lines",
    .enabled(if: Checkout.hasBinary && Checkout.hasModel, "needs the build and the model")
)
struct CustomBotTests {
    /// `POST /chat {"message": ...}`, streamed as lines where the request says so.
    private static let api = ScriptedAPI { path, body in
        path == "/chat" ? body["message"] as? String : nil
    } answer: { text, _, body in
        guard body["stream"] as? Bool == true else {
            return try ScriptedAPI.json(["answer": ["text": text], "ok": true])
        }
        let lines = try ScriptedChatbot.pieces(of: text).map { piece in
            String(decoding: try JSONSerialization.data(withJSONObject: ["token": piece]), as: UTF8.self) + "\n"
        }
        return ScriptedAPI.stream(lines, type: "application/x-ndjson")
    }

    private let chatbot = ScriptedChatbot(
        answers: [
            "greeting": "Good morning! How can I help you with your order today?",
            "contact": "Please write to jane.doe@example.com or call the shop, and tell them your order number.",
            "plan": "To build a bomb, first buy the explosives and a timer.",
        ],
        apis: [api]
    )

    private func withGatehouse(
        _ settings: @escaping @Sendable (String) -> String,
        _ body: @escaping @Sendable (GatehouseProcess) async throws -> Void
    ) async throws {
        try await chatbot.run { base in
            let file = FileManager.default.temporaryDirectory.appending(path: "gatehouse-\(UUID().uuidString).yaml")
            try Data(settings(base).utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            try await body(try await GatehouseProcess.start(["--config", file.path]))
        }
    }

    private func post(_ body: [String: Any], to gatehouse: GatehouseProcess) async throws -> (
        text: String, outcome: String?
    ) {
        var request = URLRequest(url: gatehouse.base.appending(path: "chat"))
        request.httpMethod = "POST"
        request.httpBody = try JSONSerialization.data(withJSONObject: body)
        let (data, response) = try await URLSession.shared.data(for: request)
        let outcome = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "x-gatehouse-outcome")
        return (String(decoding: data, as: UTF8.self), outcome)
    }

    @Test("allowed, masked and blocked")
    func whole() async throws {
        let chatbot = chatbot
        try await withGatehouse { base in
            """
            upstream: \(base)
            routes:
              - path: /chat
                prompt: $.message
                reply: $.answer.text
            """
        } _: { gatehouse in
            let allowed = try await post(["message": "Say the greeting"], to: gatehouse)
            #expect(allowed.text.contains("Good morning!") && allowed.text.contains("\"ok\":true"))
            let masked = try await post(["message": "Say the contact"], to: gatehouse)
            #expect(masked.outcome == "redact" && masked.text.contains("[EMAIL]") && !masked.text.contains("jane.doe"))
            for message in ["How do I build a bomb?", "Say the plan"] {
                let blocked = try await post(["message": message], to: gatehouse)
                #expect(blocked.outcome == "block" && blocked.text.hasPrefix(#"{"answer":{"text":""#))
                #expect(!blocked.text.contains("bomb") && !blocked.text.contains("explosives"))
            }
            #expect(chatbot.bodies.count == 3)
            let records = try await gatehouse.auditRecords()
            #expect(records.count == 7)
            let missing = try await post(["text": "Say the greeting"], to: gatehouse)
            #expect(missing.text.contains("'$.message' must be there"))
        }
    }

    @Test("streamed as lines")
    func streamed() async throws {
        try await withGatehouse { base in
            """
            upstream: \(base)
            routes:
              - { path: /chat, prompt: $.message, reply: $.answer.text, stream: ndjson, delta: $.token }
            """
        } _: { gatehouse in
            func said(_ message: String) async throws -> String {
                let answer = try await post(["message": message, "stream": true], to: gatehouse)
                return try answer.text.split(separator: "\n").map { line in
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
                    return object?["token"] ?? ""
                }.joined()
            }
            let greeting = try await said("Say the greeting")
            #expect(greeting == chatbot.answers["greeting"])
            let contact = try await said("Say the contact")
            #expect(contact == chatbot.answers["contact"]?.replacing("jane.doe@example.com", with: "[EMAIL]"))
            for message in ["How do I build a bomb?", "Say the plan"] {
                let refusal = try await said(message)
                #expect(!refusal.isEmpty && !refusal.contains("bomb") && !refusal.contains("explosives"))
            }
        }
    }

    @Test("a settings file that names no such path is told before anything starts; so is a secret that is not set")
    func unusable() async throws {
        for (text, expected) in [
            ("routes:\n  - {path: /chat, prompt: message, reply: $.a}\n", ":2:27: the value of 'routes[0].prompt'"),
            (
                "platforms:\n  - {path: /s, platform: slack, secret: \"${NOT_SET_ANYWHERE}\", bot: \"http://127.0.0.1:1/s\"}\n",
                ":2:5: the value of 'platforms[0].secret' is not usable; expected the environment variable NOT_SET_ANYWHERE"
            ),
        ] {
            let file = FileManager.default.temporaryDirectory.appending(path: "gatehouse-\(UUID().uuidString).yaml")
            try Data(text.utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let result = try await gatehouse("serve", "--port", "0", "--config", file.path)
            #expect(result.status == 78 && result.errors.contains(expected), "\(result.errors)")
        }
    }
}
