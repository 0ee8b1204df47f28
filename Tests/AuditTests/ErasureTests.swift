import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("erasing somebody's texts")
struct ErasureTests {
    let folder: TemporaryFolder
    let key = AuditSigningKey()
    let store: SQLiteAuditStore
    let upkeep: SQLiteAuditUpkeep

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper(.full))
        upkeep = try SQLiteAuditUpkeep(path: folder.file())
    }

    @discardableResult
    private func record(_ place: Int, tenant: String = "north", text: String = "good morning") async throws
        -> AuditRecord
    {
        var record = Fixture.record(at: Double(place), requestID: "request-\(place)", text: text)
        record.tenant = tenant
        record.client = "client-\(place)"
        record.conversation = "conversation-\(place)"
        record.decision.channel = "slack/T1/C\(place)"
        try await store.record(record)
        return record
    }

    private func texts() async throws -> [String?] {
        try await store.list().entries.reversed().map { $0.content.first?.text }
    }

    private func change(_ sql: String) async throws {
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: sql) }
    }

    @Test("removes them, and keeps the decision, the digest and the chain")
    func record() async throws {
        for place in 1...3 { try await record(place) }
        let before = try await store.list().entries
        let erasure = try await upkeep.erase(.request("request-2"), by: "anna", key: nil, now: Fixture.time)
        #expect(erasure.records == 1 && erasure.texts == 1 && erasure.isLogEmptied)
        #expect(try await texts() == ["good morning", nil, "good morning"])
        let after = try await store.list().entries
        #expect(after.map(\.decision) == before.map(\.decision))
        #expect(after.map(\.hash) == before.map(\.hash))
        #expect(after[1].content.first?.digest == before[1].content.first?.digest)
        #expect(after.map { $0.content.first?.erasedBy } == [nil, 1, nil])
        #expect(AuditReport.render(after[1]).contains("erased by act 1"))
        let report = try await store.verify()
        #expect(report.records == 3 && report.fault == nil && report.acts == 1 && report.erasedTexts == 1)
        #expect(report.text.contains("acts         1; 1 texts are erased; "))
    }

    @Test("leaves nothing of them in the files, whatever their length, and leaves the others")
    func rawBytes() async throws {
        // Texts of all lengths, some longer than a page, written in turns with those of another tenant.
        for place in 0..<200 {
            let filling = String(repeating: "word ", count: place % 37 * place % 1500)
            try await record(
                place,
                tenant: place % 3 == 0 ? "south" : "north",
                text: "mark\(place)x \(filling) end\(place)x"
            )
        }
        func search() throws -> (north: Int, south: Int) {
            var places: [Int] = []
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let data = try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
                let text = String(decoding: data.map { $0 < 128 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
                places += text.matches(of: /(?:mark|end)([0-9]+)x/).compactMap { Int($0.output.1) }
            }
            return (places.count { $0 % 3 != 0 }, Set(places.filter { $0 % 3 == 0 }).count)
        }
        #expect(try search().north > 250)
        #expect(try await upkeep.erase(.tenant("north"), by: "anna").isLogEmptied)
        var remains = try search()
        #expect(remains.north == 0 && remains.south == 67)
        try store.close()
        remains = try search()
        #expect(remains.north == 0 && remains.south == 67)
    }

    @Test("overwrites the log that held them, while others write")
    func log() async throws {
        let log = folder.file("audit.sqlite-wal")
        func bytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: log)) }
        for place in 0..<50 { try await record(place, text: "mark \(String(repeating: "word ", count: 500))") }
        let before = try bytes()
        #expect(before.range(of: Data("mark word".utf8)) != nil)
        #expect(try await upkeep.overwriteLog())
        #expect(try bytes() == Data(count: before.count))
        // Nothing was lost, and the log is used again.
        #expect(try await texts().compactMap { $0 }.count == 50)
        try await record(50, text: "an end")
        #expect(try bytes().first != 0)
        let reopened = try SQLiteAuditReader(path: folder.file())
        #expect(try await reopened.verify().records == 51)
        let writing = Task { for place in 51..<150 { try await record(place) } }
        for _ in 0..<10 { #expect(try await upkeep.overwriteLog()) }
        try await writing.value
        let report = try await reopened.verify()
        #expect(report.records == 150 && report.fault == nil)
        #expect(try await store.pool.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") } == "ok")
    }

    @Test("says so when somebody reads the log all the time")
    func busyLog() async throws {
        try await record(1)
        let path = folder.file()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN; SELECT count(*) FROM record")
        }
        let log = folder.file("audit.sqlite-wal")
        let before = try Data(contentsOf: URL(fileURLWithPath: log))
        try await record(2)
        #expect(try await !upkeep.overwriteLog())
        #expect(try Data(contentsOf: URL(fileURLWithPath: log)).starts(with: before))
        try await other.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
        #expect(try await upkeep.overwriteLog())
    }

    /// SQL that changes what acts 1 (of records 1 and 2) and 2 (of record 3) did, and what is said of it.
    static let changes: [(sql: String, fault: ChainFault)] = [
        ("UPDATE act SET actor = 'nobody' WHERE number = 1", ChainFault(sequence: 1, id: nil, kind: .actAltered)),
        ("UPDATE act SET time = time + 1 WHERE number = 2", ChainFault(sequence: 2, id: nil, kind: .actAltered)),
        ("DELETE FROM act WHERE number = 1", ChainFault(sequence: 1, id: nil, kind: .actMissing)),
        (
            "UPDATE content SET text = NULL, salt = NULL, erased = 1 WHERE record = 4",
            ChainFault(sequence: 1, id: nil, kind: .actUnfit)
        ),
    ]

    @Test("is named when it was changed", arguments: changes)
    func tampering(change: (sql: String, fault: ChainFault)) async throws {
        for place in 1...4 { try await record(place, tenant: place < 3 ? "north" : "south") }
        _ = try await upkeep.erase(.tenant("north"), by: "anna")
        _ = try await upkeep.erase(.request("request-3"), by: "anna")
        #expect(try await store.verify().fault == nil)
        try await self.change(change.sql)
        #expect(try await store.verify().fault == change.fault)
    }

    @Test("can't be feigned: a text that is gone without an act is a changed record")
    func feigned() async throws {
        for place in 1...3 { try await record(place) }
        _ = try await upkeep.erase(.request("request-1"), by: "anna")
        try await change("UPDATE content SET text = NULL, salt = NULL WHERE record = 2")
        #expect(try await store.verify().fault?.sequence == 2)
        try await change("UPDATE content SET erased = 7 WHERE record = 2")
        #expect(try await store.verify().fault?.sequence == 2)
        #expect(try await store.verify().fault?.kind == .altered)
        try await change("UPDATE content SET text = 'good night' WHERE record = 1")
        #expect(try await store.verify().fault?.sequence == 1)
    }

    @Test("is covered by checkpoints: an act that is taken out is missed")
    func sealed() async throws {
        for place in 1...2 { try await record(place) }
        _ = try await upkeep.erase(.request("request-1"), by: "anna", key: key)
        _ = try await upkeep.erase(.request("request-2"), by: "anna", key: key)
        let checkpoint = try await upkeep.checkpoint(key: key)[0]
        #expect(checkpoint.number == 2 && checkpoint.line.contains(" acts=2:"))
        try await change("DELETE FROM act WHERE number = 2; UPDATE content SET erased = 1")
        let missing = ChainFault(sequence: 2, id: nil, kind: .actMissing)
        #expect(try await store.verify().fault == missing)
        try await change("DELETE FROM checkpoint; DELETE FROM act; UPDATE content SET text = NULL, erased = NULL")
        try await change("UPDATE content SET text_digest = NULL")
        #expect(try await store.verify(ChainEvidence(checkpoints: [checkpoint])).fault?.sequence == 1)
    }

    @Test("is signed when the gateway stops, where it was done without the key")
    func sealedAtClose() async throws {
        let sealed = try SQLiteAuditStore(
            path: folder.file(),
            keeper: Fixture.keeper(.full),
            sealing: AuditSealing(key: key, interval: 1)
        )
        try await sealed.record(Fixture.record())
        _ = try await upkeep.erase(.tenant("default"), by: "anna")
        try sealed.close()
        let line = try await store.pool.read { db in
            try String.fetchOne(db, sql: "SELECT line FROM checkpoint WHERE number = 2")
        }
        #expect(line?.contains(" acts=1:") == true)
        #expect(try await store.verify().fault == nil)
    }
}
