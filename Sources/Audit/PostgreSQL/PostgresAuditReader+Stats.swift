import Foundation
import Moderation

extension PostgresAuditReader {
    package func stats(_ filter: AuditFilter) async throws -> AuditStats {
        try await read { session in
            let conditions = try Conditions(filter, session)
            let records = try RecordCounts(session, conditions, by: "tenant")
            let rules = try RuleCounts(session, conditions)
            return AuditStats(
                total: records.total,
                first: records.first,
                last: records.last,
                results: AuditResult.allCases.compactMap { result in
                    records.results[result.rawValue].map { AuditStats.ResultCount(result: result, count: $0) }
                },
                rules: rules.rules,
                scores: rules.scores,
                hours: records.hours,
                tenants: Array(AuditStats.GroupCount.busiest(records.groups).prefix(10)),
                guardUnavailable: records.guardUnavailable,
                failedOpen: records.failedOpen,
                judging: try RecordCounts.judging(session, conditions)
            )
        }
    }

    package func top(_ key: TopKey, _ filter: AuditFilter, limit: Int) async throws -> AuditTop {
        try await read { session in
            let conditions = try Conditions(filter, session)
            guard key != .rule else {
                return .rules(Array(try RuleCounts(session, conditions).rules.prefix(limit)))
            }
            let groups = try RecordCounts(session, conditions, by: key.column).groups
            return .groups(Array(AuditStats.GroupCount.busiest(groups).prefix(limit)))
        }
    }
}

/// Counts of records, which the server makes in one pass.
private struct RecordCounts {
    private(set) var total = 0
    private(set) var first: Date?
    private(set) var last: Date?
    private(set) var guardUnavailable = 0
    private(set) var failedOpen = 0
    private(set) var results: [String: Int] = [:]
    private(set) var hours: [AuditStats.HourCount] = []
    private(set) var groups: [String: OutcomeCounts] = [:]

    /// - Parameter column: what they are counted apart by too.
    init(_ session: PostgresSession, _ conditions: Conditions, by column: String) throws {
        let sql = """
            SELECT grouping(result, hour, name) AS level, result, hour, name, count(*) AS total,
                count(*) FILTER (WHERE outcome = 'flag') AS flag, count(*) FILTER (WHERE outcome = 'redact') AS redact,
                count(*) FILTER (WHERE outcome = 'block') AS block,
                count(*) FILTER (WHERE \(Schema.failure) AND result <> 'observed') AS failed,
                min(time) AS first, max(time) AS last,
                count(*) FILTER (WHERE cause IN ('guard_unavailable', 'overloaded')) AS guard,
                count(*) FILTER (WHERE fail_mode = 'open') AS open
            FROM (
                SELECT r.time, r.outcome, r.result, r.cause, r.fail_mode, floor(r.time / 3600000000.0)::bigint AS hour,
                    coalesce(r.\(column), '') AS name
                FROM record r\(conditions.clause)
            ) AS counted
            GROUP BY GROUPING SETS ((result), (hour), (name), ())
            ORDER BY level, hour
            """
        for row in try session.rows(sql, conditions.arguments) {
            // Bits of what a row is not counted apart by: result 4, hour 2, name 1.
            switch row["level"] as Int {
            case 3: results[row["result"]] = row["total"]
            case 5:
                let start = Date(timeIntervalSince1970: Double(row["hour"] as Int64) * 3600)
                hours.append(AuditStats.HourCount(start: start, counts: OutcomeCounts(row)))
            case 6: groups[row["name"]] = OutcomeCounts(row)
            default:
                total = row["total"]
                first = (row["first"] as Int64?).map { Date(microseconds: $0) }
                last = (row["last"] as Int64?).map { Date(microseconds: $0) }
                guardUnavailable = row["guard"]
                failedOpen = row["open"]
            }
        }
    }

    /// Time spent judging; nil when there is no record.
    static func judging(_ session: PostgresSession, _ conditions: Conditions) throws -> AuditStats.Judging? {
        func share(_ share: Double) -> String { "percentile_disc(\(share)) WITHIN GROUP (ORDER BY r.judging_ms)" }
        let sql = """
            SELECT \(share(0.5)) AS median, \(share(0.9)) AS p90, \(share(0.99)) AS p99, max(r.judging_ms) AS most
            FROM record r\(conditions.clause)
            """
        guard let row = try session.rows(sql, conditions.arguments).first, let most: Double = row["most"] else {
            return nil
        }
        return AuditStats.Judging(median: row["median"], p90: row["p90"], p99: row["p99"], most: most)
    }
}

