import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("what is noted of names")
struct FacetTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore
    let reader: SQLiteAuditReader

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        reader = try SQLiteAuditReader(path: folder.file())
    }

    /// Two full stretches and a piece of a third: common names, rare ones, and such that never meet.
    private static func record(_ place: Int) -> AuditRecord {
        let isPrompt = place.isMultiple(of: 2)
        var verdicts = [
            Verdict(rule: "quiet", mode: .enforce, outcome: .allow, score: Double(place % 11) / 10),
            Fixture.verdict(isPrompt ? "asked" : "answered", place % 5 == 0 ? .flag : .allow),
        ]
        if place % 4001 == 17 { verdicts.append(Fixture.verdict("rare", .block)) }
        var record = Fixture.record(
            at: Double(place),
            direction: isPrompt ? .prompt : .response,
            verdicts: verdicts,
            requestID: "\(place)",
            ending: place % 3001 == 7 ? .upstreamTimeout : .completed
        )
        record.tenant = "tenant-\(place % 3)"
        record.model = place % 977 == 5 ? "rare-\(place % 2)" : place % 3 == 0 ? nil : "common?"
        record.route = place % 3000 == 5 || place == 8690 ? "/odd" : "/even"
        if place > 8600 { record.decision.policyRevision = "ab12" }
        if place % 2500 == 9 {
            record.decision.coverage = [
                Coverage(pointer: "/x", kind: .image, state: .skipped, reason: "no detector reads image", bytes: 0)
            ]
        }
        return record
    }

    private func fill(_ store: SQLiteAuditStore, _ places: Range<Int> = 0..<8700) async throws {
        let receipts = places.map { store.take(Self.record($0)) }
        try await receipts.last?.durable()
    }

    private static func filters() -> [AuditFilter] {
        let sets: [(inout AuditFilter) -> Void] = [
            { $0.model = "rare-0" }, { $0.model = "rare-*" }, { $0.model = "*re-1" }, { $0.model = "common?" },
            { $0.model = "commonx" }, { $0.route = "/odd" }, { ($0.route, $0.model) = ("/odd", "rare-1") },
            { ($0.route, $0.revision) = ("/odd", "AB") }, { ($0.tenant, $0.model) = ("tenant-0", "common?") },
            { ($0.rule, $0.direction) = ("asked", .response) }, { ($0.rule, $0.direction) = ("asked", .prompt) },
            { ($0.rule, $0.results) = ("rare", [.allow]) }, { $0.rule = "rare" }, { $0.rule = "nobody" },
            { $0.scores = [ScoreCondition(rule: "quiet", lower: .init(0.85, isInclusive: false))] },
            { $0.scores = [ScoreCondition(rule: "quiet", upper: .init(0.05, isInclusive: false))] },
            {
                $0.scores = [ScoreCondition(rule: "quiet", lower: .init(1, isInclusive: true))]
                $0.route = "/odd"
            },
            { $0.isUnscanned = true }, { ($0.isUnscanned, $0.direction) = (true, .prompt) },
            { $0.results = [.upstreamTimeout, .block] },
            { ($0.results, $0.tenant) = ([.flag], "tenant-1") },
            { ($0.tenant, $0.since) = ("tenant-2", Fixture.time.addingTimeInterval(8000)) },
            { ($0.tenant, $0.until) = ("tenant-2", Fixture.time.addingTimeInterval(90)) },
        ]
        return sets.map { set in
            var filter = AuditFilter()
            set(&filter)
            return filter
        }
    }

    /// What the filter means, said once more.
    private static func passes(_ entry: AuditEntry, _ filter: AuditFilter) -> Bool {
        let decision = entry.decision
        func fits(_ value: String?, _ pattern: String?) -> Bool {
            switch pattern {
            case nil: true
            case "rare-*": value?.hasPrefix("rare-") == true
            case "*re-1": value?.hasSuffix("re-1") == true
            default: value == pattern
            }
        }
        let isResult =
            filter.results.isEmpty || filter.results.contains(entry.result)
            || decision.outcome > .allow && filter.results.contains(AuditResult(outcome: decision.outcome))
        return isResult && fits(entry.model, filter.model) && fits(entry.route, filter.route)
            && fits(entry.tenant, filter.tenant) && filter.direction.map { $0 == decision.direction } ?? true
            && filter.revision.map { decision.policyRevision.hasPrefix($0.lowercased()) } ?? true
            && filter.rule.map { rule in decision.verdicts.contains { $0.rule == rule && $0.outcome > .allow } } ?? true
            && (!filter.isUnscanned || decision.coverage.contains { $0.state == .skipped })
            && filter.since.map { decision.time >= $0 } ?? true && filter.until.map { decision.time < $0 } ?? true
            && filter.scores.allSatisfy { condition in
                decision.verdicts.contains { verdict in
                    guard verdict.rule == condition.rule, let score = verdict.score else { return false }
                    let isAbove =
                        condition.lower.map { $0.isInclusive ? score >= $0.score : score > $0.score } ?? true
                    return isAbove && condition.upper.map { score < $0.score } ?? true
                }
            }
    }

    @Test("finds every record that passes, in order, page by page, and counts them")
    func search() async throws {
        try await fill(store)
        let all = try await reader.list(AuditFilter(), limit: 10_000).entries
        #expect(all.count == 8700)
        var sizes: [Int] = []
        for filter in Self.filters() {
            let expected = all.filter { Self.passes($0, filter) }.map(\.requestID)
            sizes.append(expected.count)
            var found: [String] = []
            var cursor: AuditCursor?
            repeat {
                let page = try await reader.list(filter, limit: 400, after: cursor)
                found += page.entries.map(\.requestID)
                cursor = page.next
            } while cursor != nil
            #expect(found == expected, "\(filter)")
            let stretch = try await reader.records(after: .start, filter, limit: 10_000)
            #expect(stretch.entries.map(\.requestID) == expected.reversed(), "\(filter)")
            #expect(try await reader.stats(filter).total == expected.count, "\(filter)")
        }
        // Common ones, rare ones and none at all were among them.
        #expect(sizes.contains { $0 > 1000 } && sizes.contains(0) && sizes.contains { (1...10).contains($0) })
    }

    @Test("finds what people said, by the newest label")
    func labels() async throws {
        try await fill(store, 0..<5000)
        for (place, findings) in [(3, [AuditLabel.Finding.wrong]), (7, [.wrong, .right]), (4500, [.right, .wrong])] {
            let entry = try #require(try await reader.list(AuditFilter(requestID: "\(place)")).entries.first)
            for finding in findings {
                let id = entry.decision.id.description
                _ = try await store.labels.add(finding, to: id, rule: nil, note: nil, actor: "ann", time: Fixture.time)
            }
        }
        var filter = AuditFilter()
        filter.label = .wrong
        #expect(try await reader.list(filter).entries.map(\.requestID) == ["4500", "3"])
        filter.label = .right
        #expect(try await reader.list(filter).entries.map(\.requestID) == ["7"])
    }

    @Test("finds a beginning of ids that many have")
    func ids() async throws {
        try await fill(store, 0..<6000)
        let newest = try #require(try await reader.list(limit: 1).entries.first)
        var filter = AuditFilter()
        filter.id = String(newest.decision.id.description.prefix(4)).uppercased()
        let page = try await reader.list(filter, limit: 10)
        #expect(page.entries.count == 10 && page.entries.first == newest)
        filter.route = "/odd"
        #expect(try await reader.list(filter).entries.map(\.requestID) == ["3005", "5"])
        #expect(try await reader.plan(filter, limit: 5, after: nil).contains("with id 0"))
    }

    @Test("is known in a file of an older version, and goes with the records that are pruned")
    func olderFiles() async throws {
        func rows() async throws -> [String] {
            let file = try DatabaseQueue(path: folder.file("sealed.sqlite"))
            return try await file.read { db in
                let sql = "SELECT kind || ' ' || name || ' ' || stretch || ' ' || hex(places) FROM facet ORDER BY 1"
                return try String.fetchAll(db, sql: sql)
            }
        }
        let sealed = try SQLiteAuditStore(
            path: folder.file("sealed.sqlite"),
            keeper: Fixture.keeper(),
            sealing: AuditSealing(key: AuditSigningKey(), interval: 4500)
        )
        // Where the checkpoint lies that can be pruned to.
        try await fill(sealed, 0..<4600)
        try await fill(sealed, 4600..<8700)
        let written = try await rows()
        // All places of the second stretch have no failure; the piece at the end is not noted.
        #expect(written.contains("fail_mode none 1 ") && !written.contains { $0.contains(" 2 ") })
        try sealed.close()
        let old = try DatabaseQueue(path: folder.file("sealed.sqlite"))
        try await old.write { db in
            try db.execute(
                sql: """
                    DROP TABLE facet; CREATE TABLE name_place (kind TEXT);
                    CREATE INDEX record_outcome ON record (outcome); CREATE INDEX record_failure ON record (result);
                    CREATE INDEX record_failed ON record (fail_mode); CREATE INDEX record_unscanned ON record (time);
                    CREATE INDEX record_tenant ON record (tenant);
                    DELETE FROM grdb_migrations WHERE identifier = '14-facets'
                    """
            )
        }
        try old.close()
        let upkeep = try SQLiteAuditUpkeep(path: folder.file("sealed.sqlite"))
        #expect(try await rows() == written)
        _ = try await upkeep.prune(before: Fixture.time.addingTimeInterval(4650), by: "anna")
        let left = try await rows()
        #expect(!left.isEmpty && left.allSatisfy { $0.contains(" 1 ") || $0.hasSuffix(" 1") })
        let again = try SQLiteAuditReader(path: folder.file("sealed.sqlite"))
        var filter = AuditFilter()
        filter.route = "/odd"
        #expect(try await again.list(filter).entries.map(\.requestID) == ["8690", "6005"])
    }
}
