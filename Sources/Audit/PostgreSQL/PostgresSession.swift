/// A connection in a transaction, and the chain that is meant.
package struct PostgresSession: StoreAccess {
    let connection: PostgresConnection
    package let chain: ChainScope

    package var dialect: SQLDialect { .postgresql }

    package var chains: [PostgresSession] {
        get throws {
            try rows("SELECT writer FROM chain ORDER BY writer", []).map { row in
                PostgresSession(connection: connection, chain: .writer(row["writer"]))
            }
        }
    }

    /// Stores of older versions are not read.
    package func hasTable(_ name: String) -> Bool { true }

    package func hasChainedLabels() -> Bool { true }

    package func checkColumn(_ name: String) {}

    /// The server has no keys: what it can't read it must not pass over in silence.
    package func openedText() throws -> String {
        guard try rows("SELECT place FROM content WHERE key IS NOT NULL LIMIT 1", []).isEmpty else {
            throw AuditError.unavailable(
                "words can't be looked for in encrypted texts of a PostgreSQL store; leave --text out"
            )
        }
        return "c.text"
    }

    package func rows(_ sql: String, _ arguments: SQLArguments) throws -> [PostgresRow] {
        try connection.query(sql, arguments).rows
    }

    package func each(_ sql: String, _ arguments: SQLArguments, _ body: (PostgresRow) throws -> Void) throws {
        try change("DECLARE every NO SCROLL CURSOR FOR \(sql)", arguments)
        while true {
            let rows = try rows("FETCH 1000 FROM every", [])
            if rows.isEmpty { break }
            for row in rows { try body(row) }
        }
        try connection.run("CLOSE every")
    }

    @discardableResult
    package func change(_ sql: String, _ arguments: SQLArguments) throws -> Int {
        try connection.query(sql, arguments).changes
    }

    package func records(_ sql: String, _ arguments: SQLArguments) throws -> [ChainedRecord] {
        try chained(try rows(sql, arguments))
    }

    package func walk(_ body: (ChainedRecord) throws -> Bool) throws {
        let sql = """
            SELECT * FROM record WHERE \(chain.condition) AND writer_sequence > ?
            ORDER BY writer_sequence, sequence LIMIT 1000
            """
        var place = Int64.min
        while true {
            let records = try records(sql, [place])
            for record in records where try !body(record) { return }
            guard let last = records.last else { return }
            place = last.sequence
        }
    }

    package func list(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int) throws -> [ChainedRecord] {
        let (sql, arguments) = try listQuery(filter, after: cursor, limit: limit)
        return try records(sql, arguments)
    }

    package func plan(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int) throws -> String {
        let (sql, arguments) = try listQuery(filter, after: cursor, limit: limit)
        return ([sql, "plan"] + (try steps(sql, arguments))).joined(separator: "\n") + "\n"
    }

    private func listQuery(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int) throws
        -> (String, SQLArguments)
    {
        var conditions = try Conditions(filter, self)
        if let cursor { conditions.add("r.sequence < ?", [cursor.sequence]) }
        return (
            "SELECT r.* FROM record r\(conditions.clause) ORDER BY r.sequence DESC LIMIT \(limit)", conditions.arguments
        )
    }

    package func following(_ filter: AuditFilter, after place: Int64, limit: Int) throws -> [ChainedRecord] {
        var conditions = try Conditions(filter, self)
        conditions.add("r.writer_sequence > ?", [place])
        let clause = conditions.clause(and: [chain.condition])
        let sql = "SELECT r.* FROM record r\(clause) ORDER BY r.writer_sequence LIMIT \(limit)"
        return try records(sql, conditions.arguments)
    }

    package func steps(_ sql: String, _ arguments: SQLArguments) throws -> [String] {
        try rows("EXPLAIN " + sql, arguments).map { row in "  " + (row["QUERY PLAN"] as String) }
    }
}

// MARK: - Records

extension PostgresSession {
    /// Rows of `record` with their children, which are fetched for all of them at once.
    private func chained(_ rows: [PostgresRow]) throws -> [ChainedRecord] {
        guard !rows.isEmpty else { return [] }
        let times = rows.map { row -> Int64 in row["time"] }
        let keys = rows.map { row -> String in row["sequence"] }
        // The times tell in which partitions to look.
        let arguments: SQLArguments = ["{\(keys.joined(separator: ","))}", times.min(), times.max()]
        func children<Child>(_ table: String, _ make: (PostgresRow) -> Child) throws -> [Int64: [Child]] {
            let sql = "SELECT * FROM \(table) WHERE record = ANY(?) AND time BETWEEN ? AND ? ORDER BY record, place"
            return try self.rows(sql, arguments).reduce(into: [:]) { $0[$1["record"], default: []].append(make($1)) }
        }
        let verdicts = try children("verdict") { StoredVerdict($0) }
        let content = try children("content") { StoredContent($0) }
        return rows.map { row in
            let key: Int64 = row["sequence"]
            return ChainedRecord(
                sequence: row["writer_sequence"],
                chain: row["writer"],
                place: key,
                previousHash: row["previous_hash"],
                hash: row["hash"],
                record: StoredRecord(row, verdicts: verdicts[key] ?? [], content: content[key] ?? [])
            )
        }
    }
}
