package import Foundation
import Moderation

extension StoreUpkeep {
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
            acts += try await erase(by: actor, key: nil, now: now) { db in
                try TextSelection(kind, olderThan: now.addingTimeInterval(-age), db)
            }
        }
        guard !acts.isEmpty else { return UpkeepResult(acts: [], isLogEmptied: true) }
        if let key { _ = try await checkpoint(key: key, now: now) }
        return UpkeepResult(acts: acts, isLogEmptied: try await sweep())
    }
}

extension StoreReading {
    /// What a policy would do now.
    package func forecast(_ policy: RetentionPolicy, now: Date) async throws -> RetentionForecast {
        var records = 0
        if let age = policy.records { records = try await prunable(before: now.addingTimeInterval(-age)) }
        let old = records
        return try await read { db in
            var texts = 0
            for db in try db.chains {
                for (kind, age) in policy.texts {
                    let selection = try TextSelection(kind, olderThan: now.addingTimeInterval(-age), db)
                    texts += try selection.count(db)
                }
            }
            let used = try db.usedBytes()
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
    /// Texts of a class of decisions, up to the first record of the chain that is not older than a time.
    fileprivate init(_ kind: RetentionPolicy.TextClass, olderThan time: Date, _ db: some StoreAccess) throws {
        let subject = "retention:\(kind.rawValue)"
        let newest = try ChainEnd.fetch(db)?.sequence ?? 0
        let outcomes = kind.outcomes.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        let sql = "SELECT max(last) AS last FROM act WHERE \(db.chain.condition) AND kind = ? AND subject = ?"
        let done = try db.rows(sql, [AuditAct.Kind.erase.rawValue, subject])
        self.init(
            subject: subject,
            records: "r.\(db.chain.place) <= ? AND r.outcome IN (\(outcomes))",
            arguments: [try db.firstPlace(since: time).map { $0 - 1 } ?? newest],
            // What went before needs no look: then, too, every record up to it was old enough.
            start: done.first?["last"] ?? 0
        )
    }

    fileprivate func count(_ db: some StoreAccess) throws -> Int {
        let sql = """
            SELECT count(*) AS texts FROM record r JOIN content c ON \(db.dialect.belongs("c"))
            WHERE \(db.chain.condition) AND r.\(db.chain.place) > ? AND \(records) AND \(texts)
            """
        return try db.rows(sql, [start] + arguments).first?["texts"] ?? 0
    }
}
