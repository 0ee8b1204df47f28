package import Foundation
import GRDB

extension SQLiteAuditUpkeep {
    /// Encrypts every kept text that is not encrypted with the newest key; the records, their digests and the chain stay.
    ///
    /// What the texts took in the file before is overwritten with zeros, and the log is emptied.
    package func rekey(by actor: String, key: AuditSigningKey?, now: Date) async throws -> UpkeepResult {
        guard let newest = keys.newestID else { throw AuditError.noTextKey }
        let selection = TextSelection(
            subject: "key:\(newest)",
            records: "TRUE",
            texts: "c.text IS NOT NULL AND c.key IS NOT ?",
            arguments: [newest]
        )
        let acts = try await change(selection, .rekey, by: actor, key: key, now: now) { [keys] db, record, _ in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql:
                        "SELECT place, text, salt, key FROM content WHERE record = ? AND text IS NOT NULL AND key IS NOT ?"
                ),
                arguments: [record.place.sequence, newest]
            )
            for row in rows { try StoredContent.encrypt(row, of: record, with: keys, db) }
            return rows.isEmpty ? nil : rows.count
        }
        return UpkeepResult(acts: acts, isLogEmptied: try await emptyLog())
    }
}

extension StoredContent {
    /// Encrypts one text anew.
    fileprivate static func encrypt(
        _ row: Row,
        of record: SelectedRecord,
        with keys: AuditTextKeys,
        _ db: Database
    ) throws {
        let place = TextPlace(record: record.id, number: row["place"])
        let text: String = row["text"]
        let key: String? = row["key"]
        let opened =
            try key.map { try keys.open(text, key: $0, at: place) } ?? OpenedText(text: text, salt: row["salt"])
        guard let (sealed, newest) = try keys.seal(opened.text, salt: opened.salt, at: place) else {
            throw AuditError.noTextKey
        }
        let update = try db.cachedStatement(
            sql: "UPDATE content SET text = ?, key = ?, salt = NULL WHERE record = ? AND place = ?"
        )
        try update.execute(arguments: [sealed, newest, record.place.sequence, place.number])
    }
}

extension SQLiteAuditReader {
    /// How many kept texts are not encrypted with the newest key.
    package func rekeyable() async throws -> Int {
        guard let newest = keys.newestID else { throw AuditError.noTextKey }
        return try await read { db in
            let hasKeys = try db.columns(in: "content").contains { $0.name == "key" }
            let sql = "SELECT count(*) FROM content WHERE text IS NOT NULL" + (hasKeys ? " AND key IS NOT ?" : "")
            return try Int.fetchOne(db, sql: sql, arguments: hasKeys ? [newest] : []) ?? 0
        }
    }
}
