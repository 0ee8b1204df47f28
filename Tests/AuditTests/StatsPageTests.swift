import Audit
import Foundation
import Moderation
import Testing

@Suite("counts as charts")
struct StatsPageTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore

    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        for (index, score) in [0.05, 0.12, 0.45, 0.46, 0.9].enumerated() {
            let outcome: Outcome = score < 0.4 ? .allow : score < 0.7 ? .flag : .block
            let verdict = Verdict(
                rule: "a<b",
                mode: .enforce,
                outcome: outcome,
                score: score,
                thresholds: Thresholds(flag: 0.4, block: 0.7)
            )
            var record = Fixture.record(at: Double(index) * 3600, verdicts: [verdict])
            record.tenant = index == 0 ? "<script>alert(1)</script>" : "south & \"north\""
            record.model = index < 3 ? "gpt-x" : nil
            record.decision.judgingMilliseconds = Double(index + 1)
            try await store.record(record)
            if outcome > .allow {
                let finding: AuditLabel.Finding = outcome == .block ? .right : .wrong
                _ = try await SQLiteAuditLabels(path: folder.file())
                    .add(finding, to: record.decision.id.description, actor: "ann")
            }
        }
    }

    @Test("are one page that needs nothing else, in which names stay text")
    func page() async throws {
        let page = StatsPage.render(try await store.stats(AuditFilter()), title: "since <7d>")
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
        for absent in ["<script", "http:", "https:", "src=", "url(", "@import", "a<b", "south & "] {
            #expect(!page.contains(absent), "\(absent)")
        }
        for part in [
            "since &lt;7d&gt;", "5 records from 2026-01-31 14:30:05 to 2026-01-31 18:30:05 UTC", "a&lt;b",
            "&lt;script&gt;alert(1)", "south &amp; &quot;north&quot;", "class=\"block\"", "class=\"at-flag\"",
            "<title>2026-01-31 18:00: 1 block of 1</title>", "1 of 3: 33.33 % (6.15 … 79.23 %)",
            "<title>0.45 to 0.50: 2</title>", "3.00 ms", "5.00 ms",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        let opened = page.matches(of: /<(svg|table|figure|p|h2)[ >]/).count
        #expect(opened == page.matches(of: /<\/(svg|table|figure|p|h2)>/).count)
        let empty = StatsPage.render(try await store.stats(AuditFilter(rule: "none")), title: "")
        #expect(empty.contains("no records"))
    }

    @Test("have a line of scores a rule, with its thresholds, on a terminal")
    func terminal() async throws {
        let chart = StatsChart.render(try await store.stats(AuditFilter()), width: 90)
        #expect(chart.contains("scores from 0.1 to 1 (┊ flags, │ blocks from here)\n  a<b  ▄     ┊ █    │    ▄ \n"))
        #expect(chart.contains("busiest tenants\n  south & \"north\""))
        #expect(
            chart.contains("judging took 3.00 ms (median), 5.00 ms (90 of 100), 5.00 ms (99 of 100), 5.00 ms (longest)")
        )
    }

    @Test("count the most frequent of something")
    func top() async throws {
        let reader = try SQLiteAuditReader(path: folder.file())
        guard case .rules(let rules) = try await reader.top(.rule, AuditFilter(), limit: 5) else {
            return #expect(Bool(false), "expected rules")
        }
        #expect(rules.map(\.rule) == ["a<b"] && rules[0].flag == 2 && rules[0].block == 1)
        for (key, names, counts) in [
            (TopKey.tenant, ["south & \"north\"", "<script>alert(1)</script>"], [4, 1]),
            (.model, ["gpt-x", ""], [3, 2]), (.route, ["/v1/chat/completions"], [5]),
            (.dialect, ["openai-chat"], [5]), (.direction, ["prompt"], [5]), (.policy, ["r1"], [5]),
        ] {
            guard case .groups(let groups) = try await reader.top(key, AuditFilter(), limit: 5) else {
                return #expect(Bool(false), "expected groups")
            }
            #expect(groups.map(\.name) == names && groups.map(\.counts.total) == counts)
        }
        let tenants = try await reader.top(.tenant, AuditFilter(), limit: 1)
        let text = TopChart.render(tenants)
        #expect(text.hasPrefix("  south & \"north\"  4  ███") && text.hasSuffix("1 block, 2 flag\n"))
        let json = try JSONSerialization.jsonObject(with: Data(try TopChart.json(tenants).utf8)) as? [[String: Any]]
        #expect((json?.first?["counts"] as? [String: Int])?["block"] == 1)
        let nothing = try await reader.top(.rule, AuditFilter(rule: "none"), limit: 5)
        #expect(TopChart.render(nothing) == "no records\n")
    }
}
