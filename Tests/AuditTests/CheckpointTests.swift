import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("a key that checkpoints are signed with")
struct AuditSigningKeyTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String, mode: Int = 0o600) throws -> String {
        let path = folder.file("key")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    @Test("is written to a file of its owner's, never over another, and read back")
    func file() throws {
        let key = AuditSigningKey()
        let path = folder.file("key.pem")
        try key.write(to: path)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(try AuditSigningKey(path: path).publicKey == key.publicKey)
        #expect { try AuditSigningKey().write(to: path) } throws: { "\($0)".contains("File exists") }
        #expect(try AuditSigningKey(path: path).publicKey == key.publicKey)
    }

    // openssl genpkey -algorithm ed25519; openssl pkey -pubout
    private let secret = "MC4CAQAwBQYDK2VwBCIEII7V71NFiuJFfXmoC2EATexYdcdwJmvFbEnaMGVbTTHc"
    private let published = "MCowBQYDK2VwAyEAVP8nxGY0UQ+fdIGPorGMSrkPq53cE5yzBOtK5G3WLr0="

    @Test("is read as OpenSSL writes it, or as 32 bytes in base64")
    func forms() throws {
        let pem = "-----BEGIN PRIVATE KEY-----\n\(secret)\n-----END PRIVATE KEY-----\n"
        let key = try AuditSigningKey(path: write(pem)).publicKey
        #expect(key == AuditPublicKey(published))
        let bytes = try #require(Data(base64Encoded: secret)).dropFirst(16)
        #expect(try AuditSigningKey(path: write(Data(bytes).base64EncodedString() + "\n")).publicKey == key)
    }

    @Test("is refused where others may read it, and where it is none", arguments: [0o640, 0o604, 0o644])
    func permissions(mode: Int) throws {
        let path = try write(secret, mode: mode)
        #expect { try AuditSigningKey(path: path) } throws: { error in
            "\(error)".contains("chmod 600") && "\(error)".contains(path)
        }
        for text in ["", "hello", "aGVsbG8="] {
            let path = try write(text)
            #expect { try AuditSigningKey(path: path) } throws: { "\($0)".contains("no Ed25519 key") }
        }
        #expect { try AuditSigningKey(path: folder.file("none")) } throws: { "\($0)".contains("no such file") }
    }

    @Test("has a public half that is given as text or as a file")
    func publicKey() throws {
        let key = AuditSigningKey().publicKey
        #expect(try AuditPublicKey(argument: key.description) == key)
        let pem = "-----BEGIN PUBLIC KEY-----\n\(published)\n-----END PUBLIC KEY-----\n"
        #expect(
            try AuditPublicKey(argument: write(pem)) == AuditPublicKey("VP8nxGY0UQ+fdIGPorGMSrkPq53cE5yzBOtK5G3WLr0=")
        )
        #expect(throws: AuditError.badPublicKey("nonsense")) { try AuditPublicKey(argument: "nonsense") }
    }
}

@Suite("checkpoints of an audit chain")
struct CheckpointTests {
    let folder: TemporaryFolder
    let key = AuditSigningKey()

    init() throws { folder = try TemporaryFolder() }

    private func open(_ name: String = "audit.sqlite", every interval: Int = 2) throws -> SQLiteAuditStore {
        try SQLiteAuditStore(
            path: folder.file(name),
            keeper: Fixture.keeper(.full),
            sealing: AuditSealing(key: key, interval: interval)
        )
    }

    /// A store of six records with checkpoints at 2, 4 and 6.
    private func filled(_ name: String = "audit.sqlite", text: String = "good morning") async throws -> SQLiteAuditStore
    {
        let store = try open(name)
        for offset in 0..<6 { try await store.record(Fixture.record(at: Double(offset), text: text)) }
        return store
    }

