import Foundation
import GRDB

extension AuditStats {
    /// Counts the records that meet the conditions.
    init(_ db: Database, _ conditions: Conditions) throws {
        let precision = try Precision.byRule(db, conditions)
        func rows(_ sql: String) throws -> [Row] {
            try Row.fetchAll(db, sql: sql, arguments: conditions.arguments)
        }
        let from = "FROM record r\(conditions.clause)"
        let all = try rows(
            """
            SELECT count(*) AS total, min(r.time) AS first, max(r.time) AS last,
                total(r.cause IN ('guard_unavailable', 'overloaded')) AS guard_unavailable,
                total(r.fail_mode = 'open') AS failed_open
            \(from)
            """
        ).first
        total = all?["total"] ?? 0
        first = (all?["first"] as Int64?).map { Date(microseconds: $0) }
        last = (all?["last"] as Int64?).map { Date(microseconds: $0) }
        guardUnavailable = all?["guard_unavailable"] ?? 0
        failedOpen = all?["failed_open"] ?? 0
        let counts = try rows("SELECT r.result AS result, count(*) AS count \(from) GROUP BY r.result")
            .reduce(into: [String: Int]()) { $0[$1["result"]] = $1["count"] }
        results = AuditResult.allCases.compactMap { result in
            counts[result.rawValue].map { ResultCount(result: result, count: $0) }
        }
        rules = try rows(Self.rulesSQL(from: from)).map { row in
            RuleCount(
                rule: row["rule"],
                flag: row["flag"],
                redact: row["redact"],
                block: row["block"],
                shadow: row["shadow"],
                errors: row["errors"],
                precision: precision[row["rule"]]
            )
        }
        hours = try rows(Self.hoursSQL(from: from)).map { row in
            HourCount(
                start: Date(timeIntervalSince1970: Double(row["hour"] as Int64) * 3600),
                total: row["total"],
                flag: row["flag"],
                redact: row["redact"],
                block: row["block"],
                failed: row["failed"]
            )
        }
        let count = total
        func milliseconds(at share: Double) throws -> Double? {
            let place = max(0, Int((Double(count) * share).rounded(.up)) - 1)
            return try rows("SELECT r.judging_ms AS ms \(from) ORDER BY r.judging_ms LIMIT 1 OFFSET \(place)").first?[
                "ms"
            ]
        }
        if count > 0, let median = try milliseconds(at: 0.5), let p99 = try milliseconds(at: 0.99) {
            judging = Judging(median: median, p99: p99)
        }
    }

    private static func rulesSQL(from: String) -> String {
        """
        SELECT v.rule AS rule,
            count(*) FILTER (WHERE v.mode = 'enforce' AND v.outcome = 'flag') AS flag,
            count(*) FILTER (WHERE v.mode = 'enforce' AND v.outcome = 'redact') AS redact,
            count(*) FILTER (WHERE v.mode = 'enforce' AND v.outcome = 'block') AS block,
            count(*) FILTER (WHERE v.mode <> 'enforce' AND v.outcome <> 'allow') AS shadow,
            count(v.error) AS errors
        FROM verdict v
        WHERE (v.outcome <> 'allow' OR v.error IS NOT NULL) AND v.record IN (SELECT r.sequence \(from))
        GROUP BY v.rule
        ORDER BY count(*) FILTER (WHERE v.outcome <> 'allow') DESC, v.rule
        """
    }

    private static func hoursSQL(from: String) -> String {
        """
        SELECT r.time / 3600000000 AS hour, count(*) AS total,
            count(*) FILTER (WHERE r.outcome = 'flag') AS flag,
            count(*) FILTER (WHERE r.outcome = 'redact') AS redact,
            count(*) FILTER (WHERE r.outcome = 'block') AS block,
            count(*) FILTER (WHERE r.result LIKE 'upstream%') AS failed
        \(from)
        GROUP BY hour ORDER BY hour
        """
    }
}
