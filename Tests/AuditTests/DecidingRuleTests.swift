import Audit
import Foundation
import Moderation
import Testing

@Suite("the rule that decided, as it stood")
struct DecidingRuleTests {
    private static let main = """
        version: 1
        # blocks
        rules:
          - title: First
            id: fruit
            principle: >
              The message shall not
              speak of fruit.

            thresholds: { block: 0.7 }   # id: nuts
            tests:
              - { text: "an apple", expect: block }

          # the next one
          - id: "nuts"
            terms: [almond]
          - { id: fruit-salad, terms: [salad] }
        """
    private static let other = "extends: main.yaml\r\nrules:\r\n- id: fruit\r\n  thresholds: { block: 0.9 }\r\n- id: x"

    private let files = [PolicySource(path: "main.yaml", text: main), PolicySource(path: "eu/other.yaml", text: other)]

    private func rule(_ verdicts: [Verdict], observed: Bool? = nil) throws -> DecidingRule? {
        let record = Fixture.record(verdicts: verdicts)
        let policy = KeptPolicy(policy: PolicySet(name: "p", revision: "abcd1234", rules: []), files: files)
        return DecidingRule(record.decision, policy)
    }

    @Test("is every passage that speaks of it, in each file")
    func passages() throws {
        let rule = try #require(try rule([Fixture.verdict("fruit", .block)]))
        #expect(rule.rule == "fruit" && rule.policyRevision == "abcd1234")
        let text = """
            - title: First
              id: fruit
              principle: >
                The message shall not
                speak of fruit.

              thresholds: { block: 0.7 }   # id: nuts
              tests:
                - { text: "an apple", expect: block }
            """
        #expect(
            rule.passages == [
                DecidingRule.Passage(path: "main.yaml", line: 4, text: text),
                DecidingRule.Passage(path: "eu/other.yaml", line: 3, text: "- id: fruit\n  thresholds: { block: 0.9 }"),
            ]
        )
    }

    @Test(
        "is found in quotation marks and braces",
        arguments: [
            ("fruit-salad", ["- { id: fruit-salad, terms: [salad] }"]), ("nuts", ["- id: \"nuts\"\n  terms: [almond]"]),
            ("x", ["- id: x"]), ("salad", []),
        ]
    )
    func forms(id: String, texts: [String]) throws {
        #expect(try rule([Fixture.verdict(id, .flag)])?.passages.map(\.text) == texts)
    }

    @Test("is the first that asked for what was done and whose detector answered")
    func choice() throws {
        let v = Fixture.verdict
        #expect(try rule([v("a", .flag, .enforce, nil), v("x", .block, .enforce, nil)])?.rule == "x")
        #expect(try rule([v("a", .block, .enforce, "no model"), v("x", .block, .enforce, nil)])?.rule == "x")
        #expect(try rule([v("a", .block, .shadow, nil), v("x", .flag, .enforce, nil)])?.rule == "x")
        #expect(try rule([v("x", .block, .shadow, nil)]) == nil)
        #expect(try rule([v("x", .allow, .enforce, nil)]) == nil)
    }

    @Test("is told with the decision, from the revision that was in force")
    func shown() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        let lines = (2...30).map { "  # \($0)" }.joined(separator: "\n")
        for (revision, text) in [("aaaa1111", "- id: fruit\n  terms: [apple]"), ("bbbb2222", "- id: fruit\n\(lines)")] {
            let policy = KeptPolicy(
                policy: PolicySet(name: "p", revision: revision, rules: []),
                files: [PolicySource(path: "p.yaml", text: text)]
            )
            try await store.record(PolicyEvent(kind: .live, revision: revision, actor: "ann"), of: policy)
        }
        var record = Fixture.record(verdicts: [Fixture.verdict("fruit", .block)])
        record.decision.policyRevision = "aaaa1111"
        try await store.record(record)
        let reader = try SQLiteAuditReader(path: folder.file())
        let entry = try await reader.entry(record.decision.id.description)
        let rule = try #require(try await reader.decidingRule(of: entry))
        let report = AuditReport.render(entry, rule: rule)
        #expect(
            report.contains(
                "rule 'fruit' as it stood (decided this)\n  p.yaml, line 1\n    │ - id: fruit\n    │   terms: [apple]\n"
            )
        )
        #expect(try AuditJSON.line(entry, rule: rule).contains("\"deciding_rule\":{\"passages\":[{\"line\":1,"))
        record = Fixture.record(at: 2, verdicts: [Fixture.verdict("fruit", .block)])
        record.decision.policyRevision = "bbbb2222"
        try await store.record(record)
        let long = try await reader.entry(record.decision.id.description)
        let shown = AuditReport.render(long, rule: try await reader.decidingRule(of: long))
        #expect(shown.contains("  # 24\n    … 6 more lines\n") && !shown.contains("# 25"))
        record = Fixture.record(at: 1, verdicts: [Fixture.verdict("fruit", .block)])
        record.decision.policyRevision = "cccc3333"
        try await store.record(record)
        let unknown = try await reader.entry(record.decision.id.description)
        #expect(try await reader.decidingRule(of: unknown) == nil)
    }
}
