import Audit
import Crypto
import Foundation
import Moderation
import Testing

/// A store that somebody looks after while it is written.
private struct KeptStore {
    let folder: TemporaryFolder
    let location: AuditLocation
    let key = AuditSigningKey()
    let store: any AuditStore

    var upkeep: any AuditUpkeep { store.upkeep }
    var reader: any AuditReader { store.reader }

    /// - Parameter interval: records between two checkpoints; nil signs none.
    init(_ kind: StoreKind, sealedEvery interval: Int? = nil) throws {
        folder = try TemporaryFolder()
        location = try kind.locate(in: folder)
        let sealing = interval.map { [key] in AuditSealing(key: key, interval: $0) }
        store = try location.store(keeper: Fixture.keeper(.full), sealing: sealing, spills: false)
    }

    /// Records with the numbers of a range, a second apart.
    func record(_ places: ClosedRange<Int>, tenant: String = "north") async throws {
        for place in places {
            var record = Fixture.record(at: Double(place), requestID: "request-\(place)")
            record.tenant = tenant
            record.client = "client-\(place)"
            record.conversation = "conversation-\(place)"
            record.decision.channel = "slack/T1/C\(place)"
            try await store.record(record)
        }
    }

    /// Records of these outcomes, a day apart.
    func record(_ outcomes: [Outcome], from day: Int = 0, text: String = "good morning") async throws {
        for (place, outcome) in outcomes.enumerated() {
            let time = Double(day + place) * 86400
            try await store.record(
                Fixture.record(
                    at: time,
                    verdicts: [Fixture.verdict("a", outcome)],
                    requestID: "\(day + place)",
                    text: text
                )
            )
        }
    }

    /// Whether each record, the first recorded first, has its text.
    func kept() async throws -> [Bool] {
        try await store.list(limit: 200).entries.reversed().map { $0.content.first?.text != nil }
    }

    /// Places in the chain of the records that are there.
    func places() async throws -> [Int] { try await store.list(limit: 200).entries.map(\.sequence).reversed() }

    func verify() async throws -> ChainReport { try await store.verify(ChainEvidence(keys: [key.publicKey])) }
}

@Suite("every audit store, from which texts are erased")
struct ErasureConformanceTests {
    @Test("says who did it, when, whose they were and how many", arguments: StoreKind.allCases)
    func act(kind: StoreKind) async throws {
        let kept = try KeptStore(kind)
        try await kept.record(1...1)
        try await kept.record(2...2, tenant: "south")
        try await kept.record(3...4)
        let before = try await kept.store.list().entries
        let id = before[0].decision.id.description
        _ = try await kept.store.labels.add(.wrong, to: id, note: "a quotation", actor: "ben")
        let result = try await kept.upkeep.erase(.tenant("north"), by: "anna", key: nil, now: Fixture.time)
        #expect(result.records == 3 && result.texts == 3 && result.isLogEmptied)
        let act = try #require(try await kept.reader.acts().first)
        #expect(act.number == 1 && act.kind == .erase && act.actor == "anna" && act.time == Fixture.time)
        #expect(act.subject == "tenant:north" && act.records == 3 && act.texts == 3)
        #expect(act.first.sequence == 1 && act.first.hash == before[3].hash)
        #expect(act.last.sequence == 4 && act.last.hash == before[0].hash)
        #expect(try await kept.kept() == [false, true, false, false])
        let after = try await kept.store.list().entries
        #expect(after.map(\.hash) == before.map(\.hash) && after.map(\.decision) == before.map(\.decision))
        #expect(after.map { $0.content.first?.erasedBy } == [1, 1, nil, 1])
        #expect(try await kept.reader.labels(of: after[0]).map(\.note) == [nil])
        let report = try await kept.verify()
        #expect(report.records == 4 && report.fault == nil && report.acts == 1 && report.erasedTexts == 3)
    }

