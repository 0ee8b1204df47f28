import Audit
import Foundation
import GRDB
import Moderation
import TestPostgres
import Testing

@Suite("what people did to a store")
struct ActTests {
    let folder: TemporaryFolder
    let key = AuditSigningKey()
    let store: SQLiteAuditStore
    let upkeep: SQLiteAuditUpkeep

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper(.full))
        upkeep = try SQLiteAuditUpkeep(path: folder.file())
    }

    @Test("is kept in order, reading and giving out too, and a checkpoint covers it")
    func keeping() async throws {
        try await store.record(Fixture.record())
        let place = try #require(
            try await store.reader.list().entries.first.map {
                AuditAct.Place(sequence: $0.sequence, hash: $0.hash)
            }
        )
        let draft = AuditActDraft(
            kind: .read,
            actor: "anna (reviewer)",
            subject: "decisions all",
            records: 1,
            texts: 1,
            first: place,
            last: place
        )
        let read = try await upkeep.keep(draft, now: Fixture.time)
        let created = try await store.upkeep.keep(
            AuditActDraft(kind: .keyCreated, actor: "root", subject: "key:anna reviewer")
        )
        #expect(try await store.reader.acts() == [read, created])
        #expect(read.number == 1 && read.first == place && created.number == 2 && created.first.sequence == 0)
        #expect(
            AuditActTable.render([read, created]).split(separator: "\n").map { $0.dropFirst(24) } == [
                " read 1 texts of 1 records (1 to 1), decisions all, by anna (reviewer)",
                " key_created key:anna reviewer, by root",
            ]
        )
        let open = try await store.reader.verify()
        #expect(open.fault == nil && open.acts == 2 && open.unsealedActs == 2)
        let first = try await upkeep.checkpoint(key: key)
        try await store.record(Fixture.record(at: 1))
        let second = try await upkeep.checkpoint(key: key)
        #expect(try await store.reader.checkpoints(limit: 1) == second)
        #expect(try await store.reader.checkpoints(limit: 9) == second + first)
        #expect(try await store.reader.verify().unsealedActs == 0)
    }

    @Test("is found by kind, person and time, in pages that neither repeat nor miss an act while others arrive")
    func paging() async throws {
        for place in 1...7 {
            let draft = AuditActDraft(
                kind: place.isMultiple(of: 2) ? .read : .export,
                actor: place == 7 ? "ben" : "anna (reviewer)",
                subject: "a"
            )
            _ = try await upkeep.keep(draft, now: Fixture.time.addingTimeInterval(Double(place)))
        }
        let reader = store.reader
        func numbers(_ filter: ActFilter) async throws -> [Int] {
            try await reader.acts(filter, limit: 9, after: nil).acts.map(\.number)
        }
        #expect(try await numbers(ActFilter(kind: .read)) == [6, 4, 2])
        #expect(try await numbers(ActFilter(actor: "anna")) == [6, 5, 4, 3, 2, 1])
        #expect(try await numbers(ActFilter(actor: "ann")).isEmpty)
        #expect(try await numbers(ActFilter(actor: "b*")) == [7])
        let (first, last) = (Fixture.time.addingTimeInterval(2), Fixture.time.addingTimeInterval(4))
        #expect(try await numbers(ActFilter(since: first, until: last)) == [3, 2])
        var found: [Int] = []
        var position: AuditPosition?
        repeat {
            let page = try await reader.acts(ActFilter(kind: .export), limit: 2, after: position)
            found += page.acts.map(\.number)
            position = try page.next.map { next in try AuditPosition("\(next)") }
            _ = try await upkeep.keep(AuditActDraft(kind: .export, actor: "ben", subject: "b"), now: Fixture.time)
        } while position != nil
        #expect(found == [7, 5, 3, 1])
    }

    @Test("of several gateways is merged by time, each gateway's in its order")
    func merging() async throws {
        let address = try PostgresServer.shared.get().makeDatabase()
        let stores = try ["one", "two"].map { name in
            try PostgresAuditStore(address, keeper: Fixture.keeper(), spill: folder.file(name))
        }
        for store in stores { try await store.record(Fixture.record()) }
        for place in 1...3 {
            let draft = AuditActDraft(kind: .read, actor: "anna", subject: "\(place)")
            _ = try await stores[0].upkeep.keep(draft, now: Fixture.time.addingTimeInterval(Double(place)))
        }
        try PostgresServer.shared.get().sql(
            """
            INSERT INTO gatehouse.act SELECT 2, number, time + 500000, kind, actor, subject || 'b', records, texts, first, first_hash,
                last, last_hash, previous_hash, hash FROM gatehouse.act
            """,
            database: address.database
        )
        var found: [String] = []
        var position: AuditPosition?
        repeat {
            let page = try await stores[1].reader.acts(ActFilter(), limit: 2, after: position)
            found += page.acts.map(\.subject)
            position = try page.next.map { next in try AuditPosition("\(next)") }
            _ = try await stores[0].upkeep.keep(AuditActDraft(kind: .read, actor: "ben", subject: "new"))
        } while position != nil
        #expect(found == ["3b", "3", "2b", "2", "1b", "1"])
        for store in stores { try store.close() }
    }

    @Test(
        "is missed when it is taken out or changed",
        arguments: [
            ("DELETE FROM act WHERE number = 1", ChainFault.Kind.actMissing),
            ("UPDATE act SET actor = 'ben' WHERE number = 1", .actAltered),
        ]
    )
    func tampering(sql: String, kind: ChainFault.Kind) async throws {
        for subject in ["a", "b"] {
            _ = try await upkeep.keep(AuditActDraft(kind: .read, actor: "anna", subject: subject))
        }
        try await store.pool.write { db in try db.execute(sql: sql) }
        #expect(try await store.reader.verify().fault?.kind == kind)
    }

    @Test("a store says whether it can be written")
    func probing() async throws {
        // Changes when another connection has written.
        let other = try DatabaseQueue(path: folder.file())
        func version() async throws -> Int? {
            try await other.read { db in try Int.fetchOne(db, sql: "PRAGMA data_version") }
        }
        let before = try await version()
        try await upkeep.probe()
        #expect(try await version() != before)
        #expect(try await store.reader.verify().fault == nil)
    }
}
