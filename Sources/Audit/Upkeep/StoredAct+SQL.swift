extension StoredAct {
    /// All of the store, in order of number; none in a file that an older version of the program wrote.
    static func fetchAll(_ db: some StoreAccess) throws -> [StoredAct] {
        guard try db.hasTable("act") else { return [] }
        let sql = "SELECT * FROM act WHERE \(db.chain.condition) ORDER BY number"
        return try db.rows(sql, []).map { StoredAct($0) }
    }

    init(_ row: some ColumnReading) {
        self.init(
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

    /// Where the acts end; their number is 0 when there are none.
    static func fetchEnd(_ db: some StoreAccess) throws -> ChainEnd {
        let sql = "SELECT number, hash FROM act WHERE \(db.chain.condition) ORDER BY number DESC LIMIT 1"
        return try db.rows(sql, []).first.map { ChainEnd(sequence: $0["number"], hash: $0["hash"]) }
            ?? ChainHash.start
    }

    /// The last record that was deleted with those before it; at 0 when none was.
    static func fetchPruned(_ db: some StoreAccess) throws -> ChainEnd {
        let sql = """
            SELECT last, last_hash FROM act WHERE kind = ? AND \(db.chain.condition) ORDER BY number DESC LIMIT 1
            """
        return try db.rows(sql, [AuditAct.Kind.prune.rawValue]).first
            .map { ChainEnd(sequence: $0["last"], hash: $0["last_hash"]) } ?? ChainHash.start
    }

    /// Completes the act with its hash and keeps it.
    ///
    /// Runs inside the transaction that does what it says.
    mutating func insert(_ db: some StoreAccess) throws {
        hash = ChainHash.of(self)
        try db.change(
            """
            INSERT INTO act (
                \(db.chain.columns)number, time, kind, actor, subject, records, texts, first, first_hash, last, last_hash,
                previous_hash, hash
            ) VALUES (\(db.chain.values)?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                number, time, kind, actor, subject, records, texts, first.sequence, first.hash, last.sequence,
                last.hash, previousHash, hash,
            ]
        )
    }
}
