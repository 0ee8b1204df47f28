import Audit
import Foundation
import Moderation
import TestPostgres
import Testing

@Suite("the PostgreSQL audit store")
struct PostgresAuditStoreTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ address: PostgresAddress,
        sealing: AuditSealing? = nil,
        spill: String = "spill",
        spills: Bool = false
    ) throws -> PostgresAuditStore {
        try PostgresAuditStore(
            address,
            keeper: Fixture.keeper(.full),
            sealing: sealing,
            spill: folder.file(spill),
            spills: spills
        )
    }

    @Test("takes records of several gateways that start at once, each into a chain of its own")
    func severalWriters() async throws {
        let address = try PostgresServer.shared.get().makeDatabase()
        let stores = try await withThrowingTaskGroup(of: PostgresAuditStore.self) { group in
            for index in 0..<3 { group.addTask { try open(address, spill: "spill-\(index)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<90 {
                group.addTask {
                    try await stores[index % 3].record(Fixture.record(at: Double(index), requestID: "\(index)"))
                }
            }
            try await group.waitForAll()
        }
        let report = try await stores[0].verify()
        #expect(report.fault == nil && report.records == 90)
        #expect(report.chains.map(\.records) == [30, 30, 30])
        let entries = try await stores[0].list(limit: 100).entries
        #expect(Set(entries.map(\.requestID)).count == 90)
        #expect(Set(entries.map(\.chain)) == [1, 2, 3])
        #expect(Set(entries.map(\.place)).count == 90)
    }

    @Test("is followed without a gap, whichever gateway commits first")
    func following() async throws {
        let address = try PostgresServer.shared.get().makeDatabase()
        let (first, second) = (try open(address), try open(address, spill: "other"))
        var position = try await first.reader.position()
        var seen: [String] = []
        for round in 0..<4 {
            try await second.record(Fixture.record(requestID: "b\(round)"))
            try await first.record(Fixture.record(requestID: "a\(round)"))
            while true {
                let stretch = try await first.reader.records(after: position, AuditFilter(), limit: 1)
                if stretch.entries.isEmpty { break }
                seen += stretch.entries.map(\.requestID)
                position = try AuditPosition(stretch.end.description)
            }
        }
        #expect(seen.sorted() == (0..<4).flatMap { ["a\($0)", "b\($0)"] }.sorted())
        #expect(position == (try await second.reader.position()))
    }

    @Test("goes on with a chain that another gateway let go")
    func takingOver() async throws {
        let address = try PostgresServer.shared.get().makeDatabase()
        let first = try open(address)
        try await first.record(Fixture.record())
        try first.close()
        let second = try open(address)
        try await second.record(Fixture.record(at: 1))
        let report = try await second.verify()
        #expect(report.records == 2 && report.chains.isEmpty && report.fault == nil)
    }

    @Test(
        "signs checkpoints, and notices what was changed, removed or taken out",
        arguments: [
            "UPDATE gatehouse.record SET outcome = 'allow' WHERE writer_sequence = 3",
            "DELETE FROM gatehouse.record WHERE writer_sequence = 3",
            "DELETE FROM gatehouse.verdict WHERE place = 0",
            "UPDATE gatehouse.content SET text = 'good night' WHERE text IS NOT NULL",
            "DELETE FROM gatehouse.checkpoint WHERE number = 1",
            "DELETE FROM gatehouse.record; UPDATE gatehouse.chain SET writer = 2",
        ]
    )
    func tampering(sql: String) async throws {
        let server = try PostgresServer.shared.get()
        let address = try server.makeDatabase()
        let key = AuditSigningKey()
        let store = try open(address, sealing: AuditSealing(key: key, interval: 2))
        let verdicts = [Fixture.verdict("a", .flag)]
        for offset in 0..<5 { try await store.record(Fixture.record(at: Double(offset), verdicts: verdicts)) }
        let report = try await store.verify(ChainEvidence(keys: [key.publicKey]))
        #expect(report.fault == nil && report.checkpoints == 2 && report.unsealed == 1)
        try server.sql(sql, database: address.database)
        let fault = try #require(try await store.verify().fault)
        #expect(fault.description.hasPrefix("chain "))
    }

    @Test("keeps labels, and counts by them")
    func labels() async throws {
        let address = try PostgresServer.shared.get().makeDatabase()
        let store = try open(address)
        let record = Fixture.record(verdicts: [Fixture.verdict("a", .block)])
        try await store.record(record)
        let id = record.decision.id.description
        #expect(try await store.reader.review(AuditFilter(), margin: 1, limit: 5).count == 1)
        let label = try await store.labels.add(.wrong, to: id, note: "a quotation", actor: "ann")
        let entry = try await store.entry(id)
        #expect(try await store.reader.labels(of: entry) == [label])
        var filter = AuditFilter()
        filter.label = .wrong
        #expect(try await store.list(filter).entries.map(\.requestID) == ["request-1"])
        #expect(try await store.stats(AuditFilter()).rules.first?.precision == Proportion(0, of: 1))
        #expect(try await store.reader.review(AuditFilter(), margin: 1, limit: 5).isEmpty)
        #expect(try await store.verify().labels == 1)
        guard case .groups(let tenants) = try await store.reader.top(.tenant, AuditFilter(), limit: 3) else {
            Issue.record("expected groups")
            return
        }
        #expect(tenants.map(\.name) == ["default"] && tenants[0].counts.block == 1)
    }

    @Test("takes a character that PostgreSQL has no place for, and any month")
    func oddRecords() async throws {
        let store = try open(try PostgresServer.shared.get().makeDatabase())
        try await store.record(Fixture.record(requestID: "null", text: "a\0b"))
        for years in [-90.0, -30, 5, 200] {
            try await store.record(Fixture.record(at: years * 31_556_952))
        }
        let report = try await store.verify()
        #expect(report.records == 5 && report.fault == nil)
        let entry = try #require(try await store.list(AuditFilter(requestID: "null")).entries.first)
        #expect(entry.content.first?.text == "a\u{2400}b")
    }
}

@Suite("a PostgreSQL server that goes away", .serialized)
struct PostgresAbsenceTests {
    let folder: TemporaryFolder
    let server: PostgresServer

    init() throws {
        folder = try TemporaryFolder()
        server = try PostgresServer(settings: ["fsync = on"])
    }

    private func open(_ address: PostgresAddress, spills: Bool) throws -> PostgresAuditStore {
        try PostgresAuditStore(
            address,
            keeper: Fixture.keeper(.full),
            spill: folder.file("spill"),
            spills: spills
        )
    }

    @Test("in the midst of writing loses nothing that was acknowledged and doubles nothing", arguments: [true, false])
    func killed(spills: Bool) async throws {
        defer { PostgresServer.remove(server.folder) }
        let address = try server.makeDatabase()
        let store = try open(address, spills: spills)
        let acknowledged = try await withThrowingTaskGroup(of: [String].self) { group in
            for task in 0..<8 {
                group.addTask {
                    var kept: [String] = []
                    for index in 0..<150 {
                        let record = Fixture.record(at: Double(index), requestID: "\(task)-\(index)")
                        do {
                            try await store.record(record)
                            kept.append(record.decision.id.description)
                        } catch is AuditError {
                            try await Task.sleep(for: .milliseconds(20))
                        }
                    }
                    return kept
                }
            }
            for _ in 0..<2 {
                try await Task.sleep(for: .milliseconds(300))
                kill(try server.process, SIGKILL)
                try await Task.sleep(for: .milliseconds(200))
                try server.start()
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        if spills { #expect(acknowledged.count == 1200) }
        // What was spilled goes in with the next record, or when the store is closed.
        for _ in 0..<50 where store.counts.spilled > 0 { try await Task.sleep(for: .milliseconds(200)) }
        try store.close()
        #expect(!FileManager.default.fileExists(atPath: folder.file("spill")))
        let database = address.database
        let ids = try server.sql("SELECT id FROM gatehouse.record", database: database).split(separator: "\n").map(
            String.init
        )
        #expect(ids.count == Set(ids).count)
        #expect(Set(acknowledged).subtracting(ids).isEmpty)
        let report = try await AuditLocation.database(address, spill: folder.file("spill")).reader().verify()
        #expect(report.fault == nil && report.records == ids.count)
    }

    @Test(
        "is waited for as it was chosen: records are refused, with no secret in the error, or kept beside it",
        arguments: [true, false]
    )
    func absence(spills: Bool) async throws {
        defer { PostgresServer.remove(server.folder) }
        let address = try server.makeDatabase()
        let store = try open(address, spills: spills)
        try await store.record(Fixture.record(requestID: "before"))
        try server.stop()
        if spills {
            try await store.record(Fixture.record(requestID: "during", text: "strawberry"))
            #expect(store.counts.spilled == 1)
        } else {
            let error = await #expect(throws: AuditError.self) {
                try await store.record(Fixture.record(requestID: "during", text: "strawberry"))
            }
            let text = try #require(error).description
            #expect(text.contains("can't be reached") && text.contains("127.0.0.1"))
            #expect(!text.contains("s3cret") && !text.contains("strawberry"))
        }
        try server.start()
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline,
            (try? await store.record(Fixture.record(requestID: "after"))) == nil
                || store.counts.spilled > 0
        { try await Task.sleep(for: .milliseconds(200)) }
        let requests = try await store.list().entries.map(\.requestID)
        #expect(requests.last == "before" && requests.first == "after")
        #expect(requests.contains("during") == spills)
        #expect(try await store.verify().fault == nil)
    }
}

@Suite("a connection to a PostgreSQL server")
struct PostgresAddressTests {
    @Test("is encrypted and checked as the string says")
    func encryption() async throws {
        let server = try PostgresServer()
        defer { PostgresServer.remove(server.folder) }
        let plain = try server.makeDatabase("sslmode=require")
        await #expect(throws: AuditError.self) {
            try await AuditLocation.database(plain, spill: "").reader().position()
        }
        let certificate = server.data + "/server.crt"
        try PostgresServer.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost", "-keyout", server.data + "/server.key", "-out", certificate,
        ])
        try PostgresServer.run(["chmod", "600", server.data + "/server.key"])
        if getuid() == 0 { try PostgresServer.run(["chown", "postgres", server.data + "/server.key", certificate]) }
        try server.stop()
        try PostgresServer.run(["sh", "-c", "echo 'ssl = on' >> \(server.folder)/extra.conf"])
        try server.start()
        let url = server.url(plain.database)
        let checked = url.replacing("127.0.0.1", with: "localhost") + "?sslmode=verify-full&sslrootcert=\(certificate)"
        let folder = try TemporaryFolder()
        let store = try PostgresAuditStore(
            PostgresAddress(checked),
            keeper: Fixture.keeper(),
            spill: folder.file("spill")
        )
        try await store.record(Fixture.record())
        let used = try server.sql(
            "SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid <> pg_backend_pid()",
            database: plain.database
        )
        #expect(Int(used.split(separator: "\n")[0]) ?? 0 > 0)
        // Another name than the certificate's, and a certificate that nobody signed for.
        for other in [
            url + "?sslmode=verify-full&sslrootcert=\(certificate)", checked.replacing(certificate, with: "/dev/null"),
        ] {
            let reader = try AuditLocation.database(PostgresAddress(other), spill: "").reader()
            await #expect(throws: AuditError.self) { try await reader.position() }
        }
    }

    @Test("that is refused says so without the password")
    func secrets() async throws {
        let server = try PostgresServer.shared.get()
        let database = try server.makeDatabase().database
        let wrong = server.url(database).replacing("s3cret", with: "wr0ng")
        let error = await #expect(throws: AuditError.self) {
            try await AuditLocation.database(PostgresAddress(wrong), spill: "").reader().position()
        }
        let text = try #require(error).description
        #expect(text.contains("password authentication failed") && !text.contains("wr0ng"))
        let missing = await #expect(throws: AuditError.self) {
            try await AuditLocation.database(PostgresAddress(server.url(database)), spill: "").reader().position()
        }
        #expect(missing == .noStore(database: try PostgresAddress(server.url(database)).description))
        #expect(!(try PostgresAddress(server.url(database)).description.contains("s3cret")))
    }

    @Test(
        "needs a string that can be read, which no error repeats",
        arguments: [
            "postgresql://owner:p@ss@host/db", "postgresql://owner:%zz@host/db", "nonsense", "host=x bogus=secret",
        ]
    )
    func unreadable(text: String) {
        #expect(throws: AuditError.badDatabase) { try PostgresAddress(text) }
        #expect(!AuditError.badDatabase.description.contains(text))
    }
}
