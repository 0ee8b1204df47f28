import GRDB
import Moderation

/// Counts what the rules said of some records: what stands out, which is what the index of verdicts holds.
struct VerdictTally {
    private(set) var rules: [AuditStats.RuleCount] = []
    private(set) var scores: [AuditStats.ScoreHistogram] = []

    /// - Parameter places: the records; others between the first and the last of them are passed over.
    init(_ db: Database, _ places: PlaceSet) throws {
        guard let bounds = places.bounds else { return }
        let precision = try Precision.byRule(db, places)
        for rule in try Self.rules(db) {
            var count = AuditStats.RuleCount(rule: rule, flag: 0, redact: 0, block: 0, shadow: 0, errors: 0)
            count.precision = precision[rule]
            var histogram = AuditStats.ScoreHistogram(rule: rule)
            var scored: Int64?
            let rows = try RawRows(
                db,
                sql: """
                    SELECT v.record, v.mode, v.outcome, v.score, v.error FROM verdict v
                    WHERE v.rule = ? AND v.record BETWEEN ? AND ? AND (\(Schema.telling)) ORDER BY v.record
                    """,
                arguments: [rule, bounds.lowerBound, bounds.upperBound]
            )
            while try rows.next() {
                let record = rows.integer(0)
                guard places.contains(record) else { continue }
                if !rows.isNull(4) { count.errors += 1 }
                count.add(rows.initial(2), isEnforced: rows.initial(1) == UInt8(ascii: "e"))
                if !rows.isNull(3) {
                    histogram.add(rows.number(3))
                    scored = record
                }
            }
            if count.fired + count.errors > 0 { rules.append(count) }
            guard let scored else { continue }
            // Thresholds change; those of the newest record are drawn.
            let sql = "SELECT flag_threshold, block_threshold FROM verdict WHERE record = ? AND rule = ?"
            let thresholds = try Row.fetchOne(db, sql: sql, arguments: [scored, rule])
            histogram.flag = thresholds?[0]
            histogram.block = thresholds?[1]
            scores.append(histogram)
        }
        rules.sort { ($1.fired, $0.rule) < ($0.fired, $1.rule) }
    }

    /// Every rule that ever said something that stands out, in order; found one after the other in the index.
    private static func rules(_ db: Database) throws -> [String] {
        var rules: [String] = []
        let sql = "SELECT v.rule FROM verdict v WHERE v.rule > ? AND (\(Schema.telling)) ORDER BY v.rule LIMIT 1"
        while let rule = try String.fetchOne(db, sql: sql, arguments: [rules.last ?? ""]) { rules.append(rule) }
        return rules
    }
}

extension AuditStats.RuleCount {
    /// - Parameter outcome: the first letter of its name.
    fileprivate mutating func add(_ outcome: UInt8, isEnforced: Bool) {
        switch outcome {
        case UInt8(ascii: "a"): break
        case _ where !isEnforced: shadow += 1
        case UInt8(ascii: "f"): flag += 1
        case UInt8(ascii: "r"): redact += 1
        default: block += 1
        }
    }
}
