package import Foundation
import GRDB

extension SQLiteAuditUpkeep {
    /// Removes every kept text of a subject; the records, their digests and the chain stay.
    ///
    /// The notes of its labels go too, since they may quote a text. What all of it took in the file is overwritten with zeros, and the log is emptied.
    package func erase(
        _ subject: ErasureSubject,
        by actor: String,
        key: AuditSigningKey?,
        now: Date
    ) async throws -> UpkeepResult {
        let subject = try await reader.read { db in try subject.resolved(db) }
        let condition = subject.condition(.sqlite)
        let selection = TextSelection(
            subject: subject.description,
            records: condition.sql,
            hasNotes: true,
            arguments: [condition.argument]
        )
        let acts = try await erase(selection, by: actor, key: key, now: now)
        return UpkeepResult(acts: acts, isLogEmptied: try await emptyLog())
    }

    /// Removes kept texts.
    func erase(
        _ selection: TextSelection,
        by actor: String,
        key: AuditSigningKey?,
        now: Date
    ) async throws -> [AuditAct] {
        try await change(selection, .erase, by: actor, key: key, now: now) { db, record, act in
            let update = try db.cachedStatement(
                sql: """
                    UPDATE content SET text = NULL, salt = NULL, key = NULL, erased = ?
                    WHERE record = ? AND text IS NOT NULL
                    """
            )
            try update.execute(arguments: [act, record.place.sequence])
            let texts = db.changesCount
            let place = record.place.sequence
            let notes = selection.hasNotes ? try StoredLabel.eraseNotes(db, where: "= ?", place, act: act) : 0
            return texts + notes > 0 ? texts : nil
        }
    }
}
