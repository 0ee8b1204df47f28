import Audit
import Foundation
import Moderation
import Testing

@Suite("what there is to review")
struct ReviewTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore
    let reader: SQLiteAuditReader

    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        reader = try SQLiteAuditReader(path: folder.file())
        func scored(_ score: Double, _ outcome: Outcome, mode: RuleMode = .enforce) -> Verdict {
            Verdict(
                rule: "a",
                mode: mode,
                outcome: outcome,
                score: score,
                thresholds: Thresholds(flag: 0.4, block: 0.7)
            )
        }
        let masked = Verdict(rule: "p", mode: .enforce, outcome: .redact, matches: ["email": 1])
        for (request, verdict) in [
            ("harmless", scored(0.1, .allow)), ("sure", scored(0.95, .block)), ("masked", masked),
            ("flagged", scored(0.55, .flag)), ("nearly flagged", scored(0.38, .allow)),
            ("hardly blocked", scored(0.71, .block)), ("shadow", scored(0.39, .allow, mode: .shadow)),
            ("said already", scored(0.4, .flag)),
        ] {
            let record = Fixture.record(
                verdicts: [verdict, Fixture.verdict("none", .allow, error: "x")],
                requestID: request
            )
            try await store.record(record)
            if request == "said already" {
                let labels = try SQLiteAuditLabels(path: folder.file())
                _ = try await labels.add(.right, to: record.decision.id.description, actor: "ann")
            }
        }
    }

    @Test("is what was flagged, redacted or borderline and has no label, the nearest to a threshold first")
    func queue() async throws {
        let items = try await reader.review(AuditFilter(), margin: 0.1, limit: 10)
        #expect(items.map(\.entry.requestID) == ["hardly blocked", "nearly flagged", "flagged", "masked"])
        #expect(items[0].nearest?.outcome == .block && items[0].nearest?.threshold == 0.7)
        #expect(items[1].nearest?.outcome == .flag && items[1].nearest?.rule == "a")
        #expect(items[3].nearest == nil)
        #expect(
            try await reader.review(AuditFilter(), margin: 0.015, limit: 10).map(\.entry.requestID)
                == ["hardly blocked", "flagged", "masked"]
        )
        #expect(try await reader.review(AuditFilter(), margin: 0.1, limit: 1).count == 1)
        let flagged = AuditFilter(results: [.flag])
        #expect(try await reader.review(flagged, margin: 0.1, limit: 9).map(\.entry.requestID) == ["flagged"])
    }

    @Test("is told with how near it came, for people and for programs")
    func texts() async throws {
        let items = try await reader.review(AuditFilter(), margin: 0.1, limit: 10)
        #expect(
            ReviewText.heading(items[0], place: 1, of: 4) == "1 of 4  a 0.710 is 0.010 above where it would block\n"
        )
        #expect(ReviewText.heading(items[1], place: 2, of: 4) == "2 of 4  a 0.380 is 0.020 below where it would flag\n")
        #expect(ReviewText.heading(items[3], place: 4, of: 4) == "4 of 4\n")
        let json = try JSONSerialization.jsonObject(with: Data(try ReviewText.json(items).utf8)) as? [[String: Any]]
        #expect(json?.count == 4)
        #expect((json?[0]["nearest"] as? [String: Any])?["outcome"] as? String == "block")
        #expect((json?[0]["decision"] as? [String: Any])?["id"] as? String == items[0].entry.decision.id.description)
        #expect(json?[3]["nearest"] is NSNull)
        #expect(try ReviewText.json([]) == "[]\n")
    }

    @Test("is answered in a letter or a word, with a note behind it")
    func answers() {
        for (line, answer) in [
            ("r", ReviewAnswer.label(.right, note: nil)), ("Right", .label(.right, note: nil)),
            ("w  a quotation, not a threat ", .label(.wrong, note: "a quotation, not a threat")),
            ("", .skip), ("s", .skip), ("q", .quit), ("quit", .quit),
        ] {
            #expect(ReviewAnswer(line) == answer)
        }
        for line in ["x", "rw", "yes", "1"] { #expect(ReviewAnswer(line) == nil) }
    }
}
