package import Foundation

/// A connection in a transaction, and the chain that is meant.
package struct PostgresSession: StoreAccess {
    let connection: PostgresConnection
    package let chain: ChainScope
    /// What kept texts are encrypted with.
    private let keys: AuditTextKeys

    package var dialect: SQLDialect { .postgresql }

    init(connection: PostgresConnection, chain: ChainScope, keys: AuditTextKeys = AuditTextKeys()) {
        self.connection = connection
        self.chain = chain
        self.keys = keys
    }

    package var chains: [PostgresSession] {
        get throws {
            try rows("SELECT writer FROM chain ORDER BY writer", []).map { scoped(to: .writer($0["writer"])) }
        }
    }

    package func scoped(to chain: ChainScope) -> PostgresSession {
        PostgresSession(connection: connection, chain: chain, keys: keys)
    }

    /// Stores of older versions are not read.
    package func hasTable(_ name: String) -> Bool { true }

    package func hasColumn(_ column: String, of table: String) -> Bool { true }

    package func rows(_ sql: String, _ arguments: SQLArguments) throws -> [PostgresRow] {
        try connection.query(sql, arguments).rows
    }

    package func each(_ sql: String, _ arguments: SQLArguments, _ body: (PostgresRow) throws -> Bool) throws {
        try change("DECLARE every NO SCROLL CURSOR FOR \(sql)", arguments)
        var isEnough = false
        while !isEnough {
            let rows = try rows("FETCH 1000 FROM every", [])
            isEnough = try rows.isEmpty || !rows.allSatisfy(body)
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
        let order = "r.sequence DESC"
        let page = cursor.map { ("r.sequence < ?", [$0.sequence] as SQLArguments) }
        let conditions = try conditions(filter, within: page, order: order, limit: limit)
        return ("SELECT r.* FROM record r\(conditions.clause) ORDER BY \(order) LIMIT \(limit)", conditions.arguments)
    }

    package func following(_ filter: AuditFilter, after place: Int64, limit: Int) throws -> [ChainedRecord] {
        let order = "r.writer_sequence"
        let page: (String, SQLArguments) = ("\(chain.condition) AND \(order) > ?", [place])
        let conditions = try conditions(filter, within: page, order: order, limit: limit)
        let sql = "SELECT r.* FROM record r\(conditions.clause) ORDER BY \(order) LIMIT \(limit)"
        return try records(sql, conditions.arguments)
    }

    package func steps(_ sql: String, _ arguments: SQLArguments) throws -> [String] {
        try rows("EXPLAIN " + sql, arguments).map { row in "  " + (row["QUERY PLAN"] as String) }
    }
}

// MARK: - Texts

extension PostgresSession {
    package func holdsText(_ filter: AuditFilter) throws -> (String, SQLArguments) {
        var rest = filter
        rest.text = nil
        return try holdsText(filter.text ?? "", Conditions(rest, self), order: "r.sequence", limit: nil)
    }

    /// The conditions of a filter for some of the records in an order.
    private func conditions(
        _ filter: AuditFilter,
        within page: (String, SQLArguments)?,
        order: String,
        limit: Int
    ) throws -> Conditions {
        var rest = filter
        rest.text = nil
        var conditions = try Conditions(rest, self)
        if let page { conditions.add(page.0, page.1) }
        guard let words = filter.text, !words.isEmpty else { return conditions }
        let (holdsText, arguments) = try holdsText(words, conditions, order: order, limit: limit)
        conditions.add(holdsText, arguments)
        return conditions
    }

    /// That a record holds words in a text that is not encrypted, or is one of those in whose encrypted texts they were found here:
    /// the server has no keys.
    ///
    /// - Parameter limit: how many records in that order are enough; nil for all.
    private func holdsText(_ words: String, _ others: Conditions, order: String, limit: Int?) throws
        -> (String, SQLArguments)
    {
        let (contains, pattern) = dialect.contains("c.text", words)
        let plain = "EXISTS (SELECT 1 FROM content c WHERE \(dialect.belongs("c")) AND c.key IS NULL AND \(contains))"
        guard try !rows("SELECT place FROM content WHERE key IS NOT NULL LIMIT 1", []).isEmpty else {
            return (plain, [pattern])
        }
        var found: [Int64] = []
        let sql = """
            SELECT r.sequence AS record, r.id AS id, c.place AS place, c.text AS text, c.key AS key
            FROM record r JOIN content c ON \(dialect.belongs("c"))\(others.clause(and: ["c.key IS NOT NULL"]))
            ORDER BY \(order)
            """
        let search = WordSearch(words)
        try each(sql, others.arguments) { row in
            let record: Int64 = row["record"]
            if found.last != record, try opened(row).map(search.matches) ?? false { found.append(record) }
            return limit.map { found.count < $0 } ?? true
        }
        let (isFound, keys) = dialect.isAmong("r.sequence", found)
        return ("(\(isFound) OR \(plain))", [keys, pattern])
    }

    /// A text; nil for what somebody changed, which 'verify' names.
    private func opened(_ row: PostgresRow) throws -> String? {
        do {
            return try keys.open(row["text"], key: row["key"], at: TextPlace(record: row["id"], number: row["place"]))
                .text
        } catch .unreadableRecord {
            return nil
        }
    }
}

// MARK: - Upkeep

extension PostgresSession {
    package func firstPlace(since time: Date) throws -> Int64? {
        let sql = """
            SELECT writer_sequence FROM record WHERE \(chain.condition) AND time >= ? ORDER BY writer_sequence LIMIT 1
            """
        return try rows(sql, [time.microseconds]).first?["writer_sequence"]
    }

    package func deleteRecords(through place: Int64) throws {
        let gone = "\(chain.condition) AND writer_sequence <= ?"
        let span = try rows("SELECT min(time) AS first, max(time) AS last FROM record WHERE \(gone)", [place]).first
        guard let first: Int64 = span?["first"], let last: Int64 = span?["last"] else { return }
        for table in ["verdict", "content"] {
            let isOfThem =
                "\(dialect.belongs("c")) AND r.\(dialect.isWithin(first...last)) AND c.\(dialect.isWithin(first...last))"
            try change("DELETE FROM \(table) c USING record r WHERE \(isOfThem) AND \(gone)", [place])
        }
        try change("DELETE FROM record WHERE \(gone) AND \(dialect.isWithin(first...last))", [place])
    }

    /// The number of records, which the chains tell, by the mean size of some thousand: files keep the room of what was deleted.
    package func usedBytes() throws -> Int {
        let sum = """
            SELECT sum(sequence - coalesce((
                SELECT max(last) FROM act a WHERE a.writer = c.writer AND a.kind = '\(AuditAct.Kind.prune.rawValue)'
            ), 0)) AS records FROM chain c
            """
        guard let records: Int = try rows(sum, []).first?["records"], records > 0 else { return 0 }
        let share = min(100, 100_000 / Double(records))
        func size(_ table: String) -> String {
            "coalesce((SELECT sum(pg_column_size(c.*)) FROM \(table) c WHERE \(dialect.belongs("c"))), 0)"
        }
        let mean = """
            SELECT avg(pg_column_size(r.*) + \(size("verdict")) + \(size("content")))::float8 AS bytes
            FROM record r TABLESAMPLE SYSTEM (\(share)) REPEATABLE (1)
            """
        let bytes: Double? = try rows(mean, []).first?["bytes"]
        return Int((bytes ?? 0) * Double(records))
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
