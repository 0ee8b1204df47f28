import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("the way to a list of records")
struct AccessWayTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore
    let reader: SQLiteAuditReader

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        reader = try SQLiteAuditReader(path: folder.file())
    }

    static let ways: [(filter: AuditFilter, index: String)] = [
        (AuditFilter(results: [.block]), "record_outcome"),
        (AuditFilter(results: [.block, .flag]), "record_outcome"),
        (AuditFilter(results: [.upstreamTimeout]), "record_failure"),
        (AuditFilter(rule: "b"), "verdict_telling"),
        (AuditFilter(requestID: "r"), "record_request"),
        (filter { $0.scores = [ScoreCondition(rule: "b", lower: .init(0.5, isInclusive: false))] }, "verdict_telling"),
        (filter { $0.failMode = .open }, "record_failed"),
        (filter { $0.isUnscanned = true }, "record_unscanned"),
        (filter { $0.tenant = "north" }, "record_tenant"),
        (filter { $0.model = "gpt-y" }, "name_place"),
        (filter { $0.model = "gpt-y*" }, "FALSE"),
        (filter { $0.revision = "ab" }, "FALSE"),
        (AuditFilter(cause: .unscanned), "name_place"),
        (filter { $0.id = "ffff" }, "sqlite_autoindex_record"),
    ]

    private static func filter(_ set: (inout AuditFilter) -> Void) -> AuditFilter {
        var filter = AuditFilter()
        set(&filter)
        return filter
    }

    @Test("is the index that leaves the fewest", arguments: ways.indices)
    func indexes(index: Int) async throws {
        for offset in 0..<20 { try await store.record(Fixture.record(at: Double(offset))) }
        let (filter, name) = Self.ways[index]
        let plan = try await reader.plan(filter, limit: 5, after: nil)
        #expect(plan.contains(name), "\(plan)")
        #expect(!plan.contains("SCAN r\n"), "\(plan)")
        var common = filter
        common.direction = .prompt
        #expect(try await reader.plan(common, limit: 5, after: nil).contains(name))
    }

    @Test("is along the records where that is no longer")
    func walk() async throws {
        for offset in 0..<3 { try await store.record(Fixture.record(at: Double(offset))) }
        let plan = try await reader.plan(Self.filter { $0.tenant = "default" }, limit: 5, after: nil)
        #expect(plan.contains("INTEGER PRIMARY KEY") && !plan.contains("record_tenant ("))
        let old = try DatabaseQueue(path: folder.file())
        try await old.write { db in try db.execute(sql: "DROP TABLE clock") }
        let late = AuditFilter(since: Fixture.time.addingTimeInterval(2))
        #expect(try await SQLiteAuditReader(path: folder.file()).list(late).entries.count == 1)
    }

    @Test("through a span of time misses nothing where the clock was set back")
    func clock() async throws {
        let offsets: [Double] = [0, 10, 20, 5, 15, 100, 60, 61, 62, 110, 9, 120, 119.5, 121]
        for offset in offsets { try await store.record(Fixture.record(at: offset, requestID: "\(offset)")) }
        let behind = try await store.pool.read { db in try Int.fetchOne(db, sql: "SELECT behind FROM clock") }
        #expect(behind == 101_000_000)
        for since in [-1.0, 0, 7, 16, 60.5, 99, 119.7, 130] {
            for until in [-1.0, 3, 16, 61.5, 101, 119.7, 200] where since < until {
                let filter = AuditFilter(
                    since: Fixture.time.addingTimeInterval(since),
                    until: Fixture.time.addingTimeInterval(until)
                )
                let found = try await reader.list(filter, limit: 100).entries.map(\.requestID)
                let expected = offsets.filter { $0 >= since && $0 < until }.reversed().map { "\($0)" }
                #expect(found == expected, "\(since) to \(until)")
            }
        }
    }

    @Test("knows how far the clock was behind in a file of an older version")
    func migration() async throws {
        for offset in [0.0, 30, 10, 40] { try await store.record(Fixture.record(at: offset)) }
        try store.close()
        let old = try DatabaseQueue(path: folder.file())
        try await old.write { db in
            try db.execute(
                sql: """
                    DROP TABLE clock; ALTER TABLE record DROP COLUMN rules;
                    DROP INDEX record_outcome; DROP INDEX record_failure; DROP INDEX record_failed;
                    DROP INDEX record_unscanned; DROP INDEX record_tenant;
                    CREATE INDEX record_notable ON record (time);
                    DELETE FROM grdb_migrations WHERE identifier IN ('9-ways', '12-rules')
                    """
            )
        }
        try old.close()
        let again = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        let behind = try await again.pool.read { db in try Int.fetchOne(db, sql: "SELECT behind FROM clock") }
        #expect(behind == 20_000_000)
    }

    @Test("to what has a rare name misses nothing and keeps the order", arguments: 0..<10)
    func names(index: Int) async throws {
        let receipts = (0..<700).map { place in
            var record = Fixture.record(at: Double(place), requestID: "\(place)")
            record.model = place % 97 == 5 ? "rare-\(place % 2)" : place % 3 == 0 ? nil : "common?"
            record.route = place % 300 == 5 || place == 690 ? "/odd" : "/even"
            if place > 600 { record.decision.policyRevision = "ab12" }
            return store.take(record)
        }
        try await receipts.last?.durable()
        let filters = [
            Self.filter { $0.model = "rare-0" }, Self.filter { $0.model = "rare-*" },
            Self.filter { $0.model = "*re-1" },
            Self.filter { $0.model = "common?" }, Self.filter { $0.model = "commonx" },
            Self.filter { $0.route = "/odd" },
            Self.filter { ($0.route, $0.model) = ("/odd", "rare-1") },
            Self.filter { ($0.route, $0.revision) = ("/odd", "AB") },
            Self.filter { ($0.cause, $0.model, $0.requestID) = (Cause.none, "rare-1", "5") },
            Self.filter { ($0.model, $0.since) = ("rare-*", Fixture.time.addingTimeInterval(300)) },
        ]
        let filter = filters[index]
        let all = try await reader.list(AuditFilter(since: filter.since), limit: 1000).entries
        let expected = all.filter { entry in
            let isModel = filter.model.map { model in
                model.contains("*")
                    ? entry.model?.hasPrefix("rare-") == true
                        && (model == "rare-*" || entry.model?.hasSuffix("1") == true)
                    : entry.model == model
            }
            return isModel ?? true && filter.route.map { $0 == entry.route } ?? true
                && filter.revision.map { entry.decision.policyRevision.hasPrefix($0.lowercased()) } ?? true
                && filter.requestID.map { $0 == entry.requestID } ?? true
        }
        #expect(expected.isEmpty == (index == 4))
        var found: [AuditEntry] = []
        var cursor: AuditCursor?
        repeat {
            let page = try await reader.list(filter, limit: 3, after: cursor)
            found += page.entries
            cursor = page.next
        } while cursor != nil
        #expect(found.map(\.requestID) == expected.map(\.requestID))
        let stretch = try await reader.records(after: .start, filter, limit: 1000)
        #expect(stretch.entries == found.reversed())
    }

    @Test("by name is known in a file of an older version, and after its oldest records are gone")
    func namesOfOlderFiles() async throws {
        func rows(_ db: any DatabaseReader) async throws -> [String] {
            try await db.read { db in
                try String.fetchAll(db, sql: "SELECT kind || ' ' || name || ' ' || stretch FROM name_place ORDER BY 1")
            }
        }
        let key = AuditSigningKey()
        let sealed = try SQLiteAuditStore(
            path: folder.file("sealed.sqlite"),
            keeper: Fixture.keeper(),
            sealing: AuditSealing(key: key, interval: 300)
        )
        let receipts = (0..<300).map { place in
            var record = Fixture.record(at: Double(place))
            record.model = place == 3 ? "old" : "new"
            return sealed.take(record)
        }
        try await receipts.last?.durable()
        let written = try await rows(sealed.pool)
        #expect(written.contains("model old 0") && written.contains("model new 1") && written.count == 9)
        try sealed.close()
        let old = try DatabaseQueue(path: folder.file("sealed.sqlite"))
        try await old.write { db in
            try db.execute(
                sql: "DROP TABLE name_place; DELETE FROM grdb_migrations WHERE identifier = '13-names'"
            )
        }
        try old.close()
        let upkeep = try SQLiteAuditUpkeep(path: folder.file("sealed.sqlite"))
        let again = try DatabaseQueue(path: folder.file("sealed.sqlite"))
        #expect(try await rows(again) == written)
        try await SQLiteAuditStore(path: folder.file("sealed.sqlite"), keeper: Fixture.keeper())
            .record(Fixture.record(at: 1000))
        _ = try await upkeep.prune(before: Fixture.time.addingTimeInterval(900), by: "anna")
        #expect(try await rows(again).allSatisfy { $0.hasSuffix(" 1") })
    }
}
