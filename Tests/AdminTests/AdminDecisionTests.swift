import Admin
import Audit
import Foundation
import Moderation
import NIOHTTP1
import Testing

@Suite("decisions over the admin API")
struct AdminDecisionTests {
    @Test("are found by the conditions of the command line")
    func filters() async throws {
        try await withAdmin { admin in
            try await admin.record(
                Fixture.record(at: 0, .allow, tenant: "north"),
                Fixture.record(at: 1, .block, score: 0.9, tenant: "south"),
                Fixture.record(at: 2, .flag, score: 0.45, tenant: "north")
            )
            func found(_ query: String) async throws -> [Double] {
                let answer = try await admin.ask(.GET, "/v1/decisions?\(query)", as: .reader)
                #expect(answer.status == 200, "\(answer.text)")
                return try answer.json["decisions"]?.list.compactMap { $0["chain"]?["sequence"]?.number } ?? []
            }
            #expect(try await found("") == [3, 2, 1])
            #expect(try await found("outcome=block&outcome=flag") == [3, 2])
            #expect(try await found("outcome=block,flag&tenant=n*") == [3])
            #expect(try await found("score=house-words%3E0.4&score=house-words%3C%3D0.5") == [3, 1])
            #expect(try await found("since=2026-01-31T14:30:06&until=2026-01-31+14:30:07") == [2])
            #expect(try await found("since=2026-01-31T15:30:06%2B01:00&outcome=block") == [2])
            #expect(try await found("rule=house-words&direction=response").isEmpty)
            #expect(try await found("unscanned=true").isEmpty)
            #expect(try await found("unscanned=false&label=none").count == 3)
        }
    }

    @Test("come in pages that neither repeat nor miss one while others arrive")
    func paging() async throws {
        try await withAdmin { admin in
            for place in 0..<7 { try await admin.record(Fixture.record(at: Double(place))) }
            var places: [Double] = []
            var cursor: String?
            var pages = 0
            repeat {
                let after = cursor.map { "&after=\($0)" } ?? ""
                let page = try await admin.ask(.GET, "/v1/decisions?limit=3\(after)", as: .reader).json
                places += page["decisions"]?.list.compactMap { $0["chain"]?["sequence"]?.number } ?? []
                cursor = page["next"]?.text
                pages += 1
                try await admin.record(Fixture.record(at: 100 + Double(pages)))
            } while cursor != nil
            #expect(places == [7, 6, 5, 4, 3, 2, 1] && pages == 3)
        }
    }

