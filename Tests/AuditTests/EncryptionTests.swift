import Audit
import Crypto
import Foundation
import GRDB
import Moderation
import Testing

@Suite("encrypted texts")
struct EncryptionTests {
    let folder: TemporaryFolder
    private let old = SymmetricKey(size: .bits256)
    private let new = SymmetricKey(size: .bits256)

    private let oldID: String
    private let newID: String

    init() throws {
        folder = try TemporaryFolder()
        oldID = try #require(AuditTextKeys([old]).newestID)
        newID = try #require(AuditTextKeys([new]).newestID)
    }

    private func store(_ keys: [SymmetricKey], mode: ContentMode = .full, spills: Bool = false) throws
        -> SQLiteAuditStore
    {
        let keeper = ContentKeeper(mode: mode, redactor: WordMasker(), textKeys: AuditTextKeys(keys))
        return try SQLiteAuditStore(path: folder.file(), keeper: keeper, spills: spills)
    }

    private func reader(_ keys: SymmetricKey...) throws -> SQLiteAuditReader {
        try SQLiteAuditReader(path: folder.file(), keys: AuditTextKeys(keys))
    }

    private func upkeep(_ keys: SymmetricKey...) throws -> SQLiteAuditUpkeep {
        try SQLiteAuditUpkeep(path: folder.file(), keys: AuditTextKeys(keys))
    }

    private func texts(_ reader: SQLiteAuditReader) async throws -> [String?] {
        try await reader.list(limit: 100).entries.reversed().flatMap { $0.content.map(\.text) }
    }

