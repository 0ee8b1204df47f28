import Foundation
import GRDB

extension StoredLabel {
    /// All of the store, in order of number; none in a file of a version whose labels had no chain.
    static func fetchAll(_ db: some StoreAccess) throws -> [StoredLabel] {
        guard try db.hasChainedLabels() else { return [] }
        return try db.rows("SELECT * FROM label WHERE \(db.chain.condition) ORDER BY id", []).map { StoredLabel($0) }
    }

    /// Where the labels end; at 0 when there are none.
    static func fetchEnd(_ db: some StoreAccess) throws -> ChainEnd {
        let sql = "SELECT id, hash FROM label WHERE \(db.chain.condition) ORDER BY id DESC LIMIT 1"
        return try db.rows(sql, []).first.map { ChainEnd(sequence: $0["id"], hash: $0["hash"]) } ?? ChainHash.start
    }

    /// Removes the notes of some records' labels; gives the record of each.
    ///
    /// - Parameters:
    ///   - condition: on `record`, with a question mark.
    ///   - value: what stands for it.
    ///   - act: the act that does it.
    static func eraseNotes(
        _ db: some StoreAccess,
        where condition: String,
        _ value: any DatabaseValueConvertible,
        act: Int64
    ) throws -> [Int64] {
        let sql = """
            UPDATE label SET note = NULL, note_salt = NULL, erased = ? WHERE \(condition) AND note IS NOT NULL
            RETURNING record
            """
        return try db.rows(sql, [act, value]).map { $0["record"] }
    }

    func insert(_ db: some StoreAccess, into table: String = "label") throws {
        try db.change(
            """
            INSERT INTO \(table) (
                \(db.chain.columns)id, record, decision, finding, rule, note, note_digest, note_salt, actor, time,
                previous_hash, hash
            ) VALUES (\(db.chain.values)?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                number, record, decision, finding, rule, note, noteDigest, noteSalt, actor, time, previousHash, hash,
            ]
        )
    }

    /// Gives the labels of an older file their chain, in the order in which they were given.
    static func chain(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE label_2 (
                    id INTEGER PRIMARY KEY,
                    record INTEGER NOT NULL,
                    decision TEXT NOT NULL,
                    finding TEXT NOT NULL,
                    rule TEXT,
                    note TEXT,
                    note_digest TEXT,
                    note_salt TEXT,
                    actor TEXT NOT NULL,
                    time INTEGER NOT NULL,
                    erased INTEGER,
                    previous_hash TEXT NOT NULL,
                    hash TEXT NOT NULL
                ) STRICT;
                """
        )
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT l.record, r.id AS decision, l.finding, l.rule, l.note, l.actor, l.time
                FROM label l JOIN record r ON r.sequence = l.record ORDER BY l.id
                """
        )
        var end = ChainHash.start
        for row in rows {
            guard let finding = AuditLabel.Finding(rawValue: row["finding"]) else {
                throw AuditError.unreadableRecord(id: row["decision"])
            }
            let label = AuditLabel(
                decision: row["decision"],
                finding: finding,
                rule: row["rule"],
                note: row["note"],
                actor: row["actor"],
                time: Date(microseconds: row["time"])
            )
            let stored = StoredLabel(label, record: row["record"], after: end)
            try stored.insert(db, into: "label_2")
            end = ChainEnd(sequence: stored.number, hash: stored.hash)
        }
        try db.execute(
            sql: "DROP TABLE label; ALTER TABLE label_2 RENAME TO label; CREATE INDEX label_record ON label (record);"
        )
    }

    private init(_ row: some ColumnReading) {
        number = row["id"]
        record = row["record"]
        decision = row["decision"]
        finding = row["finding"]
        rule = row["rule"]
        note = row["note"]
        noteDigest = row["note_digest"]
        noteSalt = row["note_salt"]
        actor = row["actor"]
        time = row["time"]
        erased = row["erased"]
        previousHash = row["previous_hash"]
        hash = row["hash"]
    }
}
