import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("the chain of labels")
struct LabelChainTests {
    let folder: TemporaryFolder
    let key = AuditSigningKey()
    let store: SQLiteAuditStore
    let labels: SQLiteAuditLabels
    let upkeep: SQLiteAuditUpkeep
    private var ids: [String] = []

    /// Three records, a second apart, and a label of each.
    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(
            path: folder.file(),
            keeper: Fixture.keeper(.full),
            sealing: AuditSealing(key: key, interval: 2)
        )
        labels = try SQLiteAuditLabels(path: folder.file())
        upkeep = try SQLiteAuditUpkeep(path: folder.file())
        for place in 1...3 {
            let record = Fixture.record(at: Double(place), requestID: "\(place)")
            try await store.record(record)
            ids.append(record.decision.id.description)
            _ = try await labels.add(
                .right,
                to: ids[place - 1],
                note: place == 2 ? nil : "said \(place)x",
                actor: "ann"
            )
        }
    }

    private func change(_ sql: String) async throws {
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: sql) }
    }

    /// The labels' notes, by number.
    private func notes() async throws -> [String?] {
        try await store.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT note FROM label ORDER BY id").map { $0["note"] }
        }
    }

    @Test("is walked, counted and signed")
    func sound() async throws {
        let open = try await store.verify()
        #expect(open.fault == nil && open.labels == 3 && open.unsealedLabels == 2)
        #expect(open.text.contains("labels       3\nnot sealed   2 labels\n"))
        let checkpoint = try #require(try await upkeep.checkpoint(key: key).first)
        #expect(checkpoint.line.contains(" labels=3:") && checkpoint.isSignedRightly)
        #expect(try await store.verify().unsealedLabels == 0)
        #expect(try await upkeep.checkpoint(key: key).first == checkpoint)
        _ = try await labels.add(.wrong, to: ids[0], actor: "ben")
        #expect(try await upkeep.checkpoint(key: key).first?.number == checkpoint.number + 1)
    }

    static let changes: [(sql: String, fault: ChainFault)] = [
        ("UPDATE label SET finding = 'wrong' WHERE id = 2", ChainFault(sequence: 2, id: nil, kind: .labelAltered)),
        (
            "UPDATE label SET note = 'said otherwise' WHERE id = 1",
            ChainFault(sequence: 1, id: nil, kind: .labelAltered)
        ),
        ("UPDATE label SET note = NULL WHERE id = 1", ChainFault(sequence: 1, id: nil, kind: .labelAltered)),
        (
            "UPDATE label SET note = NULL, erased = 1 WHERE id = 1",
            ChainFault(sequence: 1, id: nil, kind: .labelAltered)
        ),
        ("UPDATE label SET actor = 'ben' WHERE id = 3", ChainFault(sequence: 3, id: nil, kind: .labelAltered)),
        ("UPDATE label SET record = 1 WHERE id = 3", ChainFault(sequence: 3, id: nil, kind: .labelAltered)),
        ("DELETE FROM label WHERE id = 2", ChainFault(sequence: 2, id: nil, kind: .labelMissing)),
        ("DELETE FROM label WHERE id = 3", ChainFault(sequence: 3, id: nil, kind: .labelMissing)),
        ("DELETE FROM label", ChainFault(sequence: 1, id: nil, kind: .labelMissing)),
    ]

    @Test("shows what was changed or taken out", arguments: changes)
    func tampering(change: (sql: String, fault: ChainFault)) async throws {
        _ = try await upkeep.checkpoint(key: key)
        #expect(try await store.verify().fault == nil)
        try await self.change(change.sql)
        #expect(try await store.verify().fault == change.fault)
        #expect("\(change.fault)".hasPrefix("label \(change.fault.sequence) is "))
    }

    @Test("stays when the records go, without the notes")
    func pruning() async throws {
        let result = try await upkeep.prune(before: Fixture.time.addingTimeInterval(2.5), by: "anna", key: key)
        #expect(result.records == 2)
        #expect(try await notes() == [nil, nil, "said 3x"])
        let report = try await store.verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.fault == nil && report.labels == 3 && report.pruned == 2)
    }

    @Test("loses the notes of a subject whose texts are erased, and says so")
    func erasing() async throws {
        let result = try await upkeep.erase(.request("1"), by: "anna")
        #expect(result.records == 1 && result.texts == 1)
        #expect(try await notes() == [nil, nil, "said 3x"])
        let entry = try await store.entry(ids[0])
        #expect(try await store.reader.labels(of: entry).map(\.note) == [nil])
        #expect(try await store.verify().fault == nil)
        // A note that was given after its text was erased.
        _ = try await labels.add(.wrong, to: ids[0], note: "said later", actor: "ben")
        let again = try await upkeep.erase(.request("1"), by: "anna")
        #expect(again.records == 1 && again.texts == 0)
        #expect(try await notes() == [nil, nil, "said 3x", nil])
        let report = try await store.verify()
        #expect(report.fault == nil && report.erasedTexts == 1 && report.acts == 2)
    }

    @Test("begins, in a file of an older version, with the labels that are there")
    func olderFile() async throws {
        try store.close()
        let queue = try DatabaseQueue(path: folder.file())
        try await queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE old (
                        id INTEGER PRIMARY KEY,
                        record INTEGER NOT NULL REFERENCES record (sequence) ON DELETE CASCADE,
                        finding TEXT NOT NULL, rule TEXT, note TEXT, actor TEXT NOT NULL, time INTEGER NOT NULL
                    ) STRICT;
                    INSERT INTO old SELECT 2 * id, record, finding, rule, note, actor, time FROM label;
                    DROP TABLE label;
                    ALTER TABLE old RENAME TO label;
                    DELETE FROM checkpoint;
                    DELETE FROM grdb_migrations WHERE identifier = '11-labels';
                    """
            )
        }
        try queue.close()
        let reader = try SQLiteAuditReader(path: folder.file())
        let entry = try await reader.entry(ids[0])
        #expect(try await reader.labels(of: entry).map(\.note) == ["said 1x"])
        #expect(try await reader.verify().labels == 0)
        _ = try await SQLiteAuditLabels(path: folder.file()).add(.wrong, to: ids[0], actor: "ben")
        #expect(try await SQLiteAuditReader(path: folder.file()).labels(of: entry).map(\.finding) == [.right, .wrong])
        let report = try await SQLiteAuditReader(path: folder.file()).verify()
        #expect(report.fault == nil && report.labels == 4)
    }
}
