import Foundation

extension Checkpoint {
    /// The newest one; nil also where its line is none.
    static func fetchLast(_ db: some StoreAccess) throws -> Checkpoint? {
        let sql = "SELECT line FROM checkpoint WHERE \(db.chain.condition) ORDER BY number DESC LIMIT 1"
        return try db.rows(sql, []).first.flatMap { try? Checkpoint(line: $0["line"]) }
    }

    /// Signs where the chain ends and keeps it; gives the newest one where it says that already.
    ///
    /// Runs inside the caller's transaction.
    static func sign(_ db: some StoreAccess, key: AuditSigningKey, time: Date) throws -> Checkpoint {
        guard let end = try ChainEnd.fetch(db), let store = try ChainEnd.fetchStore(db) else {
            throw AuditError.lostChain
        }
        let acts = try StoredAct.fetchEnd(db)
        let labels = try StoredLabel.fetchEnd(db)
        if let last = try fetchLast(db), last.key == key.publicKey, last.hash == end.hash,
            last.acts?.hash ?? ChainHash.genesis == acts.hash, last.labels?.hash ?? ChainHash.genesis == labels.hash
        {
            return last
        }
        let newest = try db.rows("SELECT max(number) AS number FROM checkpoint WHERE \(db.chain.condition)", [])
        let number: Int = 1 + (newest.first?["number"] ?? 0)
        let checkpoint = try Checkpoint(
            number: number,
            store: store,
            end: end,
            acts: acts,
            labels: labels,
            time: time,
            key: key
        )
        try db.change(
            "INSERT INTO checkpoint (\(db.chain.columns)number, sequence, line) VALUES (\(db.chain.values)?, ?, ?)",
            [number, end.sequence, checkpoint.line]
        )
        return checkpoint
    }
}

extension AuditSealing {
    /// Signs the end of the chain when the newest checkpoint is far enough behind it.
    func sealIfDue(_ db: some StoreAccess, at end: ChainEnd) throws {
        if end.sequence - (try Self.sealed(db)) >= Int64(interval) { try seal(db) }
    }

    /// Signs the end of the chain when there are records or acts after the newest checkpoint.
    func sealRest(_ db: some StoreAccess) throws {
        if let end = try ChainEnd.fetch(db), end.sequence > 0 { try seal(db) }
    }

    /// Signs the end of the chain.
    func seal(_ db: some StoreAccess) throws { _ = try Checkpoint.sign(db, key: key, time: Date()) }

    /// Place of the last record that a checkpoint covers.
    private static func sealed(_ db: some StoreAccess) throws -> Int64 {
        let sql = "SELECT sequence FROM checkpoint WHERE \(db.chain.condition) ORDER BY number DESC LIMIT 1"
        return try db.rows(sql, []).first?["sequence"] ?? 0
    }
}
