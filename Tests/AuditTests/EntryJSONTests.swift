import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("a record as JSON")
struct EntryJSONTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
    }

    /// A record in which every field says something odd.
    private static func odd() -> AuditRecord {
        var record = Fixture.fullRecord()
        record.decision.observed = true
        record.decision.restored = 2
        record.decision.channel = "slack/T1/C1"
        record.decision.screenScore = 1e-7
        record.decision.policy = "a \"quoted\" \\ name/ \u{1}\u{1F}\n\r\t \u{2028} d\u{E9}j\u{E0}"
        record.decision.verdicts[0].matches = ["credit_card": 2, "awsKey": 1, "Bb": 3]
        record.decision.verdicts[1].score = 5e-324
        let judgement = Judgement(verdicts: record.decision.verdicts)
        record.decision.candidate = CandidateDecision(
            judgement,
            policy: PolicySet(name: "next", revision: "r2", rules: [])
        )
        return record
    }

    @Test("is what JSONEncoder would write")
    func encoder() async throws {
        var infinite = Fixture.record(at: 7)
        infinite.decision.judgingMilliseconds = .infinity
        for record in [Fixture.record(at: 5), Fixture.fullRecord(), Self.odd(), infinite] {
            try await store.record(record)
        }
        let entries = try await store.list().entries
        #expect(entries.count == 4)
        for entry in entries + entries.map(\.withoutContent) {
            // With labels it goes by the encoder.
            let encoded = try AuditJSON.line(entry, labels: []).replacing("\"labels\":[],", with: "")
            #expect(try AuditJSON.line(entry) == encoded)
        }
    }

    @Test("has the times that the style would write")
    func times() async throws {
        try await store.record(Fixture.record())
        var entry = try #require(try await store.list().entries.first)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let leap = ["1970-01-01T00:00:00.000Z", "2000-02-29T23:59:59.999Z", "2100-03-01T00:00:00.000Z"]
        let more = ["2024-12-31T12:00:00.001Z", "2026-01-01T00:00:00.500Z", "9999-12-31T23:59:59.000Z"]
        for text in leap + more {
            entry.decision.time = try style.parse(text)
            #expect(try AuditJSON.line(entry).contains("\"time\":\"\(text)\""))
        }
        for day in stride(from: 0.0, to: 60_000, by: 17) {
            entry.decision.time = Date(timeIntervalSince1970: day * 86_400 + day / 7)
            let rounded = Date(
                timeIntervalSince1970: (entry.decision.time.timeIntervalSince1970 * 1000).rounded() / 1000 + 0.0001
            )
            #expect(try AuditJSON.line(entry).contains("\"time\":\"\(rounded.formatted(style))\""))
        }
    }

    @Test("is read back however its decision is spelt, and refused where that is none")
    func spelling() async throws {
        for record in [Fixture.record(at: 3), Fixture.fullRecord(), Self.odd()] { try await store.record(record) }
        let entries = try await store.list().entries
        #expect(
            entries.map(\.decision.verdicts)
                == [Self.odd(), Fixture.fullRecord(), Fixture.record()].map(\.decision.verdicts)
        )
        let file = try DatabaseQueue(path: folder.file())
        try await file.write { db in
            try db.execute(sql: "UPDATE record SET decision = replace(decision, ',\"', ' , \"')")
        }
        #expect(try await store.list().entries == entries)
        for (from, to) in [("0.4", "00.4"), ("0.4", ".4"), ("false", "falsy"), ("\"verdicts\"", "\"verdict\"")] {
            let id = entries[2].decision.id.description
            try await file.write { db in
                try db.execute(
                    sql: "UPDATE record SET decision = replace(replace(decision, ' , \"', ',\"'), ?, ?) WHERE id = ?",
                    arguments: [from, to, id]
                )
            }
            await #expect(throws: AuditError.unreadableRecord(id: id)) { try await store.entry(id) }
            try await file.write { db in
                try db.execute(
                    sql: "UPDATE record SET decision = replace(decision, ?, ?) WHERE id = ?",
                    arguments: [to, from, id]
                )
            }
            #expect(try await store.entry(id).decision == entries[2].decision)
        }
    }
}
