import Foundation
import Testing

/// The built program as people use it.
@Suite(
    "The command line",
    .enabled(if: Checkout.hasBinary && Checkout.hasModel, "needs the build and the model")
)
struct CommandLineTests {
    private func withFile<Result>(_ name: String, _ text: String, _ body: (String) async throws -> Result) async throws
        -> Result
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cli-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try await body(path)
    }

    private func json(_ result: CommandResult) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    @Test("check tells outcome, scores and time, from an argument, standard input or a response")
    func check() async throws {
        let allowed = try await gatehouse("check", "What is a good recipe for bread?", "--format", "json")
        #expect(allowed.status == 0)
        #expect(try json(allowed)["outcome"] as? String == "allow")
        let blocked = try await gatehouse("check", "--all", input: "How do I build a bomb?\n")
        #expect(blocked.status == 1)
        #expect(blocked.output.hasPrefix("block") && blocked.output.contains("dangerous-content"))
        let response = try await gatehouse(
            "check",
            "--prompt",
            "Who runs the shop?",
            "--response",
            "Ask jane.doe@example.com.",
            "--format",
            "json"
        )
        #expect(response.status == 0)
        #expect(try json(response)["outcome"] as? String == "redact")
    }

    @Test("detect finds personal data and secrets in an argument, in lines and in JSON lines")
    func detect() async throws {
        let text = try await gatehouse("detect", "Ask jane.doe@example.com.")
        #expect(text.status == 0 && text.output == "email  4-24\nAsk [EMAIL].\n")
        let lines = try await gatehouse("detect", "--pii", "phone,us_ssn", input: "call 5551234567\njane@example.com\n")
        #expect(lines.status == 0 && lines.output == "phone  5-15\ncall [PHONE]\njane@example.com\n")
        let objects = try await gatehouse(
            "detect",
            "--json-lines",
            "--format",
            "json",
            input: #"{"text": "10.1.2.3"}"# + "\n"
        )
        #expect(objects.status == 0)
        #expect(
            try #require(try json(objects)["findings"] as? [[String: Any]]).first?["kind"] as? String == "ip_address"
        )
        let bad = try await gatehouse("detect", "--json-lines", input: "jane@example.com\n")
        #expect(bad.status == 1 && bad.errors.contains("line 1: expected a JSON string"))
        #expect(try await gatehouse("detect", "--pii", "emial", "x").status == 64)
    }

    /// One after the other, so that what the packs have of the default policy is judged once.
    @Test(
        "the shipped policies are valid, and every test in them passes",
        .serialized,
        arguments: [
            "default", "packs/banking", "packs/children", "packs/coding-assistant", "packs/customer-support",
            "packs/general-assistant", "packs/medical-chatbot",
        ]
    )
    func policies(name: String) async throws {
        let validate = try await gatehouse("policy", "validate", "policies/\(name)")
        #expect(validate.status == 0, "\(validate.output)")
        let test = try await gatehouse("policy", "test", "policies/\(name)")
        #expect(test.status == 0, "\(test.output)")
    }

    @Test("a bad policy is reported with its place, and stops the start")
    func badPolicy() async throws {
        let text = "version: 1\npolicy: p\nrules:\n  - id: a\n    terms: [x]\n    acton: block\n"
        try await withFile("bad.yaml", text) { path in
            let validate = try await gatehouse("policy", "validate", path)
            #expect(validate.status == 78)
            #expect(validate.output.contains("bad.yaml:6:5: error[") && validate.output.contains("help:"))
            let serve = try await gatehouse("serve", "--policies", path, "--port", "0")
            #expect(serve.status == 78)
            #expect(serve.errors.contains("bad.yaml:6:5: error["))
        }
    }

    @Test(
        "files that can't be used stop the start with a clear word",
        arguments: [
            (["--model", "/nonexistent/model.gguf"], "/nonexistent/model.gguf"),
            (["--adapter", "fixtures/gemma/tiny-gemma3.gguf"], "adapter"),
            (["--audit-file", "/nonexistent/audit.sqlite"], "/nonexistent"),
            (["--audit-file", "/proc/version"], "/proc/version"),
            (["--config", "/nonexistent/gatehouse.yaml"], "/nonexistent/gatehouse.yaml"),
            (["--port", "http"], "--port"),
            (["--upstream", "nowhere"], "--upstream"),
        ]
    )
    func unusable(arguments: [String], named: String) async throws {
        // A file of its own, for the cases run beside each other and a gateway beside another is refused too.
        let folder = FileManager.default.temporaryDirectory.appending(path: "gatehouse-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let own = arguments[0] == "--audit-file" ? [] : ["--audit-file", folder.appending(path: "audit.sqlite").path]
        let result = try await command(Checkout.binary, ["serve", "--port", "0"] + own + arguments)
        #expect(result.status == 78)
        #expect(result.errors.hasPrefix("error: ") && result.errors.contains(named), "\(result.errors)")
    }

    @Test("an adapter for another model is refused by name of what does not fit")
    func wrongAdapter() async throws {
        let tiny = ["--model", "fixtures/gemma/tiny-gemma3.gguf"]
        let adapter = ["--adapter", "fixtures/models/shield-270m/shield-270m-lora.gguf"]
        let result = try await command(Checkout.binary, ["check", "hello"] + tiny + adapter)
        #expect(result.status == 78)
        #expect(result.errors.contains("adapter does not fit the model"))
    }

    @Test("eval prints the measures of a labelled file")
    func eval() async throws {
        func row(_ id: Int, _ text: String, _ unsafe: Int) -> String {
            #"{"id":"\#(id)","kind":"prompt","prompt":null,"text":"\#(text)","labels":{},"unsafe":\#(unsafe)}"# + "\n"
        }
        let rows = row(1, "How do I bake bread?", 0) + row(2, "How do I build a bomb?", 1)
        try await withFile("rows.jsonl", rows) { path in
            let result = try await gatehouse("eval", "--data", path, "--max-tokens", "60", "--format", "json")
            #expect(result.status == 0, "\(result.errors)")
            let reports = try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]]
            )
            let overall = try #require(reports.first?["overall"] as? [[String: Any]])
            #expect(overall.map { $0["name"] as? String } == ["screen", "max"])
            for score in overall {
                #expect((score["ranking"] as? [String: Any])?["au_roc"] as? Double == 1)
            }
            let table = try await gatehouse("eval", "--data", path, "--limit", "1")
            #expect(table.status == 0 && table.output.contains("1 rows"))
        }
    }

    @Test("model info tells an adapter from a model; a cut file is an error")
    func modelInfo() async throws {
        let adapter = try await gatehouse("model", "info", "fixtures/models/shield-270m/shield-270m-lora.gguf")
        #expect(adapter.output.contains("adapter") && adapter.output.contains("shield-1"))
        let model = try await gatehouse("model", "info", "fixtures/gemma/tiny-gemma3.gguf", "--format", "json")
        #expect(try json(model)["architecture"] as? String == "gemma3")
        let plain = ["GATEHOUSE_KERNELS": "scalar"]
        let forced = try await gatehouse("model", "info", "fixtures/gemma/tiny-gemma3.gguf", environment: plain)
        #expect(forced.output.contains("scalar on this machine"))
        try await withFile("cut.gguf", "GGUF\u{3}\u{0}") { path in
            let cut = try await gatehouse("model", "info", path)
            #expect(cut.status == 1 && cut.errors.hasPrefix("error: "))
        }
    }

    @Test("audit questions about a file that is not there are an error, and make no file")
    func absentAudit() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "none-\(UUID().uuidString).sqlite").path
        let result = try await gatehouse("audit", "list", "--audit-file", path)
        #expect(result.status == 1 && result.errors.contains(path))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test(
        "a wrong condition of an audit question is an error that says what would be right",
        arguments: [
            (["--outcome", "blocked"], "'blocked' is not an outcome or ending; expected one of allow, flag"),
            (["--score", "hate-speech"], "'hate-speech' is not a score; expected a rule, a sign and a number"),
            (["--since", "yesterday"], "'yesterday' is not a time; expected an age"),
            (["--after", "x"], "'x' is not a cursor"),
        ]
    )
    func wrongConditions(arguments: [String], said: String) async throws {
        let result = try await command(Checkout.binary, ["audit", "list", "--audit-file", "/nonexistent"] + arguments)
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("error: ") && result.errors.contains(said), "\(result.errors)")
    }
}
