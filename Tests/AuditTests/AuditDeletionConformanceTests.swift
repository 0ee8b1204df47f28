import Audit
import Foundation
import Moderation
import Testing

@Suite("every audit store, whose oldest records are deleted")
struct PruneConformanceTests {
    private func time(_ place: Double) -> Date { Fixture.time.addingTimeInterval(place) }

    @Test(
        "lets whole stretches go that are older, keeps their hashes, and still verifies",
        arguments: StoreKind.allCases
    )
    func stretches(kind: StoreKind) async throws {
        let kept = try KeptStore(kind, sealedEvery: 2)
        try await kept.record(1...10)
        let before = try await kept.store.list().entries
        let id = before[9].decision.id.description
        _ = try await kept.store.labels.add(.wrong, to: id, note: "a quotation", actor: "ben")
        #expect(try await kept.reader.prunable(before: time(6)) == 4)
        let result = try await kept.upkeep.prune(before: time(6), by: "anna", key: kept.key, now: Fixture.time)
        #expect(result.records == 4 && result.texts == 4 && result.isLogEmptied)
        #expect(try await kept.places() == [5, 6, 7, 8, 9, 10])
        let act = try #require(try await kept.reader.acts().first)
        #expect(act.kind == .prune && act.actor == "anna" && act.records == 4 && act.time == Fixture.time)
        #expect(act.subject == "before:2026-01-31T14:30:11.123Z")
        #expect(act.first.sequence == 1 && act.first.hash == before[9].hash)
        #expect(act.last.sequence == 4 && act.last.hash == before[6].hash)
        let report = try await kept.verify()
        #expect(report.fault == nil && report.records == 6 && report.pruned == 4 && report.labels == 1)
        #expect(report.unsealed == 0 && report.unsealedActs == 0)
    }

    @Test("goes on where it ended, to the last record, and the chain goes on too", arguments: StoreKind.allCases)
    func again(kind: StoreKind) async throws {
        let kept = try KeptStore(kind, sealedEvery: 2)
        try await kept.record(1...10)
        for place in [4.0, 9, 100] { _ = try await kept.upkeep.prune(before: time(place), by: "anna") }
        #expect(try await kept.reader.acts().map(\.records) == [2, 6, 2])
        #expect(try await kept.places() == [])
        var report = try await kept.verify()
        #expect(report.fault == nil && report.records == 0 && report.pruned == 10)
        try await kept.record(11...11)
        #expect(try await kept.places() == [11])
        report = try await kept.verify()
        #expect(report.fault == nil && report.records == 1 && report.unsealed == 1)
        #expect(try await kept.upkeep.prune(before: time(200), by: "anna").acts.isEmpty)
    }

    @Test("keeps what no checkpoint sealed before, as it says when it only counts", arguments: StoreKind.allCases)
    func rest(kind: StoreKind) async throws {
        let kept = try KeptStore(kind, sealedEvery: 2)
        try await kept.record(1...3)
        #expect(try await kept.reader.prunable(before: time(100)) == 2)
        #expect(try await kept.upkeep.prune(before: time(100), by: "anna", key: kept.key).records == 2)
        #expect(try await kept.places() == [3])
        let report = try await kept.verify()
        #expect(report.fault == nil && report.unsealed == 0 && report.unsealedActs == 0)
    }

    @Test("keeps a stretch with a record that is newer, wherever it stands", arguments: StoreKind.allCases)
    func outOfOrder(kind: StoreKind) async throws {
        let kept = try KeptStore(kind, sealedEvery: 2)
        for place in [1, 2, 50, 3, 4, 5] { try await kept.record(place...place) }
        #expect(try await kept.upkeep.prune(before: time(10), by: "anna").records == 2)
        #expect(try await kept.places() == [3, 4, 5, 6])
    }

    @Test("keeps all that no checkpoint seals", arguments: StoreKind.allCases)
    func unsealed(kind: StoreKind) async throws {
        let kept = try KeptStore(kind)
        try await kept.record(1...3)
        #expect(try await kept.upkeep.prune(before: time(10), by: "anna").acts.isEmpty)
        _ = try await kept.upkeep.checkpoint(key: kept.key)
        #expect(try await kept.upkeep.prune(before: time(10), by: "anna").records == 3)
        #expect(try await kept.verify().fault == nil)
    }
}

@Suite("every audit store, that keeps what how long")
struct RetentionConformanceTests {
    private let policy = RetentionPolicy(texts: [.allowed: 2 * 86400, .flagged: 4 * 86400])

    private func now(_ day: Double) -> Date { Fixture.time.addingTimeInterval(day * 86400) }