    /// Whether some words are in any of the store's files.
    private func files(hold words: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).contains { name in
            try Data(contentsOf: URL(fileURLWithPath: folder.file(name))).range(of: Data(words.utf8)) != nil
        }
    }

    @Test("are in no file, and are read with the key", arguments: [ContentMode.full, .redacted])
    func reading(mode: ContentMode) async throws {
        let store = try store([old], mode: mode)
        try await store.record(Fixture.record(text: "a marzipan strawberry"))
        let expected = mode == .full ? "a marzipan strawberry" : "a marzipan [FRUIT]"
        #expect(try await texts(reader(old)) == [expected])
        #expect(try await store.list().entries.first?.content.first?.text == expected)
        #expect(try !files(hold: "marzipan"))
        try store.close()
        #expect(try !files(hold: "marzipan"))
    }

    @Test("without the key are left out, and the record says which key it takes")
    func locked() async throws {
        try await store([old]).record(Fixture.fullRecord())
        for reader in [try reader(), try reader(new)] {
            let entry = try #require(try await reader.list().entries.first)
            #expect(entry.content.map(\.text) == [nil, nil])
            #expect(entry.content.map(\.lockedBy) == [oldID, oldID])
            #expect(AuditReport.render(entry).contains("encrypted with the key \(oldID), which is not at hand"))
            #expect(try AuditJSON.line(entry).contains("\"locked_by\":\"\(oldID)\""))
        }
    }

    @Test("are searched with the key; without it the search says which it takes")
    func search() async throws {
        let store = try store([old])
        for text in ["An apple", "ΜΗΛΟ"] { try await store.record(Fixture.record(text: text)) }
        for words in ["apple", "μηλο"] {
            #expect(try await reader(new, old).list(AuditFilter(text: words)).entries.count == 1)
            await #expect(throws: AuditError.missingTextKey(id: oldID)) {
                try await reader(new).list(AuditFilter(text: words))
            }
        }
        #expect(
            "\(AuditError.missingTextKey(id: oldID))".contains("the key \(oldID), which is not at hand")
        )
    }

    @Test("are exported with the key; without it no file is made, unless texts are left out")
    func export() async throws {
        try await store([old]).record(Fixture.record(text: "a marzipan"))
        let plan = ExportPlan(hasContent: true)
        let path = folder.file("out.jsonl")
        await #expect(throws: AuditError.missingTextKey(id: oldID)) {
            try await AuditExport(reader(new)).write(path, FilterWords(), plan)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        _ = try await AuditExport(reader(new)).write(folder.file("bare.jsonl"), FilterWords(), ExportPlan())
        _ = try await AuditExport(reader(old)).write(path, FilterWords(), plan)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("a marzipan"))
    }

    @Test("are compared with the chain where the key is at hand, and counted where it isn't")
    func verifying() async throws {
        let store = try store([old])
        for place in 0..<3 { try await store.record(Fixture.record(at: Double(place))) }
        let whole = try await reader(old).verify()
        #expect(whole.fault == nil && whole.records == 3 && whole.lockedTexts == 0)
        let part = try await reader().verify()
        #expect(part.fault == nil && part.records == 3 && part.lockedTexts == 3 && part.missingKeys == [oldID])
        #expect(part.text.contains("not checked  3 texts: encrypted with \(oldID), and"))
        try await store.pool.write { db in
            // One ciphertext in the place of another of the same key.
            try db.execute(
                sql: "UPDATE content SET text = (SELECT text FROM content WHERE record = 1) WHERE record = 2"
            )
        }
        let fault = try #require(try await reader(old).verify().fault)
        #expect(fault.sequence == 2 && fault.kind == .altered)
        #expect(try await reader().verify().fault == nil)
    }

    @Test(
        "can't be read at another place, nor with a bit changed",
        arguments: [
            "UPDATE content SET text = (SELECT text FROM content WHERE record = 1) WHERE record = 2",
            "UPDATE content SET text = substr(text, 1, 20) || 'AAAA' || substr(text, 25) WHERE record = 2",
            "UPDATE content SET text = 'good morning' WHERE record = 2",
        ]
    )
    func tampering(change: String) async throws {
        let store = try store([old])
        let records = [Fixture.record(), Fixture.record(at: 1)]
        for record in records { try await store.record(record) }
        try await store.pool.write { db in try db.execute(sql: change) }
        let id = records[1].decision.id.description
        await #expect(throws: AuditError.unreadableRecord(id: id)) { try await reader(old).entry(id) }
        #expect(try await reader(old).verify().fault?.sequence == 2)
        #expect(try await reader(old).entry(records[0].decision.id.description).content.first?.text == "good morning")
    }

    @Test("leave no salt beside them, by which a short text could be guessed")
    func salts() async throws {
        let store = try store([old])
        for place in 0..<2 { try await store.record(Fixture.record(at: Double(place), text: "yes")) }
        let (salts, texts) = try await store.pool.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(salt) FROM content"),
                try String.fetchAll(db, sql: "SELECT text FROM content")
            )
        }
        // The same text is another one each time.
        #expect(salts == 0 && Set(texts).count == 2)
    }

    @Test("are encrypted beside the store too")
    func spilled() async throws {
        let store = try store([old], spills: true)
        try await store.record(Fixture.record(text: "first"))
        try await store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        let long = "marzipan " + String(repeating: "word ", count: 20000)
        try await store.record(Fixture.record(at: 1, text: long))
        #expect(store.counts.spilled == 1)
        #expect(try !files(hold: "marzipan"))
        #expect(try !files(hold: "word word"))
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = 1000000") }
        try store.close()
        #expect(try await texts(reader(old)) == ["first", long])
        #expect(try await reader(old).verify().fault == nil)
    }

    @Test("have keys from a file of the owner's or from the environment, the newest last")
    func keys() throws {
        func text(_ key: SymmetricKey) -> String { key.withUnsafeBytes { Data($0).base64EncodedString() } }
        let path = folder.file("keys")
        try Data("\(text(old))\n\(text(new))\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(try AuditTextKeys(setting: path, environment: [:]).newestID == newID)
        let variable = ["KEYS": "\(text(new)),\(text(old))"]
        #expect(try AuditTextKeys(setting: "env:KEYS", environment: variable).newestID == oldID)
        #expect(oldID.count == 8)
        #expect(oldID != newID)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect { try AuditTextKeys(setting: path, environment: [:]) } throws: { "\($0)".contains("chmod 600") }
        for bad in ["", "short", Data(repeating: 1, count: 31).base64EncodedString(), "\(text(old)) x"] {
            #expect { try AuditTextKeys(setting: "env:KEYS", environment: ["KEYS": bad]) } throws: { error in
                "\(error)".contains("openssl rand") && (bad.isEmpty || !"\(error)".contains(bad))
            }
        }
    }
}
