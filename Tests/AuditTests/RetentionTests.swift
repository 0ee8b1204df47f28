import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("what is kept how long")
struct RetentionTests {
    let folder: TemporaryFolder
    let key = AuditSigningKey()
    let store: SQLiteAuditStore
    let upkeep: SQLiteAuditUpkeep
    let reader: SQLiteAuditReader

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(
            path: folder.file(),
            keeper: Fixture.keeper(.full),
            sealing: AuditSealing(key: key, interval: 2)
        )
        upkeep = try SQLiteAuditUpkeep(path: folder.file())
        reader = try SQLiteAuditReader(path: folder.file())
    }

    /// One record a day, of these outcomes.
    private func record(_ outcomes: [Outcome], from day: Int = 0, text: String = "good morning") async throws {
        for (place, outcome) in outcomes.enumerated() {
            let rule = Fixture.verdict("a", outcome)
            try await store.record(
                Fixture.record(
                    at: Double(day + place) * 86400,
                    verdicts: [rule],
                    requestID: "\(day + place)",
                    text: text
                )
            )
        }
    }

    private func now(_ day: Double) -> Date { Fixture.time.addingTimeInterval(day * 86400) }

    private func retain(_ policy: RetentionPolicy, _ day: Double) async throws -> UpkeepResult {
        try await upkeep.retain(policy, by: "retention", key: key, now: now(day))
    }

    /// Whether each record, the first recorded first, has its text.
    private func kept() async throws -> [Bool] {
        try await store.list(limit: 200).entries.reversed().map { $0.content.first?.text != nil }
    }

    private let policy = RetentionPolicy(texts: [.allowed: 2 * 86400, .flagged: 4 * 86400])

    @Test("texts go by the class of their decision and its age, and the chain stays")
    func texts() async throws {
        try await record([.allow, .flag, .block, .redact, .allow, .allow, .flag])
        #expect(try await reader.forecast(policy, now: now(6.5)).texts == 3)
        let first = try await retain(policy, 6.5)
        #expect(first.erasedTexts == 3 && first.deletedRecords == 0 && first.isLogEmptied)
        #expect(first.acts.map(\.subject) == ["retention:allowed", "retention:flagged"])
        #expect(first.acts.allSatisfy { $0.kind == .erase && $0.actor == "retention" })
        #expect(try await kept() == [false, false, true, true, false, true, true])
        #expect(try await retain(policy, 6.5).acts.isEmpty)
        let second = try await retain(policy, 8)
        #expect(second.erasedTexts == 2)
        #expect(try await kept() == [false, false, true, false, false, false, true])
        let report = try await reader.verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.fault == nil && report.erasedTexts == 5 && report.unsealedActs == 0)
    }

    @Test("a text whose time was before that of one that is not old enough waits for it")
    func clockSetBack() async throws {
        try await record([.allow, .allow])
        try await record([.allow], from: 5)
        try await record([.allow], from: 2)
        #expect(try await retain(policy, 5).erasedTexts == 2)
        #expect(try await kept() == [false, false, true, true])
        #expect(try await retain(policy, 8).erasedTexts == 2)
        #expect(try await kept() == [false, false, false, false])
    }

    @Test("records go by their age, in sealed stretches")
    func records() async throws {
        try await record([.allow, .block, .allow, .block, .allow])
        let policy = RetentionPolicy(records: 86400)
        #expect(try await reader.forecast(policy, now: now(4.5)).records == 4)
        let result = try await retain(policy, 4.5)
        #expect(result.deletedRecords == 4 && result.acts.first?.kind == .prune)
        #expect(try await store.list().entries.map(\.sequence) == [5])
        let report = try await reader.verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.fault == nil && report.pruned == 4 && report.records == 1)
    }

    @Test("the oldest records go while the store is too large, however young")
    func size() async throws {
        let long = String(repeating: "word ", count: 20000)
        try await record(Array(repeating: .allow, count: 30), text: long)
        let used = try await reader.forecast(RetentionPolicy(), now: now(1)).usedBytes
        let policy = RetentionPolicy(maxBytes: used / 2)
        let forecast = try await reader.forecast(policy, now: now(1))
        #expect(forecast.excessBytes == used - used / 2 && forecast.records == 0)
        let result = try await retain(policy, 1)
        #expect(result.acts.map(\.subject) == ["size:\(used / 2)"])
        #expect(result.deletedRecords == 30)
        #expect(try await reader.forecast(policy, now: now(1)).excessBytes == 0)
        #expect(try await reader.verify(ChainEvidence(keys: [key.publicKey])).fault == nil)
        #expect(try await retain(policy, 1).acts.isEmpty)
    }

    @Test("disturbs no recording")
    func concurrently() async throws {
        try await record(Array(repeating: .allow, count: 60))
        let writing = Task { try await record(Array(repeating: .allow, count: 60), from: 60) }
        let result = try await retain(RetentionPolicy(texts: [.allowed: 86400], records: 40 * 86400), 59)
        try await writing.value
        #expect(result.erasedTexts == 40 && result.deletedRecords == 18)
        let report = try await reader.verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.fault == nil && report.records == 102)
    }

    @Test(
        "sizes are written with their unit",
        arguments: [
            ("20GB", 20_000_000_000), ("1.5TB", 1_500_000_000_000), ("500MB", 500_000_000), ("8kB", 8000), ("20", nil),
            ("GB", nil), ("-1GB", nil), ("0GB", nil), ("1e3GB", nil), ("1 GB", nil), ("nanGB", nil),
        ] as [(String, Int?)]
    )
    func sizes(text: String, bytes: Int?) {
        #expect(ByteSize.bytes(text) == bytes)
    }

    @Test(
        "ages are written with their unit",
        arguments: [("30d", 2_592_000), ("1y", 31_536_000), ("1", nil)] as [(String, Double?)]
    )
    func ages(text: String, seconds: Double?) {
        #expect(TimeExpression.age(text) == seconds)
    }
}
