import GRDB
import Moderation

extension SQLiteAuditReader {
    /// The decisions that a person should look at: flagged, redacted and borderline ones without a label, the nearest to a
    /// threshold first.
    ///
    /// - Parameters:
    ///   - margin: how far from a threshold a score is still borderline.
    ///   - limit: how many at most.
    public func review(_ filter: AuditFilter, margin: Double, limit: Int) async throws -> [ReviewItem] {
        try await read { db in
            var filter = filter
            filter.label = LabelFilter.none
            var conditions = try Conditions(filter, db)
            conditions.add("(r.outcome IN ('flag', 'redact') OR distance <= ?)", [margin])
            let sql = """
                SELECT r.*, (\(Self.distance)) AS distance FROM record r\(conditions.clause)
                ORDER BY distance IS NULL, distance, r.sequence DESC LIMIT \(max(1, limit))
                """
            return try Row.fetchAll(db, sql: sql, arguments: conditions.arguments)
                .map { row in try ReviewItem(AuditEntry(ChainedRecord(row, db), keys: keys)) }
        }
    }

    /// How near the scores of a record came to a threshold; NULL where there is none.
    private static let distance = """
        SELECT min(min(
            abs(v.score - coalesce(v.flag_threshold, v.block_threshold)),
            abs(v.score - coalesce(v.block_threshold, v.flag_threshold))
        )) FROM verdict v WHERE v.record = r.sequence AND v.score IS NOT NULL AND v.mode = 'enforce'
        """
}