    @Test("whose texts were read by whom stands among the acts, before they were read")
    func reading() async throws {
        try await withAdmin { admin in
            let id = try await admin.fill()
            _ = try await admin.ask(.GET, "/v1/decisions", as: .reviewer)
            _ = try await admin.ask(.GET, "/v1/decisions/\(id)", as: .admin)
            #expect(try await admin.acts().isEmpty)
            _ = try await admin.ask(.GET, "/v1/decisions?content=true&tenant=north&limit=1", as: .reviewer)
            _ = try await admin.ask(.GET, "/v1/decisions/\(id.prefix(30))?content=true", as: .admin)
            _ = try await admin.ask(.GET, "/v1/search?words=strawberry&outcome=block", as: .reviewer)
            _ = try await admin.ask(.GET, "/v1/stats?text=strawberry", as: .reviewer)
            _ = try await admin.ask(.GET, "/v1/review?content=true&margin=1", as: .reviewer)
            let acts = try await admin.acts()
            #expect(acts.map(\.kind) == Array(repeating: .read, count: 5))
            #expect(
                acts.map(\.actor) == ["the-reviewer (reviewer)", "the-admin (admin)"]
                    + Array(repeating: "the-reviewer (reviewer)", count: 3)
            )
            #expect(
                acts.map(\.subject) == [
                    "decisions tenant=north", "decision:\(id)", "search outcome=block", "stats text=…", "review all",
                ]
            )
            #expect(acts.map(\.records) == [1, 1, 1, 0, 2] && acts.map(\.texts) == [1, 1, 0, 0, 2])
            #expect(acts[0].first.sequence == 2 && acts[4].first.sequence == 1 && acts[4].last.sequence == 2)
            #expect(acts[3].first.sequence == 0)
            #expect(!AuditActTable.render(acts).contains("strawberry"))
            #expect(AuditActTable.render(acts).contains(" read stats text=…, by the-reviewer (reviewer)\n"))
            let page = try await admin.ask(.GET, "/v1/acts?limit=2&kind=read", as: .reader).json
            #expect(page["acts"]?.list.compactMap { $0["number"]?.number } == [5, 4])
            #expect(page["next"]?.text == "4")
            let rest = try await admin.ask(.GET, "/v1/acts?after=4", as: .reader).json
            #expect(rest["acts"]?.list.count == 3 && rest["next"] == nil)
            #expect(try await admin.store.reader.verify().fault == nil)
        }
    }

    @Test("are exported whole, in order, a thousand an act, and from where an export broke off")
    func export() async throws {
        try await withAdmin { admin in
            for place in 0..<2100 { _ = admin.store.take(Fixture.record(at: Double(place))) }
            try await admin.record(Fixture.record(at: 2100, .block))
            let answer = try await admin.ask(.GET, "/v1/export?content=true", as: .reviewer)
            #expect(answer.headers["content-type"] == ["application/x-ndjson"])
            let lines = try answer.text.split(separator: "\n").map { try ReadJSON(String($0)) }
            #expect(lines.compactMap { $0["chain"]?["sequence"]?.number } == (1...2101).map(Double.init))
            #expect(lines[0]["content"]?[0]?["text"]?.text == "good morning")
            let acts = try await admin.acts()
            #expect(acts.map(\.kind) == [.export, .export, .export] && acts.map(\.records) == [1000, 1000, 101])
            #expect(acts[1].first.sequence == 1001 && acts[1].last.sequence == 2000 && acts[1].texts == 1000)
            let rest = try await admin.ask(.GET, "/v1/export?after=2099&outcome=block", as: .reader).text
            #expect(rest.split(separator: "\n").count == 1 && !rest.contains("good morning"))
            #expect(try await admin.acts().last?.subject == "decisions outcome=block")
            #expect(try await admin.ask(.GET, "/v1/export?after=2101", as: .reader).text.isEmpty)
        }
    }

    @Test("that a reviewer labels carry the key's name, and the label is an act")
    func labels() async throws {
        try await withAdmin { admin in
            let id = try await admin.fill()
            let body = #"{"finding":"wrong","rule":"house-words","note":"a quotation"}"#
            let answer = try await admin.ask(.POST, "/v1/decisions/\(id.prefix(30))/labels", as: .reviewer, body: body)
            #expect(answer.status == 201, "\(answer.text)")
            let label = try answer.json
            #expect(label["decision"]?.text == id && label["actor"]?.text == "the-reviewer")
            let entry = try await admin.store.reader.entry(id)
            let kept = try await admin.store.reader.labels(of: entry)
            #expect(kept.count == 1 && kept[0].finding == .wrong && kept[0].note == "a quotation")
            #expect(AuditReport.render(entry, labels: kept).contains("by the-reviewer: a quotation"))
            #expect(try await admin.acts().map(\.subject) == ["decision:\(id) wrong rule=house-words"])
            let shown = try await admin.ask(.GET, "/v1/decisions/\(id)", as: .reader).json
            #expect(shown["labels"]?[0]?["finding"]?.text == "wrong" && shown["labels"]?[0]?["note"] == nil)
            #expect(try await admin.ask(.GET, "/v1/decisions?label=wrong", as: .reader).text.contains(id))
            let queue = try await admin.ask(.GET, "/v1/review?margin=1", as: .reviewer).json
            #expect(queue["items"]?.list.count == 1 && queue["items"]?[0]?["nearest"]?["threshold"]?.number == 0.4)
            let rows = try await admin.ask(.GET, "/v1/labels", as: .reviewer).text
            #expect(rows.contains("strawberry") && rows.contains("\"labelled_by\":\"the-reviewer\""))
            #expect(try await admin.acts().last?.kind == .export)
            let wrong = try await admin.ask(
                .POST,
                "/v1/decisions/\(id)/labels",
                as: .reviewer,
                body: #"{"finding":"right","rule":"nothing"}"#
            )
            #expect(wrong.status == 422 && wrong.message.contains("'nothing' is not a rule that was evaluated"))
        }
    }
}
