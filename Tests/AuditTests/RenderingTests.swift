import Audit
import Foundation
import Moderation
import Testing

@Suite("records as text")
struct RenderingTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
    }

    private func entries() async throws -> [AuditEntry] {
        try await store.record(Fixture.record(at: -60, verdicts: [], ending: .upstreamUnreachable))
        try await store.record(Fixture.fullRecord())
        return try await store.list().entries
    }

    @Test("a table has one aligned line a record")
    func table() async throws {
        let entries = try await entries()
        let lines = AuditTable.render(entries, width: 130).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("TIME (UTC)           ID                  WAY       RESULT"))
        #expect(
            lines[1].hasPrefix(
                "2026-01-31 14:30:05  \(entries[0].decision.id.description.prefix(18))  response  block  "
            )
        )
        #expect(lines[1].contains("dangerous-content"))
        #expect(lines[1].contains("over the hill"))
        #expect(lines[2].contains("upstream_unreachable"))
        #expect(!lines[2].contains("allow"))
        let column = try #require(lines[0].range(of: "TEXT")).lowerBound
        let offset = lines[0].distance(from: lines[0].startIndex, to: column)
        #expect(lines[1].dropFirst(offset).hasPrefix("over the hill"))
        #expect(lines.allSatisfy { $0.count <= 130 })
        #expect(AuditTable.render([]) == "no records\n")
    }

    @Test("a table keeps to its width", arguments: [80, 100, 200])
    func widths(width: Int) async throws {
        try await store.record(
            Fixture.record(
                verdicts: [Fixture.verdict("a-rule-with-a-long-name", .flag)],
                text: String(repeating: "日本 ", count: 90)
            )
        )
        let table = AuditTable.render(try await store.list().entries, width: width)
        for line in table.split(separator: "\n") {
            let wide = line.unicodeScalars.count { (0x4E00...0x9FFF).contains($0.value) }
            #expect(line.count + wide <= width)
        }
        #expect(table.contains("…"))
    }

    @Test("nothing that somebody wrote reaches the terminal as a command")
    func terminalSafety() async throws {
        var record = Fixture.record(text: "red \u{1B}[31m, bell \u{07}, back \u{202E}txt\nnext line")
        record.model = "model \u{1B}[2J"
        record.tenant = "\u{1B}]0;title\u{07}"
        try await store.record(record)
        let entry = try #require(try await store.list().entries.first)
        for text in [AuditTable.render([entry]), AuditReport.render(entry)] {
            #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{07}" || $0 == "\u{202E}" })
        }
        let coloured = AuditReport.render(entry, isColoured: true)
        #expect(!coloured.contains("\u{1B}[2J") && !coloured.contains("\u{1B}]"))
        #expect(AuditTable.render([entry], width: 200).contains("txt next line"))
        #expect(AuditReport.render(entry).contains("│ next line"))
    }

    @Test("colours come only when they are asked for")
    func colours() async throws {
        let entry = try await entries()[0]
        #expect(!AuditTable.render([entry]).contains("\u{1B}"))
        #expect(AuditTable.render([entry], isColoured: true).contains("\u{1B}[1;31mblock"))
        let plain = AuditReport.render(entry)
        let coloured = AuditReport.render(entry, isColoured: true)
        #expect(!plain.contains("\u{1B}"))
        #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
    }

    @Test("a report tells everything")
    func report() async throws {
        let entry = try await entries()[0]
        let report = AuditReport.render(entry)
        let digest = try #require(entry.content[0].digest)
        for part in [
            "decision \(entry.decision.id)", "2026-01-31T14:30:05.123Z", "block for its content", "response, streamed",
            "/v1/chat/completions (openai-chat)", "gpt-x", "north", "client_gone, HTTP 200", "42 characters",
            "0.812 ████████████┊████████│██······", "flag ┊ 0.400  block │ 0.700",
            "email ×2, phone  shadow: not acted on",
            "not asked: the screening score was low", "could not answer: detector failed: step limit", "masked: fruit",
            "│ where is the [FRUIT] field?", "sha256 \(digest)", "skipped  /messages/0/content",
            "image, 0 bytes: no detector reads image", "default, revision r1", "12.0 ms", "template shield-1",
            "model   sha256 aaaa", "adapter sha256 bbbb", "record 2", entry.hash, entry.previousHash,
            "(kept: redacted)",
            "a detector failed and its rule let the text pass", "0.250",
        ] {
            #expect(report.contains(part), "\(part)")
        }
    }

    @Test("a report names the policy of its day, and what a tried one would have done")
    func policies() async throws {
        let plain = try #require(try await entries().first)
        #expect(AuditReport.render(plain).contains("its files: gatehouse policy log r1"))
        #expect(!AuditReport.render(plain).contains("tried beside it"))
        var record = Fixture.record(at: 9)
        let judgement = Judgement(verdicts: [Fixture.verdict("other-words", .block)])
        let next = PolicySet(name: "next", revision: "r2", rules: [])
        record.decision.candidate = CandidateDecision(judgement, policy: next)
        try await store.record(record)
        let entry = try #require(try await store.list().entries.first)
        let report = AuditReport.render(entry)
        #expect(report.contains("tried beside it (not acted on)\n  policy      next, revision r2\n"))
        #expect(report.contains("  result      block\n"))
        #expect(report.contains("other-words  block"))
        let object = try JSONSerialization.jsonObject(with: Data(try AuditJSON.line(entry).utf8)) as? [String: Any]
        let candidate = try #require(object?["candidate"] as? [String: Any])
        #expect(candidate["outcome"] as? String == "block" && candidate["policy_revision"] as? String == "r2")
    }

    @Test("a report never calls a failed exchange allowed, nor a broken guard a verdict on the text")
    func reasons() async throws {
        let failed = try await entries()[1]
        #expect(AuditReport.render(failed).contains("result      upstream_unreachable"))
        try await store.record(
            Fixture.record(at: 9, verdicts: [Fixture.verdict("a", .block, error: "classifier failed: x")])
        )
        let down = try #require(try await store.list().entries.first)
        let report = AuditReport.render(down)
        #expect(report.contains("block because the guard could not answer, not for its content"))
        #expect(AuditTable.render([down]).contains("a (guard down)"))
        var crowded = Fixture.record(at: 10, verdicts: [Fixture.verdict("a", .block, error: "classifier failed: x")])
        crowded.decision.cause = .overloaded
        try await store.record(crowded)
        let full = try #require(try await store.list().entries.first)
        #expect(AuditReport.render(full).contains("block because the guard had no room for it, not for its content"))
    }

    @Test("a JSON line holds every field under its own name")
    func json() async throws {
        let entry = try await entries()[0]
        let line = try AuditJSON.line(entry)
        #expect(!line.contains("\n"))
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["id"] as? String == entry.decision.id.description)
        #expect(object["time"] as? String == "2026-01-31T14:30:05.123Z")
        #expect(object["result"] as? String == "block")
        #expect(object["fail_mode"] as? String == "open")
        #expect(object["request_id"] as? String == "request-1")
        #expect(object["policy_revision"] as? String == "r1")
        let rules = try #require(object["rules"] as? [[String: Any]])
        #expect(rules.map { $0["rule"] as? String } == ["dangerous-content", "personal-data", "violence", "patterns"])
        #expect((rules[1]["matches"] as? [String: Int]) == ["email": 2, "phone": 1])
        #expect(rules[2]["screened_out"] as? Bool == true)
        let content = try #require(object["content"] as? [[String: Any]])
        #expect(content[0]["masked"] as? [String] == ["fruit"])
        #expect((object["chain"] as? [String: Any])?["hash"] as? String == entry.hash)
        #expect(
            (object["classifier"] as? [String: Any])?["model_digest"] as? String == String(repeating: "a", count: 64)
        )
    }

    @Test("charts draw the counts")
    func charts() async throws {
        _ = try await entries()
        let chart = StatsChart.render(try await store.stats(AuditFilter()), width: 80)
        #expect(chart.hasPrefix("2 records from 2026-01-31 14:29:05 to 2026-01-31 14:30:05 UTC\n"))
        #expect(chart.contains("  block                 1  ██████"))
        #expect(chart.contains("50.0 %"))
        #expect(chart.contains("1 block\n"))
        #expect(chart.contains("1 could not answer"))
        #expect(chart.contains("by hour (UTC)\n  2026-01-31 14:00  2  ███"))
        #expect(chart.contains("1 block, 1 failed"))
        #expect(StatsChart.render(try await store.stats(AuditFilter(rule: "none"))) == "no records\n")
        let json = try AuditJSON.line(try await store.stats(AuditFilter()))
        #expect(json.contains("\"total\":2"))
    }

    @Test("charts turn to days when the hours are many")
    func days() async throws {
        for hour in 0..<60 { try await store.record(Fixture.record(at: Double(hour) * 3600)) }
        let chart = StatsChart.render(try await store.stats(AuditFilter()))
        #expect(chart.contains("by day (UTC)\n  2026-01-31  10  "))
        #expect(chart.contains("  2026-02-01  24  "))
    }
}
