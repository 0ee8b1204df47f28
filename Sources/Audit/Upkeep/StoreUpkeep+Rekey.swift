package import Foundation

extension StoreUpkeep {
    /// Encrypts every kept text that is not encrypted with the newest key; the records, their digests and the chain stay.
    ///
    /// Older copies that the store has of them are removed.
    package func rekey(by actor: String, key: AuditSigningKey?, now: Date) async throws -> UpkeepResult {
        guard let newest = keys.newestID else { throw AuditError.noTextKey }
        let acts = try await change(.rekey, by: actor, key: key, now: now) { _ in
            TextSelection(
                subject: "key:\(newest)",
                records: "TRUE",
                texts: "c.text IS NOT NULL AND (c.key IS NULL OR c.key <> ?)",
                arguments: [newest],
                // Each text is a statement of its own.
                limit: 250
            )
        } _: { [keys] db, _, records, _ in
            let (own, list) = records.own(db.dialect)
            let sql = """
                SELECT record, place, text, salt, key FROM content
                WHERE \(own) AND text IS NOT NULL AND (key IS NULL OR key <> ?)
                """
            let chosen = Dictionary(uniqueKeysWithValues: records.map { ($0.key, $0) })
            var counts: [Int64: Int] = [:]
            for row in try db.rows(sql, [list, newest]) {
                guard let record = chosen[row["record"]] else { continue }
                try StoredContent.encrypt(row, of: record, with: keys, db)
                counts[record.key, default: 0] += 1
            }
            return counts
        }
        return UpkeepResult(acts: acts, isLogEmptied: try await sweep())
    }
}

extension StoredContent {
    /// Encrypts one text anew.
    fileprivate static func encrypt(
        _ row: some ColumnReading,
        of record: SelectedRecord,
        with keys: AuditTextKeys,
        _ db: some StoreAccess
    ) throws {
        let place = TextPlace(record: record.id, number: row["place"])
        let text: String = row["text"]
        let key: String? = row["key"]
        let opened =
            try key.map { try keys.open(text, key: $0, at: place) } ?? OpenedText(text: text, salt: row["salt"])
        guard let (sealed, newest) = try keys.seal(opened.text, salt: opened.salt, at: place) else {
            throw AuditError.noTextKey
        }
        try db.change(
            """
            UPDATE content SET text = ?, key = ?, salt = NULL
            WHERE record = ? AND place = ? AND \(db.dialect.isWithin(record.time...record.time))
            """,
            [sealed, newest, record.key, place.number]
        )
    }
}

extension StoreReading {
    /// How many kept texts are not encrypted with the newest key.
    package func rekeyable() async throws -> Int {
        guard let newest = keys.newestID else { throw AuditError.noTextKey }
        return try await read { db in
            let hasKeys = try db.hasColumn("key", of: "content")
            let condition = hasKeys ? " AND (key IS NULL OR key <> ?)" : ""
            let sql = "SELECT count(*) AS texts FROM content WHERE text IS NOT NULL" + condition
            return try db.rows(sql, hasKeys ? [newest] : []).first?["texts"] ?? 0
        }
    }
}
