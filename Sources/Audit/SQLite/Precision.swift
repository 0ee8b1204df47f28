import GRDB
import Moderation

/// How often rules were right where somebody said so.
enum Precision {
    /// By rule, over the records that meet the conditions: of the decisions in which it acted on the text and which have a label
    /// that speaks of it, the share whose newest such label says right.
    static func byRule(_ db: Database, _ conditions: Conditions) throws -> [String: Proportion] {
        guard try db.tableExists("label") else { return [:] }
        let sql = """
            SELECT rule, total(finding = 'right') AS right, count(*) AS total FROM (
                SELECT v.rule AS rule, (
                    SELECT l.finding FROM label l WHERE l.record = v.record AND (l.rule IS NULL OR l.rule = v.rule)
                    ORDER BY l.id DESC LIMIT 1
                ) AS finding
                FROM (SELECT DISTINCT record FROM label) labelled
                CROSS JOIN verdict v ON v.record = labelled.record
                WHERE v.outcome <> 'allow' AND v.mode = 'enforce' AND v.error IS NULL
                    AND EXISTS (SELECT 1 FROM record r\(conditions.clause(and: "r.sequence = v.record")))
            ) WHERE finding IS NOT NULL GROUP BY rule
            """
        return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments)
            .reduce(into: [:]) { $0[$1["rule"]] = Proportion($1["right"], of: $1["total"]) }
    }
}