    private func change(_ store: SQLiteAuditStore, _ sql: String) async throws {
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: sql)
        }
    }

    private func lines(_ store: SQLiteAuditStore) async throws -> [Checkpoint] {
        try await store.pool.read { db in
            try String.fetchAll(db, sql: "SELECT line FROM checkpoint ORDER BY number")
        }.map(Checkpoint.init)
    }

    @Test("are signed every so many records, and when the store is closed")
    func cadence() async throws {
        let store = try open(every: 3)
        for offset in 0..<7 { try await store.record(Fixture.record(at: Double(offset))) }
        #expect(try await lines(store).map(\.sequence) == [3, 6])
        let report = try await store.verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.fault == nil)
        #expect(report.checkpoints == 2)
        #expect(report.seal?.sequence == 6)
        #expect(report.seal?.key == key.publicKey.description)
        #expect(report.unsealed == 1)
        try store.close()
        let reader = try SQLiteAuditReader(path: folder.file())
        #expect(try await reader.verify().unsealed == 0)
        try open(every: 3).close()
        #expect(try await reader.verify().checkpoints == 3)
    }

    @Test("are signed by command while the gateway runs, once for the same records")
    func byCommand() async throws {
        let store = try open(every: 100)
        let upkeep = try SQLiteAuditUpkeep(path: folder.file())
        let empty = try await upkeep.checkpoint(key: key)[0]
        #expect(empty.sequence == 0)
        try await store.record(Fixture.record())
        let first = try await upkeep.checkpoint(key: key, now: Fixture.time)[0]
        #expect(first.sequence == 1 && first.number == 2)
        #expect(first.line.contains(" time=2026-01-31T14:30:05.123Z "))
        #expect(first.hash == (try await store.verify().head))
        #expect(try await upkeep.checkpoint(key: key) == [first])
        let other = try await upkeep.checkpoint(key: AuditSigningKey())[0]
        #expect(other.number == 3 && other.sequence == 1)
        #expect(try await store.verify().checkpoints == 3)
        #expect(try await store.verify(ChainEvidence(checkpoints: [empty, first])).fault == nil)
        #expect(throws: AuditError.missingFile(path: folder.file("none"))) {
            try SQLiteAuditUpkeep(path: folder.file("none"))
        }
    }

    @Test("are lines that can be read again, and that no character of can be changed")
    func line() async throws {
        let store = try await filled()
        let checkpoint = try #require(try await lines(store).last)
        #expect(checkpoint.isSignedRightly)
        let wrapped = checkpoint.line.replacing(" ", with: "\n  ")
        #expect(try Checkpoint(line: wrapped) == checkpoint)
        var forged = 0
        for index in checkpoint.line.indices where checkpoint.line[index] != " " {
            var line = checkpoint.line
            line.replaceSubrange(index...index, with: line[index] == "1" ? "2" : "1")
            if let changed = try? Checkpoint(line: line), changed.isSignedRightly { forged += 1 }
        }
        // The last characters before base64's padding may say the same bytes.
        #expect(forged <= 1)
        for bad in ["", "hello", String(checkpoint.line.dropLast(100)), checkpoint.line + " number=2"] {
            #expect(throws: AuditError.badCheckpoint) { try Checkpoint(line: bad) }
        }
    }

    @Test("show a store that was cut off at its end, and named the records")
    func cut() async throws {
        let store = try await filled()
        try await change(
            store,
            """
            DELETE FROM record WHERE sequence > 4;
            UPDATE chain SET sequence = 4, hash = (SELECT hash FROM record WHERE sequence = 4)
            """
        )
        let fault = try await store.verify().fault
        #expect(fault == ChainFault(sequence: 5, id: nil, kind: .cut, other: 6))
        // Without the last checkpoint the store fits in itself; the published line still tells.
        let published = try #require(try await lines(store).last)
        try await change(store, "DELETE FROM checkpoint WHERE number = 3")
        #expect(try await store.verify().fault == nil)
        #expect(try await store.verify(ChainEvidence(checkpoints: [published])).fault == fault)
    }

    @Test("show a store that was written anew with fitting hashes")
    func rewritten() async throws {
        let store = try await filled()
        let published = try #require(try await lines(store).last)
        // The same store but for what its records say, made by somebody without the key.
        let forgery = try SQLiteAuditStore(path: folder.file("forged.sqlite"), keeper: Fixture.keeper(.full))
        for offset in 0..<6 {
            try await forgery.record(Fixture.record(at: Double(offset), verdicts: [], text: "good night"))
        }
        try forgery.close()
        try await change(
            store,
            """
            ATTACH '\(folder.file("forged.sqlite"))' AS forged;
            DELETE FROM main.verdict; DELETE FROM main.content; DELETE FROM main.record;
            INSERT INTO main.record SELECT * FROM forged.record;
            INSERT INTO main.content SELECT * FROM forged.content;
            UPDATE main.chain SET sequence = 6, hash = (SELECT hash FROM forged.chain)
            """
        )
        #expect(try await store.verify().fault == ChainFault(sequence: 1, id: nil, kind: .rewritten, other: 2))
        try await change(store, "DELETE FROM main.checkpoint")
        #expect(try await store.verify().fault == nil)
        let report = try await store.verify(ChainEvidence(checkpoints: [published]))
        #expect(report.fault == ChainFault(sequence: 1, id: nil, kind: .rewritten, other: 6))
    }

    @Test("narrow down which records were written anew")
    func rewrittenEnd() async throws {
        let store = try await filled()
        let forgery = try SQLiteAuditStore(path: folder.file("forged.sqlite"), keeper: Fixture.keeper(.full))
        try forgery.close()
        // The first five records stay; the sixth is another one with a hash that fits.
        try await change(
            store,
            """
            ATTACH '\(folder.file("forged.sqlite"))' AS forged;
            INSERT INTO forged.record SELECT * FROM main.record WHERE sequence < 6;
            INSERT INTO forged.verdict SELECT * FROM main.verdict WHERE record < 6;
            INSERT INTO forged.content SELECT * FROM main.content WHERE record < 6;
            UPDATE forged.chain SET sequence = 5, hash = (SELECT hash FROM main.record WHERE sequence = 5);
            DETACH forged
            """
        )
        let again = try SQLiteAuditStore(path: folder.file("forged.sqlite"), keeper: Fixture.keeper(.full))
        try await again.record(Fixture.record(at: 9, text: nil))
        #expect(try await again.verify().fault == nil)
        try again.close()
        try await change(
            store,
            """
            ATTACH '\(folder.file("forged.sqlite"))' AS forged;
            DELETE FROM main.record WHERE sequence = 6;
            DELETE FROM main.content WHERE record = 6;
            DELETE FROM main.verdict WHERE record = 6;
            INSERT INTO main.record SELECT * FROM forged.record WHERE sequence = 6;
            INSERT INTO main.verdict SELECT * FROM forged.verdict WHERE record = 6;
            UPDATE main.chain SET hash = (SELECT hash FROM forged.chain)
            """
        )
        let report = try await store.verify()
        #expect(report.fault == ChainFault(sequence: 5, id: nil, kind: .rewritten, other: 6))
        #expect(report.fault?.description.hasPrefix("record 5 or one up to 6 ") == true)
        #expect(report.checkpoints == 2)
    }

    @Test("are told apart from those of others")
    func foreign() async throws {
        let store = try await filled()
        let other = try await filled("other.sqlite")
        let foreign = try #require(try await lines(other).first)
        var fault = try await store.verify(ChainEvidence(checkpoints: [foreign])).fault
        #expect(fault == ChainFault(sequence: 2, id: nil, kind: .checkpointForeign))
        fault = try await store.verify(ChainEvidence(keys: [AuditSigningKey().publicKey])).fault
        #expect(fault == ChainFault(sequence: 2, id: nil, kind: .checkpointUntrusted))
        #expect(try await store.verify(ChainEvidence(keys: [key.publicKey])).fault == nil)
    }

    static let changes: [(sql: String, fault: ChainFault)] = [
        (
            "UPDATE checkpoint SET line = replace(line, 'sequence=4', 'sequence=5') WHERE number = 2",
            ChainFault(sequence: 4, id: nil, kind: .checkpointAltered)
        ),
        (
            "UPDATE checkpoint SET line = replace(line, ' time=2', ' time=3') WHERE number = 2",
            ChainFault(sequence: 4, id: nil, kind: .checkpointAltered)
        ),
        (
            "UPDATE checkpoint SET sequence = 5 WHERE number = 2",
            ChainFault(sequence: 5, id: nil, kind: .checkpointAltered)
        ),
        (
            "UPDATE checkpoint SET line = 'x' WHERE number = 2",
            ChainFault(sequence: 4, id: nil, kind: .checkpointAltered)
        ),
        ("DELETE FROM checkpoint WHERE number = 2", ChainFault(sequence: 6, id: nil, kind: .checkpointMissing)),
        ("UPDATE chain SET store = 'x'", ChainFault(sequence: 2, id: nil, kind: .checkpointForeign)),
    ]

    @Test("are named when they were changed or taken out, and keep nobody from recording", arguments: changes)
    func tampering(change: (sql: String, fault: ChainFault)) async throws {
        let store = try await filled()
        try await self.change(store, change.sql)
        #expect(try await store.verify().fault == change.fault)
        for offset in 6..<9 { try await store.record(Fixture.record(at: Double(offset))) }
        #expect(try await store.verify().records == 9)
    }

    @Test("come second where a record is at fault too")
    func recordFirst() async throws {
        let store = try await filled()
        try await change(store, "UPDATE checkpoint SET line = 'x' WHERE number = 1")
        try await change(store, "UPDATE record SET outcome = 'block' WHERE sequence = 5")
        let fault = try await store.verify().fault
        #expect(fault?.sequence == 5 && fault?.kind == .altered)
    }
}

