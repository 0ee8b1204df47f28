import Foundation
import Testing

/// Recorded traffic is decided again by another policy.
@Suite("Back-testing a policy", .enabled(if: Checkout.hasBinary, "needs the build"))
struct PolicyBacktestTests {
    let folder: PolicyFolder

    init() throws { folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry")]) }

    private func record(_ texts: [String], _ arguments: [String] = []) async throws -> GatehouseProcess {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path] + arguments)
        for text in texts { _ = try await gateway.outcome(of: text) }
        return gateway
    }

    @Test("another action needs no text; what would be newly blocked can fail a build")
    func action() async throws {
        try folder.write("shop.yaml", PolicyFolder.words("strawberry", action: "flag"))
        let gateway = try await record(["a strawberry", "a plum", "a nut"], ["--audit-content", "none"])
        let next = try folder.sibling("next", ["next.yaml": PolicyFolder.words("strawberry")])
        let result = try await gateway.policy("backtest", next, "--since", "1h", "--max-new-blocks", "1")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("3  decided from recorded scores"), "\(result.output)")
        #expect(result.output.contains("newly blocked   1   33.33 % (6.15 … 79.23 %)"), "\(result.output)")
        let strict = try await gateway.policy("backtest", next, "--max-new-blocks", "0")
        #expect(strict.status == 1 && strict.errors.contains("1 decisions would be newly blocked"), "\(strict.errors)")
        let same = try await gateway.policy("backtest", folder.path)
        #expect(same.output.contains("no decision would change"), "\(same.output)")
    }

    @Test("other words are searched in the kept texts, and what was not kept is counted as not decidable")
    func rejudged() async throws {
        let gateway = try await record(["a strawberry", "a plum", "mail jo@example.com"], [])
        let next = try folder.sibling("next", ["next.yaml": PolicyFolder.words("plum")])
        let result = try await gateway.policy("backtest", next)
        #expect(result.output.contains("2  decided by judging kept texts again"), "\(result.output)")
        #expect(
            result.output.contains("1  not decidable: a rule is new or asks something else, the text was kept masked")
        )
        #expect(result.output.contains("newly blocked   1") && result.output.contains("newly allowed   1"))
        let json = try await gateway.policy("backtest", next, "--format", "json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["from_texts"] as? Int == 2 && object["records"] as? Int == 3, "\(json.output)")

        let silent = try await record(["a plum"], ["--audit-content", "digest"])
        let unknown = try await silent.policy("backtest", next)
        #expect(
            unknown.output.contains("1  not decidable: a rule is new or asks something else, the text was not kept")
        )
        #expect(unknown.output.contains("no decision would change"))
    }

    @Test("a policy that can't be used, and a store that is not there, are errors")
    func unusable() async throws {
        let bad = try folder.sibling("bad", ["bad.yaml": "rules: []\n"])
        let result = try await gatehouse("policy", "backtest", bad, "--audit-file", "/nonexistent/a.sqlite")
        #expect(result.status == 78 && result.errors.contains("bad.yaml:1:1: error["), "\(result.errors)")
        let absent = try await gatehouse("policy", "backtest", folder.path, "--audit-file", "/nonexistent/a.sqlite")
        #expect(absent.status != 0 && absent.errors.contains("/nonexistent/a.sqlite"), "\(absent.errors)")
    }
}
