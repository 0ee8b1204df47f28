import GRDB
import Moderation

/// Counts what the rules said of some records: what stands out, which is what the index of verdicts holds.
///
/// The counts of several parts of them can be added up.
struct VerdictTally: Sendable {
    private struct Rule: Sendable {
        var count: AuditStats.RuleCount
        var histogram: AuditStats.ScoreHistogram
        /// The newest record that has a score.
        var scored: Int64?
        var labels = (right: 0, total: 0)
    }

    private var byRule: [String: Rule] = [:]

    /// Starts with nothing.
    init() {}

    /// - Parameter places: the records; others between the first and the last of them are passed over.
    init(_ db: Database, _ places: PlaceSet) throws {
        guard let bounds = places.bounds else { return }
        let labels = try Precision.byRule(db, places)
        for name in try Self.rules(db) {
            var rule = Rule(
                count: AuditStats.RuleCount(rule: name, flag: 0, redact: 0, block: 0, shadow: 0, errors: 0),
                histogram: AuditStats.ScoreHistogram(rule: name)
            )
            rule.labels = labels[name] ?? (0, 0)
            let rows = try RawRows(
                db,
                sql: """
                    SELECT v.record, v.mode, v.outcome, v.score, v.error FROM verdict v
                    WHERE v.rule = ? AND v.record BETWEEN ? AND ? AND (\(Schema.telling)) ORDER BY v.record
                    """,
                arguments: [name, bounds.lowerBound, bounds.upperBound]
            )
            defer { rows.close() }
            while try rows.next() {
                let record = rows.integer(0)
                guard places.contains(record) else { continue }
                if !rows.isNull(4) { rule.count.errors += 1 }
                rule.count.add(rows.initial(2), isEnforced: rows.initial(1) == UInt8(ascii: "e"))
                if !rows.isNull(3) {
                    rule.histogram.add(rows.number(3))
                    rule.scored = record
                }
            }
            if let scored = rule.scored {
                // Thresholds change; those of the newest record are drawn.
                let sql = "SELECT flag_threshold, block_threshold FROM verdict WHERE record = ? AND rule = ?"
                let thresholds = try Row.fetchOne(db, sql: sql, arguments: [scored, name])
                rule.histogram.flag = thresholds?[0]
                rule.histogram.block = thresholds?[1]
            }
            byRule[name] = rule
        }
    }

    /// Adds the counts of other records.
    mutating func add(_ other: VerdictTally) {
        byRule.merge(other.byRule) { one, other in
            var sum = one
            sum.count.add(other.count)
            sum.labels = (one.labels.right + other.labels.right, one.labels.total + other.labels.total)
            if other.scored ?? .min > one.scored ?? .min {
                sum.scored = other.scored
                (sum.histogram.flag, sum.histogram.block) = (other.histogram.flag, other.histogram.block)
            }
            for step in sum.histogram.counts.indices { sum.histogram.counts[step] += other.histogram.counts[step] }
            return sum
        }
    }

    /// Rules that fired or failed, most often first.
    var rules: [AuditStats.RuleCount] {
        byRule.values.filter { $0.count.fired + $0.count.errors > 0 }
            .map { rule in
                var count = rule.count
                if rule.labels.total > 0 { count.precision = Proportion(rule.labels.right, of: rule.labels.total) }
                return count
            }
            .sorted { ($1.fired, $0.rule) < ($0.fired, $1.rule) }
    }

    /// Scores, in order of the rules' names.
    var scores: [AuditStats.ScoreHistogram] {
        byRule.values.filter { $0.scored != nil }.map(\.histogram).sorted { $0.rule < $1.rule }
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

    fileprivate mutating func add(_ other: AuditStats.RuleCount) {
        flag += other.flag
        redact += other.redact
        block += other.block
        shadow += other.shadow
        errors += other.errors
    }
}