@Suite("a chain whose records changed places")
struct ChainPlaceTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore

    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper(.full))
        for offset in 0..<8 { try await store.record(Fixture.record(at: Double(offset), verdicts: [], text: nil)) }
    }

    private func fault(after sql: String) async throws -> ChainFault? {
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: sql) }
        return try await store.verify().fault
    }

    /// SQL that moves the records from a place on by some places.
    private func shift(from place: Int, by count: Int) -> String {
        "UPDATE record SET sequence = -sequence WHERE sequence >= \(place);"
            + "UPDATE record SET sequence = \(count) - sequence WHERE sequence < 0;"
            + "UPDATE chain SET sequence = sequence + \(count);"
    }

    private func copy(_ place: Int, to other: Int, previous: String) -> String {
        """
        CREATE TEMP TABLE copied AS SELECT * FROM record WHERE sequence = \(place);
        UPDATE copied SET sequence = \(other), id = 'forged-\(other)', previous_hash = \(previous);
        INSERT INTO record SELECT * FROM copied;
        DROP TABLE copied;
        """
    }

    @Test("names what was exchanged")
    func swapped() async throws {
        let id = try #require(try await store.list().entries.first { $0.sequence == 6 }).decision.id.description
        let fault = try await fault(
            after: """
                UPDATE record SET sequence = 99 WHERE sequence = 3; UPDATE record SET sequence = 3 WHERE sequence = 6;
                UPDATE record SET sequence = 6 WHERE sequence = 99
                """
        )
        #expect(fault == ChainFault(sequence: 3, id: id, kind: .moved, other: 6))
        #expect(fault?.description == "record 3 (\(id)) was moved here: it was written as record 6")
    }

    @Test("names what is gone, though those after it were numbered anew")
    func removed() async throws {
        let fault = try await fault(after: "DELETE FROM record WHERE sequence IN (3, 4);" + shift(from: 5, by: -2))
        #expect(fault == ChainFault(sequence: 3, id: nil, kind: .missing, other: 4))
        #expect(fault?.description == "record 3 is missing, and so are those up to 4")
    }

    @Test("names all of a gap")
    func gap() async throws {
        let fault = try await fault(after: "DELETE FROM record WHERE sequence IN (3, 4, 5)")
        #expect(fault == ChainFault(sequence: 3, id: nil, kind: .missing, other: 5))
    }

    @Test("names what was put after the last record")
    func appended() async throws {
        let fault = try await fault(after: copy(8, to: 9, previous: "hash"))
        #expect(fault == ChainFault(sequence: 9, id: "forged-9", kind: .inserted))
    }

    @Test("names what was put between two records with a hash that fits")
    func inserted() async throws {
        // A store with the same first two records and a third of its own supplies a record that fits at place 3.
        let path = folder.file("forged.sqlite")
        try SQLiteAuditStore(path: path, keeper: Fixture.keeper(.full)).close()
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH '\(path)' AS forged")
            try db.execute(sql: "INSERT INTO forged.record SELECT * FROM main.record WHERE sequence < 3")
            try db.execute(
                sql: "UPDATE forged.chain SET sequence = 2, hash = (SELECT hash FROM main.record WHERE sequence = 2)"
            )
            try db.execute(sql: "DETACH forged")
        }
        let forgery = try SQLiteAuditStore(path: path, keeper: Fixture.keeper(.full))
        let forged = Fixture.record(at: 20, verdicts: [], text: nil)
        try await forgery.record(forged)
        try forgery.close()
        let fault = try await fault(
            after: "ATTACH '\(path)' AS forged;" + shift(from: 3, by: 1)
                + "INSERT INTO main.record SELECT * FROM forged.record WHERE sequence = 3"
        )
        let id = forged.decision.id.description
        #expect(fault == ChainFault(sequence: 3, id: id, kind: .inserted, other: 3))
        #expect(fault?.description == "record 3 (\(id)) is inserted: the gateway did not write it there")
    }
}
