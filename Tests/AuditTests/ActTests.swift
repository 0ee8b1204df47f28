import Audit
import Foundation
import GRDB
import Moderation
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
