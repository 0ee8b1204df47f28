package import Foundation
package import GRDB

extension Database: StoreAccess {
    package var dialect: SQLDialect { .sqlite }

    package var chain: ChainScope { .only }

    package var chains: [Database] { [self] }

    package func scoped(to chain: ChainScope) -> Database { self }

    package func hasTable(_ name: String) throws -> Bool { try tableExists(name) }

    package func hasColumn(_ column: String, of table: String) throws -> Bool {
        try columns(in: table).contains { $0.name == column }
    }

    package func holdsText(_ filter: AuditFilter) throws -> (String, SQLArguments) {
        let (contains, pattern) = dialect.contains(try TextOpening.text(self), filter.text ?? "")
        return ("EXISTS (SELECT 1 FROM content c WHERE \(dialect.belongs("c")) AND \(contains))", [pattern])
    }

    package func rows(_ sql: String, _ arguments: SQLArguments) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    }

    package func each(_ sql: String, _ arguments: SQLArguments, _ body: (Row) throws -> Bool) throws {
        let rows = try Row.fetchCursor(self, sql: sql, arguments: StatementArguments(arguments))
        while let row = try rows.next(), try body(row) {}
    }

    @discardableResult
    package func change(_ sql: String, _ arguments: SQLArguments) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
        return changesCount
    }

    package func records(_ sql: String, _ arguments: SQLArguments) throws -> [ChainedRecord] {
        let rows = try RawRecords(self, sql: sql, arguments: arguments)
        defer { rows.close() }
        var records: [ChainedRecord] = []
        while let record = try rows.next() { records.append(record) }
        return records
    }

    package func walk(_ body: (ChainedRecord) throws -> Bool) throws {
        let rows = try RawRecords(self, sql: "SELECT * FROM record ORDER BY sequence", arguments: [])
        defer { rows.close() }
        while let record = try rows.next() {
            try Task.checkCancellation()
            guard try body(record) else { return }
        }
    }

    package func list(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int) throws -> [ChainedRecord] {
        try ListQuery(filter, after: cursor, limit: limit, self).records(self)
    }

    package func following(_ filter: AuditFilter, after place: Int64, limit: Int) throws -> [ChainedRecord] {
        try ListQuery(filter, from: place, limit: limit, self).records(self)
    }

    package func plan(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int) throws -> String {
        try ListQuery(filter, after: cursor, limit: limit, self).plan(self)
    }

    package func steps(_ sql: String, _ arguments: SQLArguments) throws -> [String] {
        var depths: [Int: Int] = [:]
        return try rows("EXPLAIN QUERY PLAN " + sql, arguments).map { row in
            let depth = (depths[row["parent"]] ?? 0) + 1
            depths[row["id"]] = depth
            return String(repeating: "  ", count: depth) + (row["detail"] as String)
        }
    }

    package func firstPlace(since time: Date) throws -> Int64? {
        let span = try PlaceSpan(AuditFilter(since: time), self)
        return span.count == 0 ? nil : span.start
    }

    /// What belongs to the records goes with them.
    package func deleteRecords(through place: Int64) throws {
        try change("DELETE FROM record WHERE sequence <= ?", [place])
    }

    package func usedBytes() throws -> Int {
        func number(_ name: String) throws -> Int { try Int.fetchOne(self, sql: "PRAGMA \(name)") ?? 0 }
        return (try number("page_count") - number("freelist_count")) * (try number("page_size"))
    }
}

// By a column, since this protocol's own subscript takes a name.
extension Row: ColumnReading {
    package func value<Value: ColumnValue>(_ column: String) -> Value { self[Column(column)] }

    package func optional<Value: ColumnValue>(_ column: String) -> Value? { self[Column(column)] }
}