    private func retain(_ kept: KeptStore, _ policy: RetentionPolicy, _ day: Double) async throws -> UpkeepResult {
        try await kept.upkeep.retain(policy, by: "retention", key: kept.key, now: now(day))
    }

    @Test(
        "lets texts go by the class of their decision and its age, and the chain stays",
        arguments: StoreKind.allCases
    )
    func texts(kind: StoreKind) async throws {
        let kept = try KeptStore(kind, sealedEvery: 2)
        try await kept.record([.allow, .flag, .block, .redact, .allow, .allow, .flag])
        #expect(try await kept.reader.forecast(policy, now: now(6.5)).texts == 3)
        let first = try await retain(kept, policy, 6.5)
        #expect(first.erasedTexts == 3 && first.deletedRecords == 0 && first.isLogEmptied)
        #expect(first.acts.map(\.subject) == ["retention:allowed", "retention:flagged"])
        #expect(first.acts.allSatisfy { $0.kind == .erase && $0.actor == "retention" })
        #expect(try await kept.kept() == [false, false, true, true, false, true, true])
        #expect(try await retain(kept, policy, 6.5).acts.isEmpty)
        #expect(try await retain(kept, policy, 8).erasedTexts == 2)
        #expect(try await kept.kept() == [false, false, true, false, false, false, true])
        let report = try await kept.verify()
        #expect(report.fault == nil && report.erasedTexts == 5 && report.unsealedActs == 0)
    }

    @Test(
        "lets a text whose time was before that of one that is not old enough wait for it",
        arguments: StoreKind.allCases
    )
    func clockSetBack(kind: StoreKind) async throws {
        let kept = try KeptStore(kind)
        try await kept.record([.allow, .allow])
        try await kept.record([.allow], from: 5)
        try await kept.record([.allow], from: 2)
        #expect(try await retain(kept, policy, 5).erasedTexts == 2)
        #expect(try await kept.kept() == [false, false, true, true])
        #expect(try await retain(kept, policy, 8).erasedTexts == 2)
        #expect(try await kept.kept() == [false, false, false, false])
    }

    @Test("lets records go by their age, in sealed stretches", arguments: StoreKind.allCases)
    func records(kind: StoreKind) async throws {
        let kept = try KeptStore(kind, sealedEvery: 2)
        try await kept.record([.allow, .block, .allow, .block, .allow])
        let policy = RetentionPolicy(records: 86400)
        #expect(try await kept.reader.forecast(policy, now: now(4.5)).records == 4)
        let result = try await retain(kept, policy, 4.5)
        #expect(result.deletedRecords == 4 && result.acts.first?.kind == .prune)
        #expect(try await kept.places() == [5])
        let report = try await kept.verify()
        #expect(report.fault == nil && report.pruned == 4 && report.records == 1)
    }

    @Test("lets the oldest records go while it is too large, however young", arguments: StoreKind.allCases)
    func size(kind: StoreKind) async throws {
        let kept = try KeptStore(kind, sealedEvery: 2)
        let long = (0..<20000).map { "word \($0) " }.joined()
        try await kept.record(Array(repeating: .allow, count: 30), text: long)
        let used = try await kept.reader.forecast(RetentionPolicy(), now: now(1)).usedBytes
        // PostgreSQL compresses long texts.
        #expect(used > 30 * long.utf8.count / 4 && used < 30 * long.utf8.count * 2)
        let policy = RetentionPolicy(maxBytes: used / 2)
        let forecast = try await kept.reader.forecast(policy, now: now(1))
        #expect(forecast.excessBytes == used - used / 2 && forecast.records == 0)
        let result = try await retain(kept, policy, 1)
        #expect(result.acts.map(\.subject) == ["size:\(used / 2)"])
        #expect(result.deletedRecords == 30)
        #expect(try await kept.reader.forecast(policy, now: now(1)).excessBytes == 0)
        #expect(try await kept.verify().fault == nil)
        #expect(try await retain(kept, policy, 1).acts.isEmpty)
    }

    @Test("takes records meanwhile", arguments: StoreKind.allCases)
    func concurrently(kind: StoreKind) async throws {
        let kept = try KeptStore(kind, sealedEvery: 2)
        try await kept.record(Array(repeating: .allow, count: 60))
        let writing = Task { try await kept.record(Array(repeating: .allow, count: 60), from: 60) }
        let result = try await retain(kept, RetentionPolicy(texts: [.allowed: 86400], records: 40 * 86400), 59)
        try await writing.value
        #expect(result.erasedTexts == 40 && result.deletedRecords == 18)
        let report = try await kept.verify()
        #expect(report.fault == nil && report.records == 102)
    }
}
