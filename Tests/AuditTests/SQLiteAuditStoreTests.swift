import Audit
import Dispatch
import Foundation
import GRDB
import Moderation
import Testing

@Suite("the SQLite audit store")
struct SQLiteAuditStoreTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ mode: ContentMode = .redacted) throws -> SQLiteAuditStore {
        try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper(mode))
    }

    @Test("syncs its log at every commit")
    func durability() async throws {
        let store = try open()
        let (synchronous, journal) = try await store.pool.writeWithoutTransaction { db in
            (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
        }
        #expect(synchronous == 2)
        #expect(journal == "wal")
    }

    @Test("writes what arrives together in few transactions, in the order of the chain")
    func groupCommit() async throws {
        let store = try open()
        let gate = DispatchSemaphore(value: 0)
        store.pool.asyncWriteWithoutTransaction { _ in gate.wait() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<400 {
                group.addTask { try await store.record(Fixture.record(at: Double(index), requestID: "\(index)")) }
            }
            while store.counts.waiting < 400 { await Task.yield() }
            gate.signal()
            try await group.waitForAll()
        }
        #expect(store.counts.records == 400)
        #expect(store.counts.transactions == 2)
        #expect(store.counts.waiting == 0)
        let entries = try await store.list(limit: 1000).entries
        #expect(Set(entries.map(\.requestID)).count == 400)
        #expect(Set(entries.map(\.sequence)) == Set(1...400))
        #expect(try await store.verify().records == 400)
        #expect(try await store.verify().fault == nil)
    }

    @Test("can be read by another program while it is written")
    func readersDuringWrites() async throws {
        let store = try open()
        try await store.record(Fixture.record())
        let reader = try SQLiteAuditReader(path: folder.file())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for index in 1...200 { try await store.record(Fixture.record(at: Double(index))) }
            }
            group.addTask {
                var seen = 0
                while seen < 201 {
                    let report = try await reader.verify()
                    #expect(report.fault == nil)
                    #expect(report.records >= seen)
                    seen = report.records
                }
            }
            try await group.waitForAll()
        }
        #expect(try await reader.stats(AuditFilter()).total == 201)
    }

    @Test("goes on with the chain after it was opened again")
    func reopening() async throws {
        let first = try open()
        try await first.record(Fixture.record())
        try first.close()
        #expect(!FileManager.default.fileExists(atPath: folder.file() + "-wal"))
        let second = try open()
        try await second.record(Fixture.record(at: 1))
        #expect(try await second.list().entries.map(\.sequence) == [2, 1])
        #expect(try await second.verify().records == 2)
        try second.close()
        let reader = try SQLiteAuditReader(path: folder.file())
        #expect(try await reader.verify().records == 2)
    }

    @Test("keeps one chain even when two processes write by mistake")
    func twoWriters() async throws {
        let stores = [try open(), try open()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<100 {
                group.addTask { try await stores[index % 2].record(Fixture.record(at: Double(index))) }
            }
            try await group.waitForAll()
        }
        #expect(try await stores[0].verify().records == 100)
        #expect(try await stores[1].verify().fault == nil)
    }

    @Test("writes a record that was taken without anyone waiting for it, and the next one with it")
    func taken() async throws {
        let store = try open()
        let gate = DispatchSemaphore(value: 0)
        store.pool.asyncWriteWithoutTransaction { _ in gate.wait() }
        let first = store.take(Fixture.record())
        let second = store.take(Fixture.record(at: 1))
        #expect(!first.isDoubtful && !second.isDoubtful)
        gate.signal()
        try await second.durable()
        try await first.durable()
        #expect(store.counts.records == 2)
        #expect(store.counts.transactions == 1)
        _ = store.take(Fixture.record(at: 2))
        while store.counts.records < 3 { await Task.yield() }
        #expect(try await store.verify().records == 3)
    }

    @Test("writes a record that was taken before it was closed")
    func takenThenClosed() async throws {
        let store = try open()
        let receipt = store.take(Fixture.record())
        try store.close()
        try await receipt.durable()
        #expect(try await open().verify().records == 1)
    }

    @Test("writes every field of a decision, as JSONEncoder would")
    func decisionJSON() async throws {
        let store = try open()
        var odd = Fixture.fullRecord().decision
        odd.id = DecisionID()
        odd.observed = true
        odd.restored = 2
        odd.channel = "slack/T1/C1"
        odd.screenScore = 1e-7
        odd.judgingMilliseconds = .infinity
        odd.policy = "a \"quoted\" \\ name/ \u{1}\u{8}\u{1F}\u{7F}\n\r\t\u{C} \u{2028} d\u{E9}j\u{E0}"
        odd.verdicts[0].matches = ["b": 2, "a": 1, "B": -3]
        let judgement = Judgement(verdicts: odd.verdicts)
        odd.candidate = CandidateDecision(judgement, policy: PolicySet(name: "next", revision: "r2", rules: []))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        for decision in [Fixture.record().decision, Fixture.fullRecord().decision, odd] {
            var record = Fixture.record()
            record.decision = decision
            try await store.record(record)
            let stored = try await store.pool.read { db in
                try String.fetchOne(db, sql: "SELECT decision FROM record WHERE id = ?", arguments: ["\(decision.id)"])
            }
            #expect(stored == String(decoding: try encoder.encode(decision), as: UTF8.self))
        }
        #expect(try await store.verify().fault == nil)
    }

    @Test("keeps a verdict in a row of its own only where it says something")
    func verdictRows() async throws {
        let store = try open()
        let verdicts = [
            Verdict(rule: "words", mode: .enforce, outcome: .allow),
            Fixture.verdict("harm", .allow),
            Verdict(rule: "insults", mode: .enforce, outcome: .allow, screenedOut: true),
            Verdict(rule: "names", mode: .shadow, outcome: .redact),
            Verdict(rule: "broken", mode: .enforce, outcome: .allow, error: "no answer"),
        ]
        try await store.record(Fixture.record(verdicts: verdicts))
        let (rules, rows) = try await store.pool.read { db in
            (
                try String.fetchOne(db, sql: "SELECT rules FROM record"),
                try String.fetchAll(db, sql: "SELECT rule FROM verdict ORDER BY place")
            )
        }
        #expect(rules == "words =harm ~insults =names =broken")
        #expect(rows == ["harm", "names", "broken"])
        #expect(try await store.list().entries.first?.decision.verdicts == verdicts)
        #expect(try await store.verify().fault == nil)
    }

    @Test("says that it is closed")
    func closing() async throws {
        let store = try open()
        try store.close()
        await #expect(throws: AuditError.closed(path: folder.file())) { try await store.record(Fixture.record()) }
    }

    @Test("says that the disk is full, and goes on once there is space")
    func fullDisk() async throws {
        let store = try open(.full)
        try await store.record(Fixture.record())
        try await store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        let long = String(repeating: "word ", count: 20000)
        await #expect(throws: AuditError.full(path: folder.file())) {
            try await store.record(Fixture.record(at: 1, text: long))
        }
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = 100000") }
        let receipt = store.take(Fixture.record(at: 2, text: long))
        #expect(receipt.isDoubtful)
        try await receipt.durable()
        #expect(try await store.verify().records == 2)
        #expect(try await store.verify().fault == nil)
        #expect(store.counts.failures == 1)
    }

    @Test("finds a model by a pattern although the transaction that first named it was taken back")
    func takenBack() async throws {
        let store = try open(.full)
        try await store.record(Fixture.record())
        try await store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        var record = Fixture.record(at: 1)
        record.model = "rare"
        let gate = DispatchSemaphore(value: 0)
        store.pool.asyncWriteWithoutTransaction { _ in gate.wait() }
        let named = store.take(record)
        let long = store.take(Fixture.record(at: 2, text: String(repeating: "word ", count: 20000)))
        gate.signal()
        for receipt in [named, long] {
            await #expect(throws: AuditError.full(path: folder.file())) { try await receipt.durable() }
        }
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = 100000") }
        try await store.record(record)
        var filter = AuditFilter()
        filter.model = "ra*"
        #expect(try await store.reader.list(filter).entries.map(\.decision.id) == [record.decision.id])
    }

    @Test("makes a file that only its owner can read")
    func permissions() throws {
        _ = try open()
        let permissions = try FileManager.default.attributesOfItem(atPath: folder.file())[.posixPermissions] as? Int
        #expect(permissions == 0o600)
    }
}

