import GRDB
import Moderation

/// A way to records that may pass a filter, from the last recorded on.
struct AccessWay {
    /// What is read, with the records called `r`.
    var source: String
    /// The place of a record in what is read.
    var place = "r.sequence"
    /// What leads to them; the filter's conditions hold besides.
    var conditions: [String]
    var arguments: SQLArguments = []
    /// What a page is in order of.
    var order = ["r.sequence"]
    /// Whether the index gives them in order; else all of them are sorted.
    var isOrdered = true
    /// What is counted to compare ways, and how many rows each of these stands for; nil counts the source.
    var counted: (table: String, rowsEach: Int64)?

    /// All records, one after the other.
    static var walk: AccessWay { AccessWay(source: "record r NOT INDEXED", conditions: []) }

    /// To none.
    static var nowhere: AccessWay { AccessWay(source: "record r", conditions: ["FALSE"]) }

    /// How far rows are counted.
    static let bound: Int64 = 5000

    /// How many rows there are on this way, up to ``bound``.
    func count(within span: PlaceSpan, _ db: Database) throws -> Int64 {
        let rowsEach = counted?.rowsEach ?? 1
        var (all, arguments) = (conditions, arguments)
        if rowsEach == 1 {
            all.append("\(place) BETWEEN ? AND ?")
            arguments += [span.start, span.end]
        }
        let sql = """
            SELECT count(*) FROM (
                SELECT 1 FROM \(counted?.table ?? source) WHERE \(all.joined(separator: " AND ")) LIMIT \(Self.bound)
            )
            """
        return try (Int64.fetchOne(db, sql: sql, arguments: StatementArguments(arguments)) ?? 0) * rowsEach
    }

    /// The ways that a filter offers, the narrowest kind first; none in a file of an older version.
    static func all(_ filter: AuditFilter, within span: PlaceSpan, _ db: Database) throws -> [AccessWay] {
        guard try db.tableExists("clock") else { return [] }
        var ways: [AccessWay] = []
        if let requestID = filter.requestID {
            ways.append(record("record_request", "r.request_id = ?", [requestID]))
        }
        if let conversation = filter.conversation {
            ways.append(record("record_conversation", "r.conversation = ?", [conversation]))
        }
        if let id = filter.id {
            // The name that SQLite gave the index of a unique column.
            var way = record(
                "sqlite_autoindex_record_1",
                "r.id >= ? AND r.id < ?",
                [id.lowercased(), id.lowercased() + "g"]
            )
            way.isOrdered = false
            ways.append(way)
        }
        if let rule = filter.rule { ways.append(verdict("v.outcome <> 'allow'", [rule])) }
        for score in filter.scores {
            guard let lower = score.lower, lower.score >= AuditStats.ScoreHistogram.least else { continue }
            let least = "v.score >= \(AuditStats.ScoreHistogram.least)"
            ways.append(verdict("\(least) AND v.score >= ?", [score.rule, lower.score]))
        }
        ways += results(filter.results)
        if filter.failMode != nil, filter.failMode != FailMode.none {
            ways.append(record("record_failed", "r.fail_mode = ?", [filter.failMode?.rawValue]))
            ways[ways.count - 1].conditions.append("r.fail_mode <> 'none'")
        }
        if filter.isUnscanned { ways.append(record("record_unscanned", Schema.unscanned, [])) }
        if let tenant = filter.tenant, !tenant.contains("*"), tenant != "default" {
            ways.append(record("record_tenant", "r.tenant = ?", [tenant]))
            ways[ways.count - 1].conditions.append(Schema.tenanted)
        }
        if try db.tableExists("name_place") { ways += try named(filter, within: span, db) }
        return ways
    }

    private static func record(_ index: String, _ condition: String, _ arguments: SQLArguments) -> AccessWay {
        AccessWay(source: "record r INDEXED BY \(index)", conditions: [condition], arguments: arguments)
    }

    private static func verdict(_ condition: String, _ arguments: SQLArguments) -> AccessWay {
        AccessWay(
            source: "verdict v INDEXED BY verdict_telling CROSS JOIN record r ON r.sequence = v.record",
            place: "v.record",
            conditions: ["v.rule = ?", condition],
            arguments: arguments,
            order: ["v.record"],
            counted: (table: "verdict v INDEXED BY verdict_telling", rowsEach: 1)
        )
    }

    /// By outcome where only such are asked for, by failure where only such are.
    private static func results(_ results: Set<AuditResult>) -> [AccessWay] {
        guard !results.isEmpty, !results.contains(.allow) else { return [] }
        let outcomes = results.filter { $0.outcome != nil }
        guard outcomes.isEmpty || outcomes.count == results.count else { return [] }
        let (index, column, part) =
            outcomes.isEmpty
            ? ("record_failure", "r.result", Schema.failure) : ("record_outcome", "r.outcome", Schema.acted)
        let names = results.map(\.rawValue).sorted()
        var way = record(
            index,
            names.count == 1 ? "\(column) = ?" : "\(column) IN (\(names.map { _ in "?" }.joined(separator: ", ")))",
            names
        )
        way.conditions.append(part)
        way.isOrdered = names.count == 1
        return [way]
    }
}
