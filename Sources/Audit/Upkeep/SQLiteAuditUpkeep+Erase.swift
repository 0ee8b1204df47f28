public import Foundation
import GRDB

extension SQLiteAuditUpkeep {
    /// Records that one transaction may change, so that the gateway waits a moment at most.
    private static let batchLimit = 1000

    /// Removes every kept text of a subject; the records, their digests and the chain stay.
    ///
    /// What the texts took in the file is overwritten with zeros, and the log is emptied.
    public func erase(
        _ subject: ErasureSubject,
        by actor: String,
        key: AuditSigningKey?,
        now: Date
    ) async throws -> UpkeepResult {
        let subject = try await SQLiteAuditReader(path: path, database: pool).resolved(subject)
        var acts: [AuditAct] = []
        var place: Int64 = 0
        while true {
            let start = place
            let stored = try await write { db in
                let act = try Self.eraseSome(db, subject, after: start, actor: actor, time: now)
                if act != nil, let key { _ = try Checkpoint.sign(db, key: key, time: now) }
                return act
            }
            guard let stored else { break }
            acts.append(try AuditAct(stored))
            place = stored.last.sequence
        }
        return UpkeepResult(acts: acts, isLogEmptied: try await emptyLog())
    }

    private static func eraseSome(
        _ db: Database,
        _ subject: ErasureSubject,
        after start: Int64,
        actor: String,
        time: Date
    ) throws -> StoredAct? {
        let condition = subject.condition
        let sql = """
            SELECT r.sequence AS sequence, r.hash AS hash FROM record r
            WHERE r.sequence > ? AND \(condition.sql)
                AND EXISTS (SELECT 1 FROM content c WHERE c.record = r.sequence AND c.text IS NOT NULL)
            ORDER BY r.sequence LIMIT \(batchLimit)
            """
        let records = try Row.fetchAll(db, sql: sql, arguments: [start, condition.argument]).map { row in
            ChainEnd(sequence: row["sequence"], hash: row["hash"])
        }
        guard let first = records.first, let last = records.last else { return nil }
        let end = try StoredAct.fetchEnd(db)
        let update = try db.makeStatement(
            sql: "UPDATE content SET text = NULL, salt = NULL, erased = ? WHERE record = ? AND text IS NOT NULL"
        )
        var texts: Int64 = 0
        for record in records {
            try update.execute(arguments: [end.sequence + 1, record.sequence])
            texts += Int64(db.changesCount)
        }
        var act = StoredAct(
            number: end.sequence + 1,
            time: time.microseconds,
            kind: AuditAct.Kind.erase.rawValue,
            actor: actor,
            subject: subject.description,
            records: Int64(records.count),
            texts: texts,
            first: first,
            last: last,
            previousHash: end.hash
        )
        try act.insert(db)
        return act
    }

    /// Folds the log into the file and cuts it to nothing; false when readers kept it from that for the whole of the wait.
    func emptyLog() async throws -> Bool {
        do {
            return try await pool.writeWithoutTransaction { db in
                do {
                    try db.checkpoint(.truncate)
                    return true
                } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                    return false
                }
            }
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}
