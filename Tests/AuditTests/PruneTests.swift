import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("deleting the oldest records")
struct PruneTests {
    let folder: TemporaryFolder
    let key = AuditSigningKey()
    let store: SQLiteAuditStore
    let upkeep: SQLiteAuditUpkeep

    /// Ten records, a second apart, with checkpoints at each second one.
    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(
            path: folder.file(),
            keeper: Fixture.keeper(.full),
            sealing: AuditSealing(key: key, interval: 2)
        )
        upkeep = try SQLiteAuditUpkeep(path: folder.file())
        for place in 1...10 { try await store.record(Fixture.record(at: Double(place), requestID: "\(place)")) }
    }

    private func time(_ place: Double) -> Date { Fixture.time.addingTimeInterval(place) }

    private func sequences() async throws -> [Int] { try await store.list().entries.map(\.sequence).reversed() }

    private func change(_ sql: String) async throws {
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: sql) }
    }

    @Test("takes whole stretches that are older, and the chain still verifies and says so")
    func stretches() async throws {
        #expect(try await SQLiteAuditReader(path: folder.file()).prunable(before: time(6)) == 4)
        let result = try await upkeep.prune(before: time(6), by: "anna", key: key)
        #expect(result.records == 4 && result.texts == 4 && result.isLogEmptied)
        #expect(try await sequences() == [5, 6, 7, 8, 9, 10])
        let rows = try await store.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT (SELECT count(*) FROM content) + (SELECT count(*) FROM verdict)")
        }
        #expect(rows == 12)
        let report = try await store.verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.fault == nil && report.records == 6 && report.pruned == 4)
        #expect(report.unsealed == 0 && report.unsealedActs == 0 && report.seal?.sequence == 10)
        #expect(report.text.hasPrefix("pruned       4 records were deleted before these\n"))
    }

    @Test("keeps the first and the last hash, and who deleted how many")
    func act() async throws {
        let hashes = try await store.list().entries.map(\.hash)
        _ = try await upkeep.prune(before: time(6), by: "anna", key: nil, now: Fixture.time)
        let reader = try SQLiteAuditReader(path: folder.file())
        let act = try #require(try await reader.acts().first)
        #expect(act.kind == .prune && act.actor == "anna" && act.records == 4 && act.time == Fixture.time)
        #expect(act.subject == "before:2026-01-31T14:30:11.123Z")
        #expect(act.first.sequence == 1 && act.first.hash == hashes[9])
        #expect(act.last.sequence == 4 && act.last.hash == hashes[6])
        #expect(AuditActTable.render([act]).contains(" prune 4 texts of 4 records (1 to 4), before:"))
        #expect(try await store.verify().unsealedActs == 1)
    }

    @Test(
        "destroys no traces: what is not as it was written stays",
        arguments: [
            "UPDATE record SET outcome = 'block' WHERE sequence = 3", "DELETE FROM record WHERE sequence = 3",
            "UPDATE content SET text = 'good night' WHERE record = 4",
            "UPDATE checkpoint SET line = replace(line, 'time=', 'time=1') WHERE sequence = 4",
        ]
    )
    func traces(sql: String) async throws {
        try await change(sql)
        let before = try await sequences()
        await #expect { try await upkeep.prune(before: time(6), by: "anna") } throws: { error in
            "\(error)".hasPrefix("nothing more was deleted: ") && "\(error)".contains("audit verify")
        }
        #expect(try await sequences() == before)
        #expect(try await store.verify().fault != nil)
    }

    @Test("still lets checkpoints that were published be compared")
    func published() async throws {
        let lines = try await store.pool.read { db in
            try String.fetchAll(db, sql: "SELECT line FROM checkpoint ORDER BY number")
        }.map(Checkpoint.init)
        _ = try await upkeep.prune(before: time(6), by: "anna", key: key)
        #expect(try await store.verify(ChainEvidence(checkpoints: lines)).fault == nil)
        try await change(
            """
            DELETE FROM record WHERE sequence > 8; DELETE FROM checkpoint WHERE sequence > 8;
            UPDATE chain SET sequence = 8, hash = (SELECT hash FROM record WHERE sequence = 8)
            """
        )
        let fault = try await store.verify(ChainEvidence(checkpoints: lines)).fault
        #expect(fault == ChainFault(sequence: 9, id: nil, kind: .cut, other: 10))
    }

    /// SQL that changes what is left after records 1 to 4 were deleted, and what is said of it.
    static let changes: [(sql: String, fault: ChainFault)] = [
        ("DELETE FROM act", ChainFault(sequence: 1, id: nil, kind: .missing, other: 4)),
        ("UPDATE act SET last = 6", ChainFault(sequence: 1, id: nil, kind: .actAltered)),
        ("DELETE FROM checkpoint WHERE sequence = 4", ChainFault(sequence: 1, id: nil, kind: .actUnfit)),
        ("UPDATE act SET actor = 'nobody'", ChainFault(sequence: 1, id: nil, kind: .actAltered)),
        ("DELETE FROM record WHERE sequence <= 6", ChainFault(sequence: 5, id: nil, kind: .missing, other: 6)),
    ]

    @Test("can't be feigned", arguments: changes)
    func tampering(change: (sql: String, fault: ChainFault)) async throws {
        _ = try await upkeep.prune(before: time(6), by: "anna")
        try await self.change(change.sql)
        #expect(try await store.verify().fault == change.fault)
    }

    @Test("counts what was erased before as deleted")
    func erased() async throws {
        for place in [1, 4, 7] { _ = try await upkeep.erase(.request("\(place)"), by: "anna") }
        _ = try await upkeep.prune(before: time(6), by: "anna")
        let report = try await store.verify()
        #expect(report.fault == nil && report.erasedTexts == 1)
        try await change("UPDATE content SET text = NULL, salt = NULL, erased = 3 WHERE record = 8")
        #expect(try await store.verify().fault == ChainFault(sequence: 3, id: nil, kind: .actUnfit))
    }

    @Test("leaves nothing of the texts in the files")
    func rawBytes() async throws {
        for place in 11...14 {
            let text = place < 13 ? "marzipan" : "strawberry"
            try await store.record(Fixture.record(at: Double(place), text: text))
        }
        #expect(try await upkeep.prune(before: time(13), by: "anna").records == 12)
        var bytes = Data()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            bytes += try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
        }
        #expect(bytes.range(of: Data("marzipan".utf8)) == nil)
        #expect(bytes.range(of: Data("strawberry".utf8)) != nil)
    }
}