extension OutcomeCounts {
    fileprivate init(_ row: PostgresRow) {
        self.init(
            total: row["total"],
            flag: row["flag"],
            redact: row["redact"],
            block: row["block"],
            failed: row["failed"]
        )
    }
}

/// Counts of what rules said that stands out.
private struct RuleCounts {
    private(set) var rules: [AuditStats.RuleCount] = []
    private(set) var scores: [AuditStats.ScoreHistogram] = []

    private static let telling = "(\(Schema.telling(of: "v.")))"

    init(_ session: PostgresSession, _ conditions: Conditions) throws {
        let source = "FROM record r JOIN verdict v ON \(session.dialect.belongs("v"))"
        let sql = """
            SELECT v.rule, count(*) FILTER (WHERE v.error IS NOT NULL) AS errors,
                count(*) FILTER (WHERE v.mode = 'enforce' AND v.outcome = 'flag') AS flag,
                count(*) FILTER (WHERE v.mode = 'enforce' AND v.outcome = 'redact') AS redact,
                count(*) FILTER (WHERE v.mode = 'enforce' AND v.outcome = 'block') AS block,
                count(*) FILTER (WHERE v.mode <> 'enforce' AND v.outcome <> 'allow') AS shadow,
                max(v.record) FILTER (WHERE v.score IS NOT NULL) AS scored
            \(source)\(conditions.clause(and: [Self.telling])) GROUP BY v.rule ORDER BY v.rule
            """
        let buckets = try Self.buckets(session, source, conditions)
        let precision = try Self.precision(session, source, conditions)
        for row in try session.rows(sql, conditions.arguments) {
            let rule: String = row["rule"]
            var count = AuditStats.RuleCount(
                rule: rule,
                flag: row["flag"],
                redact: row["redact"],
                block: row["block"],
                shadow: row["shadow"],
                errors: row["errors"]
            )
            count.precision = precision[rule]
            if count.fired + count.errors > 0 { rules.append(count) }
            guard let scored: Int64 = row["scored"] else { continue }
            var histogram = AuditStats.ScoreHistogram(rule: rule)
            histogram.counts = buckets[rule] ?? histogram.counts
            // Thresholds change; those of the newest record are drawn.
            let sql = "SELECT flag_threshold, block_threshold FROM verdict WHERE record = ? AND rule = ?"
            let thresholds = try session.rows(sql, [scored, rule]).first
            histogram.flag = thresholds?["flag_threshold"]
            histogram.block = thresholds?["block_threshold"]
            scores.append(histogram)
        }
        rules.sort { ($1.fired, $0.rule) < ($0.fired, $1.rule) }
    }

    private static func buckets(
        _ session: PostgresSession,
        _ source: String,
        _ conditions: Conditions
    ) throws -> [String: [Int]] {
        let count = AuditStats.ScoreHistogram(rule: "").counts.count
        let sql = """
            SELECT v.rule, least(\(count - 1), greatest(0, floor(v.score * \(count))))::bigint AS bucket, count(*) AS total
            \(source)\(conditions.clause(and: [telling, "v.score IS NOT NULL"])) GROUP BY v.rule, bucket
            """
        return try session.rows(sql, conditions.arguments).reduce(into: [:]) { buckets, row in
            buckets[row["rule"], default: Array(repeating: 0, count: count)][row["bucket"]] = row["total"]
        }
    }

    /// How often each rule was right where somebody said so, as `Precision` counts it in a file.
    private static func precision(
        _ session: PostgresSession,
        _ source: String,
        _ conditions: Conditions
    ) throws -> [String: Proportion] {
        let labelled = conditions.clause(and: [
            "r.sequence IN (SELECT record FROM label)", "v.outcome <> 'allow'", "v.mode = 'enforce'", "v.error IS NULL",
        ])
        let sql = """
            SELECT rule, count(*) AS total, count(*) FILTER (WHERE finding = 'right') AS right FROM (
                SELECT v.rule, \(Precision.finding) AS finding \(source)\(labelled)
            ) AS said WHERE finding IS NOT NULL GROUP BY rule
            """
        return try session.rows(sql, conditions.arguments).reduce(into: [:]) { proportions, row in
            proportions[row["rule"]] = Proportion(row["right"], of: row["total"])
        }
    }
}
