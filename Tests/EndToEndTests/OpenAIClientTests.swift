import Foundation
import Testing

/// The built gateway with the shipped policies and the real model, in front of a scripted chatbot, driven by the official
/// OpenAI client.
@Suite(
    "The official OpenAI client through the gateway",
    .enabled(
        if: Checkout.hasBinary && Checkout.hasPython && Checkout.hasModel,
        "needs the build, the client and the model"
    ),
    .serialized
)
struct OpenAIClientTests {
    private let chatbot = ScriptedChatbot(answers: [
        "greeting": "Good morning! How can I help you with your order today?",
        "contact": "Please write to jane.doe@example.com or call the shop, and tell them your order number.",
        "plan": "To build a bomb, first buy the explosives and a timer.",
    ])

    @Test("allowed, redacted and blocked, streamed and not")
    func outcomes() async throws {
        let chatbot = chatbot
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base])
            let messages = ["Say the greeting", "Say the contact", "How do I build a bomb?", "Say the plan"]
            let answers = try await gatehouse.askWithOpenAIClient(
                messages.flatMap { [(message: $0, stream: false), (message: $0, stream: true)] }
            )
            func value(_ index: Int, _ key: String) -> String? { answers[index][key] as? String }

            for index in [0, 1] {
                #expect(value(index, "content") == chatbot.answers["greeting"])
                #expect(value(index, "finish_reason") == "stop")
            }
            let masked = chatbot.answers["contact"]?.replacing("jane.doe@example.com", with: "[EMAIL]")
            for index in [2, 3] {
                #expect(value(index, "content") == masked)
                #expect(value(index, "finish_reason") == "stop")
            }
            for index in 4...7 {
                #expect(value(index, "finish_reason") == "content_filter")
                #expect(value(index, "content")?.isEmpty == false)
                #expect(value(index, "content")?.contains("bomb") == false)
                #expect(value(index, "content")?.contains("explosives") == false)
            }
            #expect([0, 2, 4, 6].map { value($0, "outcome") } == ["allow", "redact", "block", "block"])
            #expect((0...7).allSatisfy { value($0, "content") == value($0, "async_content") })
            // A blocked prompt never reaches the chatbot.
            #expect(!chatbot.bodies.contains { $0.contains("bomb") })

            let blocked = try await gatehouse.auditRecords(["--outcome", "block"])
            #expect(blocked.count == 8)
            let redacted = try await gatehouse.auditRecords(["--outcome", "redact"])
            #expect(redacted.count == 4)
            #expect(try await gatehouse.auditRecords(["--limit", "100"]).count == 28)
            try await checkReports(gatehouse)
        }
    }

    /// `audit show` and `audit stats` tell what was blocked and why, without the masked text.
    private func checkReports(_ process: GatehouseProcess) async throws {
        let record = try #require(try await process.auditRecords(["--outcome", "redact", "--limit", "1"]).first)
        let id = try #require((record["id"] ?? (record["decision"] as? [String: Any])?["id"]) as? String)
        let show = try await gatehouse("audit", "show", id, "--audit-file", process.auditFile)
        #expect(show.status == 0)
        #expect(show.output.contains("personal-data") && show.output.contains("[EMAIL]"))
        // The rule as it stood has such an address among its tests.
        #expect(!show.output.contains("write to jane.doe"))
        let stats = try await gatehouse("audit", "stats", "--audit-file", process.auditFile)
        #expect(stats.status == 0 && stats.output.contains("block") && stats.output.contains("personal-data"))
    }

    @Test("with block_as: error, a blocked prompt is OpenAI's error")
    func blockAsError() async throws {
        try await chatbot.run { base in
            let gatehouse = try await GatehouseProcess.start(["--upstream", base, "--block-as", "error"])
            let answers = try await gatehouse.askWithOpenAIClient([("How do I build a bomb?", false)])
            #expect(answers[0]["error"] as? String == "BadRequestError")
            #expect(answers[0]["code"] as? String == "content_policy_violation")
        }
    }

    @Test("a port that is taken is a clear error")
    func portTaken() async throws {
        try await chatbot.run { base in
            let port = try #require(base.split(separator: ":").last.map(String.init))
            let folder = FileManager.default.temporaryDirectory.appending(path: "port-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let result = try await gatehouse(
                "serve",
                "--upstream",
                base,
                "--port",
                port,
                "--audit-file",
                "\(folder)/audit.sqlite"
            )
            #expect(result.status == 78)
            #expect(result.errors.contains("can't listen on 127.0.0.1:\(port)"), "\(result.errors)")
        }
    }

    @Test("the built-in demo generator answers, streamed and not")
    func demo() async throws {
        let gatehouse = try await GatehouseProcess.start([])
        let answers = try await gatehouse.askWithOpenAIClient([
            ("What is the capital of France?", false), ("What is the capital of France?", true),
        ])
        for answer in answers {
            #expect(["stop", "length", "content_filter"].contains(answer["finish_reason"] as? String))
            #expect((answer["content"] as? String)?.isEmpty == false)
        }
    }
}