@Suite("an audit chain that was tampered with")
struct ChainTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore

    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper(.full))
        for offset in 0..<6 {
            try await store.record(
                Fixture.record(
                    at: Double(offset),
                    verdicts: [Fixture.verdict("a", .flag), Fixture.verdict("b", .allow)]
                )
            )
        }
    }

    /// SQL that changes record 3, and what is said of it.
    static let changes: [(sql: String, kind: ChainFault.Kind)] = [
        ("UPDATE record SET outcome = 'allow' WHERE sequence = 3", .altered),
        ("UPDATE record SET result = 'allow' WHERE sequence = 3", .altered),
        ("UPDATE record SET time = time + 1 WHERE sequence = 3", .altered),
        ("UPDATE record SET status = NULL WHERE sequence = 3", .altered),
        ("UPDATE record SET streamed = 2 WHERE sequence = 3", .altered),
        ("UPDATE record SET decision = replace(decision, 'flag', 'allow') WHERE sequence = 3", .altered),
        ("UPDATE record SET hash = previous_hash WHERE sequence = 3", .altered),
        ("UPDATE record SET previous_hash = hash WHERE sequence = 3", .altered),
        ("UPDATE record SET rules = rules || ' c' WHERE sequence = 3", .altered),
        ("UPDATE record SET rules = NULL WHERE sequence = 3", .altered),
        ("UPDATE verdict SET score = 0.1 WHERE record = 3 AND place = 0", .altered),
        ("DELETE FROM verdict WHERE record = 3 AND place = 1", .altered),
        (
            "INSERT INTO verdict SELECT record, 7, rule, mode, outcome, score, 1, 1, 0, NULL FROM verdict WHERE record = 3",
            .altered
        ),
        ("UPDATE content SET text = 'good night' WHERE record = 3", .altered),
        ("UPDATE content SET text = NULL WHERE record = 3", .altered),
        ("UPDATE content SET masked = '[\"x\"]' WHERE record = 3", .altered),
        ("DELETE FROM content WHERE record = 3", .altered),
        ("DELETE FROM record WHERE sequence = 3", .missing),
        ("DELETE FROM record WHERE sequence >= 3", .missing),
        (
            """
            UPDATE record SET sequence = 99 WHERE sequence = 3; UPDATE record SET sequence = 3 WHERE sequence = 4;
            UPDATE record SET sequence = 4 WHERE sequence = 99
            """, .altered
        ),
    ]

    @Test("names the first bad record", arguments: changes)
    func tampering(change: (sql: String, kind: ChainFault.Kind)) async throws {
        #expect(try await store.verify().fault == nil)
        try await store.pool.writeWithoutTransaction { db in
            // As another program would: SQLite's own tools leave foreign keys off.
            if change.sql.contains("sequence = 99") { try db.execute(sql: "PRAGMA foreign_keys = OFF") }
            let extra = change.sql.hasPrefix("INSERT INTO verdict") ? " AND place = 0" : ""
            try db.execute(sql: change.sql + extra)
        }
        let report = try await store.verify()
        #expect(report.fault?.sequence == 3)
        #expect(report.fault?.kind == change.kind)
        #expect(report.records == 2)
        #expect(report.fault?.description.hasPrefix("record 3 ") == true)
    }

    @Test("shows where somebody rewrote a record with a fitting hash")
    func rewriting() async throws {
        // The record that a forger would write hashes well by itself; the one after it still carries the old hash.
        let other = try TemporaryFolder()
        let forged = try SQLiteAuditStore(path: other.file(), keeper: Fixture.keeper(.full))
        for offset in 0..<6 { try await forged.record(Fixture.record(at: Double(offset))) }
        try forged.close()
        try await store.pool.writeWithoutTransaction { [path = other.file()] db in
            try db.execute(sql: "ATTACH ? AS forged", arguments: [path])
            for table in ["verdict", "content"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE record = 1")
            }
            try db.execute(sql: "DELETE FROM main.record WHERE sequence = 1")
            try db.execute(sql: "INSERT INTO main.record SELECT * FROM forged.record WHERE sequence = 1")
            try db.execute(sql: "INSERT INTO main.verdict SELECT * FROM forged.verdict WHERE record = 1")
            try db.execute(sql: "INSERT INTO main.content SELECT * FROM forged.content WHERE record = 1")
        }
        let report = try await store.verify()
        #expect(report.fault?.kind == .unlinked)
        #expect(report.fault?.sequence == 2)
    }

    @Test("makes a record that can't be read back an error with its id")
    func unreadable() async throws {
        let id = try #require(try await store.list().entries.first).decision.id.description
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE record SET decision = '{' WHERE id = ?", arguments: [id])
        }
        await #expect(throws: AuditError.unreadableRecord(id: id)) { try await store.entry(id) }
    }
}