    @Test(
        "takes those of a request, a decision, a tenant, a channel, a conversation or a client",
        arguments: StoreKind.allCases
    )
    func subjects(kind: StoreKind) async throws {
        let kept = try KeptStore(kind)
        for place in 1...6 { try await kept.record(place...place, tenant: "t\(place)") }
        let id = try await kept.store.list().entries[4].decision.id.description
        let subjects = [
            "request:request-1", "decision:\(id)", "tenant:t3", "channel:slack/T1/C4", "conversation:conversation-5",
            "client:client-6",
        ]
        for (place, subject) in try subjects.map(ErasureSubject.init).enumerated() {
            #expect(subject.description == subjects[place])
            #expect(try await kept.reader.kept(of: subject).texts == 1)
            _ = try await kept.upkeep.erase(subject, by: "anna")
            #expect(try await kept.kept() == (0..<6).map { $0 > place })
            #expect(try await kept.reader.kept(of: subject).texts == 0)
        }
        #expect(try await kept.reader.acts().map(\.subject) == subjects)
        #expect(try await kept.upkeep.erase(.tenant("t3"), by: "anna").acts.isEmpty)
        await #expect(throws: AuditError.unknownID("ffffffff")) {
            try await kept.upkeep.erase(.decision("ffffffff"), by: "anna")
        }
    }

    @Test("is changed in steps, so that the gateway can write between them", arguments: StoreKind.allCases)
    func steps(kind: StoreKind) async throws {
        let kept = try KeptStore(kind)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<1100 { group.addTask { try await kept.record(place...place) } }
            try await group.waitForAll()
        }
        let erasure = try await kept.upkeep.erase(.tenant("north"), by: "anna", key: kept.key)
        #expect(erasure.acts.map(\.records) == [1000, 100])
        let report = try await kept.verify()
        #expect(report.fault == nil && report.erasedTexts == 1100 && report.checkpoints == 2)
    }

    @Test("takes records meanwhile", arguments: StoreKind.allCases)
    func concurrently(kind: StoreKind) async throws {
        let kept = try KeptStore(kind)
        try await kept.record(0...49)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await kept.record(50...149, tenant: "south") }
            for place in 0..<10 {
                group.addTask { _ = try await kept.upkeep.erase(.request("request-\(place)"), by: "anna") }
            }
            try await group.waitForAll()
        }
        let report = try await kept.verify()
        #expect(report.records == 150 && report.fault == nil && report.acts == 10)
    }
}

@Suite("every audit store, whose texts are encrypted anew")
struct RekeyConformanceTests {
    private let old = SymmetricKey(size: .bits256)
    private let new = SymmetricKey(size: .bits256)

    private func store(_ location: AuditLocation, _ keys: [SymmetricKey]) throws -> any AuditStore {
        let keeper = ContentKeeper(mode: .full, redactor: WordMasker(), textKeys: AuditTextKeys(keys))
        return try location.store(keeper: keeper, sealing: nil, spills: false)
    }

    private func texts(_ reader: any AuditReader) async throws -> [String?] {
        try await reader.list(limit: 100).entries.reversed().flatMap { $0.content.map(\.text) }
    }

    @Test("is read with the newest key alone afterwards, and takes records meanwhile", arguments: StoreKind.allCases)
    func rekey(kind: StoreKind) async throws {
        let folder = try TemporaryFolder()
        let location = try kind.locate(in: folder)
        for (place, keys) in [[], [old]].enumerated() {
            let store = try store(location, keys)
            try await store.record(Fixture.record(at: Double(place), text: "text \(place)"))
            try store.close()
        }
        let store = try store(location, [old, new])
        try await store.record(Fixture.record(at: 2, text: "text 2"))
        #expect(try await store.reader.rekeyable() == 2)
        let hashes = try await store.list().entries.map(\.hash)
        let writing = Task { for place in 3..<60 { try await store.record(Fixture.record(at: Double(place))) } }
        let result = try await store.upkeep.rekey(by: "anna", key: nil, now: Fixture.time)
        try await writing.value
        #expect(result.records == 2 && result.texts == 2 && result.isLogEmptied)
        let newest = AuditTextKeys([new])
        #expect(result.acts.first?.kind == .rekey && result.acts.first?.subject == "key:\(newest.newestID ?? "")")
        let reader = try location.reader(keys: newest)
        #expect(try await Array(texts(reader).prefix(3)) == ["text 0", "text 1", "text 2"])
        #expect(try await Array(reader.list(limit: 100).entries.map(\.hash).suffix(3)) == hashes)
        let report = try await reader.verify()
        #expect(report.fault == nil && report.lockedTexts == 0 && report.acts == 1 && report.erasedTexts == 0)
        #expect(try await store.upkeep.rekey(by: "anna").acts.isEmpty)
    }

    @Test(
        "stays as it is without the key that a text has, or without any, and gives texts up all the same",
        arguments: StoreKind.allCases
    )
    func missingKeys(kind: StoreKind) async throws {
        let folder = try TemporaryFolder()
        let location = try kind.locate(in: folder)
        let store = try store(location, [old])
        for place in 0..<2 { try await store.record(Fixture.record(at: Double(place), requestID: "r\(place)")) }
        let missing = AuditError.missingTextKey(id: AuditTextKeys([old]).newestID ?? "")
        await #expect(throws: missing) {
            try await location.upkeep(keys: AuditTextKeys([new])).rekey(by: "anna")
        }
        await #expect(throws: AuditError.noTextKey) { try await location.upkeep().rekey(by: "anna") }
        await #expect(throws: AuditError.noTextKey) { try await location.reader().rekeyable() }
        #expect(try await texts(store.reader) == ["good morning", "good morning"])
        _ = try await location.upkeep().erase(.request("r0"), by: "anna")
        #expect(try await texts(store.reader) == [nil, "good morning"])
        #expect(try await store.list().entries.map { $0.content.first?.lockedBy } == [nil, nil])
        let report = try await store.verify()
        #expect(report.fault == nil && report.erasedTexts == 1)
    }
}

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
