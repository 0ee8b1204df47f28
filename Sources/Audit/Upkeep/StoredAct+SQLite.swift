import GRDB

extension StoredAct {
    /// All of the store, in order of number; none in a file that an older version of the program wrote.
    static func fetchAll(_ db: Database) throws -> [StoredAct] {
        guard try db.tableExists("act") else { return [] }
        return try Row.fetchAll(db, sql: "SELECT * FROM act ORDER BY number").map { row in
            StoredAct(
                number: row["number"],
                time: row["time"],
                kind: row["kind"],
                actor: row["actor"],
                subject: row["subject"],
                records: row["records"],
                texts: row["texts"],
                first: ChainEnd(sequence: row["first"], hash: row["first_hash"]),
                last: ChainEnd(sequence: row["last"], hash: row["last_hash"]),
                previousHash: row["previous_hash"],
                hash: row["hash"]
            )
        }
    }

    /// Where the acts end; their number is 0 when there are none.
    static func fetchEnd(_ db: Database) throws -> ChainEnd {
        let row = try Row.fetchOne(db, sql: "SELECT number, hash FROM act ORDER BY number DESC LIMIT 1")
        return row.map { ChainEnd(sequence: $0["number"], hash: $0["hash"]) }
            ?? ChainHash.start
    }

    /// The last record that was deleted with those before it; at 0 when none was.
    static func fetchPruned(_ db: Database) throws -> ChainEnd {
        let sql = "SELECT last, last_hash FROM act WHERE kind = ? ORDER BY number DESC LIMIT 1"
        let row = try Row.fetchOne(db, sql: sql, arguments: [AuditAct.Kind.prune.rawValue])
        return row.map { ChainEnd(sequence: $0["last"], hash: $0["last_hash"]) } ?? ChainHash.start
    }

    /// Completes the act with its hash and keeps it.
    ///
    /// Runs inside the transaction that does what it says.
    mutating func insert(_ db: Database) throws {
        hash = ChainHash.of(self)
        try db.execute(
            sql: """
                INSERT INTO act (
                    number, time, kind, actor, subject, records, texts, first, first_hash, last, last_hash,
                    previous_hash, hash
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                number, time, kind, actor, subject, records, texts, first.sequence, first.hash, last.sequence,
                last.hash, previousHash, hash,
            ]
        )
    }
}

extension SQLiteAuditReader {
    /// What was done to the store, oldest first.
    public func acts() async throws -> [AuditAct] {
        try await read { db in try StoredAct.fetchAll(db).map { try AuditAct($0) } }
    }
}
