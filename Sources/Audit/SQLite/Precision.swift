import GRDB
import Moderation

/// How often rules were right where somebody said so.
enum Precision {
    /// What the newest label of the verdict `v` says that speaks of it.
    static let finding = """
        (
            SELECT l.finding FROM label l WHERE l.record = v.record AND (l.rule IS NULL OR l.rule = v.rule)
            ORDER BY l.id DESC LIMIT 1
        )
        """

    /// By rule, over some records: of the decisions in which it acted on the text and which have a label that speaks of it, how many
    /// there are, and of how many the newest such label says right.
    static func byRule(_ db: Database, _ places: PlaceSet) throws -> [String: (right: Int, total: Int)] {
        guard try db.tableExists("label") else { return [:] }
        let rows = try RawRows(
            db,
            sql: """
                SELECT v.record, v.rule, \(finding) AS finding
                FROM (SELECT DISTINCT record FROM label) labelled CROSS JOIN verdict v ON v.record = labelled.record
                WHERE v.outcome <> 'allow' AND v.mode = 'enforce' AND v.error IS NULL AND finding IS NOT NULL
                """,
            arguments: []
        )
        var counts: [String: (right: Int, total: Int)] = [:]
        while try rows.next() {
            guard places.contains(rows.integer(0)) else { continue }
            let isRight = rows.text(2) == AuditLabel.Finding.right.rawValue
            let count = counts[rows.text(1), default: (0, 0)]
            counts[rows.text(1)] = (count.right + (isRight ? 1 : 0), count.total + 1)
        }
        return counts
    }
}
