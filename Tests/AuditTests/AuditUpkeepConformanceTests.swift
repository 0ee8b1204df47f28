import Audit
import Crypto
import Foundation
import Moderation
import Testing

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
