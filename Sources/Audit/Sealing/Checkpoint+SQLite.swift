import Foundation
import GRDB

extension Checkpoint {
    /// The newest one; nil also where its line is none.
    static func fetchLast(_ db: Database) throws -> Checkpoint? {
        let sql = "SELECT line FROM checkpoint ORDER BY number DESC LIMIT 1"
        return try String.fetchOne(db, sql: sql).flatMap { try? Checkpoint(line: $0) }
    }

    /// Signs where the chain ends and keeps it; gives the newest one where it says that already.
    ///
    /// Runs inside the caller's transaction.
    static func sign(_ db: Database, key: AuditSigningKey, time: Date) throws -> Checkpoint {
        guard let end = try ChainEnd.fetch(db), let store = try ChainEnd.fetchStore(db) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
        let acts = try StoredAct.fetchEnd(db)
        let labels = try StoredLabel.fetchEnd(db)
        if let last = try fetchLast(db), last.key == key.publicKey, last.hash == end.hash,
            last.acts?.hash ?? ChainHash.genesis == acts.hash, last.labels?.hash ?? ChainHash.genesis == labels.hash
        {
            return last
        }
        let number = 1 + (try Int.fetchOne(db, sql: "SELECT max(number) FROM checkpoint") ?? 0)
        let checkpoint = try Checkpoint(
            number: number,
            store: store,
            end: end,
            acts: acts,
            labels: labels,
            time: time,
            key: key
        )
        try db.execute(
            sql: "INSERT INTO checkpoint (number, sequence, line) VALUES (?, ?, ?)",
            arguments: [number, end.sequence, checkpoint.line]
        )
        return checkpoint
    }
}

extension AuditSealing {
    /// Signs the end of the chain when the newest checkpoint is far enough behind it.
    func sealIfDue(_ db: Database, at end: ChainEnd) throws {
        if end.sequence - (try Self.sealed(db)) >= Int64(interval) { try seal(db) }
    }

    /// Signs the end of the chain when there are records or acts after the newest checkpoint.
    func sealRest(_ db: Database) throws {
        if let end = try ChainEnd.fetch(db), end.sequence > 0 { try seal(db) }
    }

    private func seal(_ db: Database) throws { _ = try Checkpoint.sign(db, key: key, time: Date()) }

    /// Place of the last record that a checkpoint covers.
    private static func sealed(_ db: Database) throws -> Int64 {
        let sql = "SELECT sequence FROM checkpoint ORDER BY number DESC LIMIT 1"
        return try Int64.fetchOne(db.cachedStatement(sql: sql)) ?? 0
    }
}

extension SQLiteAuditReader {
    /// The newest checkpoints, the newest first; those that are no checkpoint's line any more are left out.
    public func checkpoints(limit: Int) async throws -> [Checkpoint] {
        try await read { db in
            guard try db.tableExists("checkpoint") else { return [] }
            let sql = "SELECT line FROM checkpoint ORDER BY number DESC LIMIT ?"
            return try String.fetchAll(db, sql: sql, arguments: [max(1, limit)]).compactMap {
                try? Checkpoint(line: $0)
            }
        }
    }
}
