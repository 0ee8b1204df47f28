import GRDB
import GRDBSQLite

/// Whole records of a query, read straight from SQLite: GRDB's rows look a name up by comparing it with every column's, which for
/// some forty columns is most of what a record takes.
struct RawRecords {
    private let db: Database
    private let rows: RawRows
    private let columns: [String: CInt]

    /// - Parameter sql: a query whose rows have all columns of `record`.
    init(_ db: Database, sql: String, arguments: SQLArguments) throws {
        self.db = db
        rows = try RawRows(db, sql: sql, arguments: StatementArguments(arguments))
        columns = rows.columns
    }

    /// The next record with what belongs to it; nil at the end.
    func next() throws -> ChainedRecord? {
        guard try rows.next() else { return nil }
        let row = RawRow(rows: rows, columns: columns)
        let sequence: Int64 = row["sequence"]
        return ChainedRecord(
            sequence: sequence,
            previousHash: row["previous_hash"],
            hash: row["hash"],
            record: StoredRecord(
                row,
                verdicts: try Self.children(db, "verdict", of: sequence) { StoredVerdict($0) },
                content: try Self.children(db, "content", of: sequence) { StoredContent($0) }
            )
        )
    }

    /// Ends the query, also before its last row.
    func close() { rows.close() }

    private static func children<Child>(
        _ db: Database,
        _ table: String,
        of record: Int64,
        _ child: (RawRow) -> Child
    ) throws -> [Child] {
        let rows = try RawRows(
            db,
            sql: "SELECT * FROM \(table) WHERE record = ? ORDER BY place",
            arguments: [record]
        )
        let row = RawRow(rows: rows, columns: rows.columns)
        var children: [Child] = []
        while try rows.next() { children.append(child(row)) }
        return children
    }
}

/// The row that a query is at, by the names of its columns.
private struct RawRow: ColumnReading {
    let rows: RawRows
    let columns: [String: CInt]

    /// What a column of this type has in place of NULL, where somebody put one: 0, or nothing.
    func value<Value: ColumnValue>(_ column: String) -> Value {
        Value(statement: rows.pointer, column: columns[column] ?? -1)
    }

    /// Also nil where an older file has no such column.
    func optional<Value: ColumnValue>(_ column: String) -> Value? {
        guard let place = columns[column], !rows.isNull(place) else { return nil }
        return Value(statement: rows.pointer, column: place)
    }
}
