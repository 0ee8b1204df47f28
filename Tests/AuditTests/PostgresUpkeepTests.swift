import Audit
import Foundation
import Moderation
import TestPostgres
import Testing

@Suite("looking after a PostgreSQL audit store of several gateways")
struct PostgresUpkeepTests {
    let folder: TemporaryFolder
    let server: PostgresServer
    let address: PostgresAddress
    let key = AuditSigningKey()

    init() throws {
        folder = try TemporaryFolder()
        server = try PostgresServer.shared.get()
        address = try server.makeDatabase()
    }

    private func open(_ name: String = "spill") throws -> PostgresAuditStore {
        try PostgresAuditStore(
            address,
            keeper: Fixture.keeper(.full),
            sealing: AuditSealing(key: key, interval: 2),
            spill: folder.file(name)
        )
    }

    private func time(_ place: Double) -> Date { Fixture.time.addingTimeInterval(place) }

    private func sql(_ text: String) throws -> [String] {
        try server.sql(text, database: address.database).split(separator: "\n").map(String.init)
    }

    /// Partitions of records of the months that fixtures are of.
    private func oldMonths() throws -> [String] {
        try sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'record_2026_0%' ORDER BY 1")
    }

    @Test("deletes stretches of each chain, and erases in each")
    func chains() async throws {
        let stores = [try open(), try open("other")]
        // A second apart, in turns: what is older than the eighth are two stretches of the first chain and one of the other.
        for place in 1...10 {
            let record = Fixture.record(at: Double(place), requestID: "\(place)")
            try await stores[place <= 5 ? 0 : place % 2].record(record)
        }
        #expect(try await stores[0].reader.prunable(before: time(8)) == 6)
        let erased = try await stores[0].upkeep.erase(.tenant("default"), by: "anna")
        #expect(erased.acts.map(\.records) == [8, 2] && erased.isLogEmptied)
        let pruned = try await stores[0].upkeep.prune(before: time(8), by: "anna", key: key)
        #expect(pruned.acts.map(\.records) == [6])
        let later = try await stores[0].upkeep.prune(before: time(11), by: "anna", key: key)
        #expect(later.acts.map(\.records).sorted() == [2, 2])
        let report = try await stores[1].verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.fault == nil && report.records == 0 && report.chains.map(\.pruned) == [8, 2])
        for store in stores { try await store.record(Fixture.record(at: 20)) }
        #expect(try await stores[0].verify().fault == nil)
    }

    @Test("drops a month's partitions with its last record, and a gateway makes them again")
    func partitions() async throws {
        let store = try open()
        for place in 1...2 { try await store.record(Fixture.record(at: Double(place))) }
        for place in 1...2 { try await store.record(Fixture.record(at: Double(place) + 40 * 86400)) }
        try await store.record(Fixture.record(at: 41 * 86400))
        #expect(try oldMonths() == ["record_2026_01", "record_2026_03"])
        #expect(try await store.upkeep.prune(before: time(10), by: "anna").records == 2)
        #expect(try oldMonths() == ["record_2026_03"])
        try await store.record(Fixture.record(at: 3, requestID: "late"))
        #expect(try oldMonths() == ["record_2026_01", "record_2026_03"])
        #expect(try await store.list().entries.first?.requestID == "late")
        // This month and the next stay, though nothing is in them.
        #expect(try sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'gatehouse.record'::regclass") == ["4"])
        #expect(try await store.verify().fault == nil)
    }

    @Test("says so when somebody's older view of the store keeps texts in it, and drops nothing that is in use")
    func olderView() async throws {
        let store = try open()
        for place in 1...2 { try await store.record(Fixture.record(at: Double(place))) }
        for place in 1...3 { try await store.record(Fixture.record(at: Double(place) + 40 * 86400)) }
        let url = server.url(address.database)
        let hold = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM gatehouse.record; SELECT pg_sleep(600)"
        let holder = Task.detached { try? PostgresServer.psql(url, hold) }
        let held = "FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        while try sql("SELECT count(*) \(held)") == ["0"] { try await Task.sleep(for: .milliseconds(50)) }
        let first = try await store.upkeep.prune(before: time(10), by: "anna")
        #expect(first.records == 2 && !first.isLogEmptied)
        #expect(try oldMonths() == ["record_2026_01", "record_2026_03"])
        _ = try sql("SELECT pg_terminate_backend(pid) \(held)")
        _ = await holder.value
        let second = try await store.upkeep.prune(before: time(50 * 86400), by: "anna")
        #expect(second.records == 2 && second.isLogEmptied)
        #expect(try oldMonths() == ["record_2026_03"])
    }

    @Test(
        "destroys no traces: what is not as it was written stays",
        arguments: [
            "UPDATE gatehouse.record SET outcome = 'block' WHERE writer_sequence = 3",
            "DELETE FROM gatehouse.record WHERE writer_sequence = 3",
            "UPDATE gatehouse.content SET text = 'good night' WHERE time = (SELECT max(time) FROM gatehouse.content)",
            "UPDATE gatehouse.checkpoint SET line = replace(line, 'time=', 'time=1') WHERE sequence = 4",
        ]
    )
    func traces(sql: String) async throws {
        let store = try open()
        for place in 1...4 { try await store.record(Fixture.record(at: Double(place))) }
        _ = try self.sql(sql)
        let before = try await store.list().entries.map(\.sequence)
        await #expect { try await store.upkeep.prune(before: time(6), by: "anna") } throws: { error in
            "\(error)".hasPrefix("nothing more was deleted: ") && "\(error)".contains("audit verify")
        }
        #expect(try await store.list().entries.map(\.sequence) == before)
        #expect(try await store.verify().fault != nil)
    }

    @Test("leaves nothing half done when the connection breaks, and ends it the next time")
    func interrupted() async throws {
        let store = try open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<1100 { group.addTask { try await store.record(Fixture.record(at: Double(place))) } }
            try await group.waitForAll()
        }
        /// Has the connection end that is about to commit an act.
        func breaking(atAct number: Int, _ body: () async throws -> Void) async throws {
            _ = try sql(
                """
                CREATE OR REPLACE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON gatehouse.act DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW WHEN (NEW.number = \(number)) EXECUTE FUNCTION leave()
                """
            )
            await #expect(throws: AuditError.self) { try await body() }
            _ = try sql("DROP TRIGGER leave ON gatehouse.act")
        }
        try await breaking(atAct: 2) { _ = try await store.upkeep.erase(.tenant("default"), by: "anna") }
        var report = try await store.verify()
        #expect(report.fault == nil && report.acts == 1 && report.erasedTexts == 1000)
        #expect(try await store.upkeep.erase(.tenant("default"), by: "anna").records == 100)
        try await breaking(atAct: 3) { _ = try await store.upkeep.prune(before: time(9000), by: "anna") }
        report = try await store.verify()
        #expect(report.fault == nil && report.records == 1100 && report.acts == 2)
        #expect(try await store.upkeep.prune(before: time(9000), by: "anna").records == 1100)
        #expect(try await store.verify().fault == nil)
    }
}
