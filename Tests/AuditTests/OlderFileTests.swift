import Audit
import Foundation
import GRDB
import Testing

/// `fixtures/audit/version-2.sql` is a dump of a file that the program wrote before it had checkpoints and salts.
@Suite("an audit file of an older version")
struct OlderFileTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let dump = try String(contentsOf: root.appending(path: "fixtures/audit/version-2.sql"), encoding: .utf8)
        let database = try DatabaseQueue(path: folder.file())
        try database.writeWithoutTransaction { db in try db.execute(sql: dump) }
        try database.close()
    }

    @Test("is read as it is")
    func reading() async throws {
        let reader = try SQLiteAuditReader(path: folder.file())
        let report = try await reader.verify()
        #expect(report.records == 3 && report.fault == nil && report.checkpoints == 0)
        #expect(try await reader.list().entries.map(\.result) == [.allow, .block, .allow])
        #expect(try await SQLiteSavedQueries(path: folder.file()).savedQueries().isEmpty)
    }

    @Test("is brought up to date, and its chain goes on and is signed")
    func migrating() async throws {
        let key = AuditSigningKey()
        let store = try SQLiteAuditStore(
            path: folder.file(),
            keeper: Fixture.keeper(),
            sealing: AuditSealing(key: key, interval: 4)
        )
        try await store.record(Fixture.record())
        let report = try await store.verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.records == 4 && report.fault == nil && report.checkpoints == 1)
        try await store.pool.write { db in
            try db.execute(sql: "UPDATE content SET text = 'a pear' WHERE record = 1")
        }
        #expect(try await store.verify().fault?.sequence == 1)
    }
}
