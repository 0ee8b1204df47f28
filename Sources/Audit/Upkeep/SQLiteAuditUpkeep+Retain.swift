package import Foundation
import GRDB
import Moderation

extension SQLiteAuditUpkeep {
    /// Erases the texts and deletes the records that a policy doesn't keep any longer.
    ///
    /// Texts go in the order of recording, up to the first record that is not old enough: after the clock was set back one may stay
    /// longer, by as much. Records go in whole stretches, as in ``prune(before:by:key:now:)``.
    package func retain(
        _ policy: RetentionPolicy,
        by actor: String,
        key: AuditSigningKey?,
        now: Date
    ) async throws -> UpkeepResult {
        var acts: [AuditAct] = []
        if let age = policy.records {
            acts += try await delete(.before(now.addingTimeInterval(-age)), by: actor, now: now)
        }
        if let bytes = policy.maxBytes { acts += try await delete(.over(bytes: bytes), by: actor, now: now) }
        for (kind, age) in policy.texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let cutoff = now.addingTimeInterval(-age)
            let selection = try await reader.read { db in try TextSelection(kind, olderThan: cutoff, db) }
            acts += try await erase(selection, by: actor, key: nil, now: now)
        }
        guard !acts.isEmpty else { return UpkeepResult(acts: [], isLogEmptied: true) }
        if let key { _ = try await checkpoint(key: key, now: now) }
        return UpkeepResult(acts: acts, isLogEmptied: try await emptyLog())
    }
}

extension SQLiteAuditReader {
    /// What a policy would do now.
    package func forecast(_ policy: RetentionPolicy, now: Date) async throws -> RetentionForecast {
        var records = 0
        if let age = policy.records { records = try await prunable(before: now.addingTimeInterval(-age)) }
        let old = records
        return try await read { db in
            var texts = 0
            for (kind, age) in policy.texts {
                let selection = try TextSelection(kind, olderThan: now.addingTimeInterval(-age), db)
                let sql = """
                    SELECT count(*) FROM record r JOIN content c ON c.record = r.sequence
                    WHERE r.sequence > \(selection.start) AND \(selection.records) AND \(selection.texts)
                    """
                texts += try Int.fetchOne(db, sql: sql, arguments: selection.arguments) ?? 0
            }
            let used = try StoreSize.used(db)
            return RetentionForecast(
                texts: texts,
                records: old,
                usedBytes: used,
                excessBytes: max(0, used - (policy.maxBytes ?? .max))
            )
        }
    }
}

extension TextSelection {
    /// Texts of a class of decisions, up to the first record that is not older than a time.
    init(_ kind: RetentionPolicy.TextClass, olderThan time: Date, _ db: Database) throws {
        let subject = "retention:\(kind.rawValue)"
        let span = try PlaceSpan(AuditFilter(since: time), db)
        let newest = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM record") ?? 0
        let outcomes = kind.outcomes.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        self.init(
            subject: subject,
            records: "r.sequence <= ? AND r.outcome IN (\(outcomes))",
            arguments: [span.count == 0 ? newest : span.start - 1],
            // What went before needs no look: then, too, every record up to it was old enough.
            start: try Int64.fetchOne(
                db,
                sql: "SELECT max(last) FROM act WHERE kind = ? AND subject = ?",
                arguments: [AuditAct.Kind.erase.rawValue, subject]
            ) ?? 0
        )
    }
}

/// How large the content of a file is, without what was deleted.
enum StoreSize {
    static func used(_ db: Database) throws -> Int {
        func number(_ name: String) throws -> Int { try Int.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
        return (try number("page_count") - number("freelist_count")) * (try number("page_size"))
    }
}
