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

    static let ways: [(filter: AuditFilter, words: String)] = [
        (AuditFilter(results: [.block, .upstreamTimeout]), "with result block or upstream_timeout"),
        (AuditFilter(rule: "b"), "with fired b"),
        (AuditFilter(requestID: "r"), "record_request"),
        (filter { $0.conversation = "c" }, "record_conversation"),
        (
            filter { $0.scores = [ScoreCondition(rule: "b", lower: .init(0.9, isInclusive: false))] },
            "with score 18 b or 19 b"
        ),
        (filter { $0.scores = [ScoreCondition(rule: "b", upper: .init(0.2, isInclusive: true))] }, "with scored b"),
        (filter { $0.failMode = .open }, "with fail_mode open"),
        (filter { $0.isUnscanned = true }, "with unscanned"),
        (filter { $0.tenant = "north" }, "with tenant north"),
        (filter { $0.revision = "ab" }, "with policy_revision"),
        (AuditFilter(cause: .unscanned), "with cause unscanned"),
        (filter { $0.label = .wrong }, "with label wrong"),
        (filter { $0.id = "ffff" }, "sqlite_autoindex_record"),
    ]

    private static func filter(_ set: (inout AuditFilter) -> Void) -> AuditFilter {
        var filter = AuditFilter()
        set(&filter)
        return filter
    }

    @Test("is an index, or what is noted of names", arguments: ways.indices)
    func chosen(index: Int) async throws {
        for offset in 0..<20 { try await store.record(Fixture.record(at: Double(offset))) }
        let (filter, words) = Self.ways[index]
        let plan = try await reader.plan(filter, limit: 5, after: nil)
        #expect(plan.contains(words), "\(plan)")
        #expect(!plan.contains("SCAN r\n"), "\(plan)")
        var common = filter
        common.direction = .prompt
        #expect(try await reader.plan(common, limit: 5, after: nil).contains(words))
    }

    @Test("is along the records where nothing is noted")
    func walk() async throws {
        for offset in 0..<3 { try await store.record(Fixture.record(at: Double(offset))) }
        let plan = try await reader.plan(AuditFilter(text: "good"), limit: 5, after: nil)
        #expect(plan.contains("INTEGER PRIMARY KEY") && !plan.contains("places"))
        let old = try DatabaseQueue(path: folder.file())
        try await old.write { db in try db.execute(sql: "DROP TABLE clock; DROP TABLE facet") }
        let late = AuditFilter(since: Fixture.time.addingTimeInterval(2), results: [.allow])
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
                    DROP TABLE facet; CREATE TABLE name_place (kind TEXT);
                    CREATE INDEX record_notable ON record (time);
                    DELETE FROM grdb_migrations WHERE identifier IN ('9-ways', '12-rules', '14-facets')
                    """
            )
        }
        try old.close()
        let again = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        let behind = try await again.pool.read { db in try Int.fetchOne(db, sql: "SELECT behind FROM clock") }
        #expect(behind == 20_000_000)
    }
}
