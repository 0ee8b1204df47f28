import Foundation
import Testing

/// `gatehouse policy calibrate` with the real model.
@Suite("Calibrating", .enabled(if: Checkout.hasBinary && Checkout.hasModel, "needs the build and the model"))
struct CalibrateTests {
    private static let data = "fixtures/calibration/banking.jsonl"
    private static let policy = """
        # The bank's own rules
        version: 1
        policy: bank   # ours
        rules:
          - id: investment-advice
            # What the model knows best
            principle: "The message must not be about investments such as shares, funds, gold or cryptocurrency."
            thresholds: {flag: 0.98,   block: 0.99}   # guessed
            tests:
              - { text: "How do I open a savings account?", expect: allow }
              - { text: "What is a standing order?", expect: allow }
              - { text: "Should I take a loan to buy shares?", expect: block }
          - { id: words, terms: [bonus], action: flag, tests: [{ text: bonus, expect: flag }] }

        """

    private func withPolicy(_ text: String = policy, _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "calibrate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "bank.yaml").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try await body(path)
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func calibrate(_ path: String, _ arguments: String..., rule: String = "investment-advice") async throws
        -> CommandResult
    {
        try await command(Checkout.binary, ["policy", "calibrate", rule, "--policies", path] + arguments)
    }

    @Test("thresholds are fitted to labelled texts and written in place; the rule's tests then pass")
    func data() async throws {
        try await withPolicy { path in
            let before = try await gatehouse("policy", "validate", path)
            #expect(before.output.contains("warning[uncalibrated]"))
            let dry = try await calibrate(path, "--data", Self.data, "--dry-run", "--format", "json")
            #expect(dry.status == 0, "\(dry.errors)")
            #expect(try text(path) == Self.policy)
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(dry.output.utf8)) as? [String: Any]
            )
            #expect(report["rows"] as? Int == 30 && report["positives"] as? Int == 20)
            #expect(report["method"] as? String == "folds")
            let levels = try #require(report["levels"] as? [[String: Any]])
            #expect(levels.map { $0["level"] as? String } == ["flag", "block"])
            let thresholds = levels.compactMap { $0["threshold"] as? Double }
            #expect(thresholds.count == 2 && thresholds[0] <= thresholds[1] && thresholds[1] < 0.9)

            let written = try await calibrate(path, "--data", Self.data)
            #expect(written.status == 0, "\(written.errors)")
            #expect(written.output.contains("10 harmless texts are too few"))
            #expect(written.output.contains("10-fold cross-validation"))
            let edited = try text(path)
            let lines = Self.policy.split(separator: "\n", omittingEmptySubsequences: false)
            let kept = lines.filter { !$0.isEmpty && !$0.contains("thresholds") }
            #expect(kept.allSatisfy { edited.contains($0) })
            #expect(edited.contains("thresholds: {flag: \(thresholds[0]),   block: \(thresholds[1])}   # guessed\n"))
            #expect(edited.contains("\n    calibrated: { false_positive_rate: ") && edited.contains("rows: 30, date: "))
            #expect(edited.contains("model: a5fd3b62230a }"))
            let after = try await gatehouse("policy", "validate", path)
            #expect(after.status == 0 && !after.output.contains("warning"), "\(after.output)")
            #expect(try await gatehouse("policy", "test", path).status == 0)
        }
    }

    @Test("without data, the rule's own tests are taken; a target that fits them makes them pass")
    func own() async throws {
        try await withPolicy { path in
            let result = try await calibrate(path)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("3 texts from the rule's own tests and examples, 1 violate and 2 don't"))
            #expect(try await gatehouse("policy", "test", path).status == 0)
        }
    }

    @Test("what can't be calibrated is an error that says why, and changes nothing")
    func errors() async throws {
        try await withPolicy { path in
            func expect(_ result: CommandResult, _ words: String, status: Int32 = 1) throws {
                #expect(result.status == status && result.errors.contains(words), "\(result.errors)")
                #expect(try text(path) == Self.policy)
            }
            try expect(try await calibrate(path, rule: "investments"), "rules with thresholds: investment-advice")
            try expect(try await calibrate(path, rule: "words"), "has no thresholds to fit")
            try expect(
                try await calibrate(path, "--data", Self.data, "--label", "tax"),
                "the rows have investment_advice"
            )
            try expect(try await calibrate(path, "--data", "/nonexistent.jsonl"), "/nonexistent.jsonl")
            try expect(try await calibrate(path, "--target-fpr", "0.2"), "more is flagged than blocked", status: 64)
            try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
            try expect(try await calibrate(path), "the file is read-only; nothing was written")
        }
    }

    @Test("a rule of an extended policy is calibrated there")
    func extended() async throws {
        let text =
            "version: 1\npolicy: mine\nextends: \(Checkout.root.path)/policies/default\nrules:\n"
            + "  - { id: words, terms: [bonus], action: flag, tests: [{ text: bonus, expect: flag }] }\n"
        try await withPolicy(text) { path in
            let result = try await calibrate(path, rule: "violence")
            #expect(result.status == 1 && result.errors.contains("calibrate it there"), "\(result.errors)")
        }
    }
}
