package import Foundation

extension StoreUpkeep {
    /// Removes every kept text of a subject; the records, their digests and the chain stay.
    ///
    /// The notes of its labels go too, since they may quote a text. Older copies that the store has of them are removed.
    package func erase(
        _ subject: ErasureSubject,
        by actor: String,
        key: AuditSigningKey?,
        now: Date
    ) async throws -> UpkeepResult {
        let subject = try await reader.read { db in try subject.resolved(db) }
        let acts = try await erase(by: actor, key: key, now: now) { db in
            let condition = subject.condition(db.dialect)
            return TextSelection(
                subject: subject.description,
                records: condition.sql,
                hasNotes: true,
                arguments: [condition.argument]
            )
        }
        return UpkeepResult(acts: acts, isLogEmptied: try await sweep())
    }

    /// Removes kept texts.
    func erase(
        by actor: String,
        key: AuditSigningKey?,
        now: Date,
        select: @escaping @Sendable (Reader.Access) throws -> TextSelection
    ) async throws -> [AuditAct] {
        try await change(.erase, by: actor, key: key, now: now, select: select) { db, selection, records, act in
            let (own, keys) = records.own(db.dialect)
            let sql = """
                UPDATE content SET text = NULL, salt = NULL, key = NULL, erased = ? WHERE \(own) AND text IS NOT NULL
                RETURNING record
                """
            var counts: [Int64: Int] = [:]
            for row in try db.rows(sql, [act, keys]) { counts[row["record"], default: 0] += 1 }
            if selection.hasNotes {
                let (labelled, keys) = db.dialect.isAmong("record", records.map(\.key))
                let noted = try StoredLabel.eraseNotes(db, where: labelled, keys, act: act)
                for record in noted { counts[record, default: 0] += 0 }
            }
            return counts
        }
    }
}
