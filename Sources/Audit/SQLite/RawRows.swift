import GRDB
import GRDBSQLite

/// Rows of a query, read value by value straight from SQLite: no object for each of them, for questions over millions of rows.
struct RawRows {
    /// Valid while the statement is, which is cached for as long as the connection.
    let pointer: OpaquePointer
    private let statement: Statement

    /// Prepares a query.
    init(_ db: Database, sql: String, arguments: StatementArguments) throws {
        statement = try db.cachedStatement(sql: sql)
        try statement.setArguments(arguments)
        pointer = statement.sqliteStatement
    }

    /// Goes to the next row; false at the end.
    func next() throws -> Bool {
        let code = sqlite3_step(pointer)
        if code == SQLITE_ROW { return true }
        defer { sqlite3_reset(pointer) }
        guard code == SQLITE_DONE else {
            let message = sqlite3_errmsg(sqlite3_db_handle(pointer)).map { String(cString: $0) }
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
        return false
    }

    /// Ends the query, also before its last row.
    func close() { sqlite3_reset(pointer) }

    func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(pointer, column) }

    func number(_ column: CInt) -> Double { sqlite3_column_double(pointer, column) }

    func isNull(_ column: CInt) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    /// The first byte of a text; 0 where there is none.
    func initial(_ column: CInt) -> UInt8 { sqlite3_column_text(pointer, column)?.pointee ?? 0 }

    /// Valid until the next row.
    func bytes(_ column: CInt) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: sqlite3_column_blob(pointer, column),
            count: Int(sqlite3_column_bytes(pointer, column))
        )
    }

    /// Empty where there is none.
    func text(_ column: CInt) -> String { String(statement: pointer, column: column) }

    /// Where each column stands in the rows, by its name.
    var columns: [String: CInt] {
        var columns: [String: CInt] = [:]
        for column in 0..<sqlite3_column_count(pointer) {
            if let name = sqlite3_column_name(pointer, column) { columns[String(cString: name)] = column }
        }
        return columns
    }
}

/// Some of the places between two.
struct PlaceSet: Sendable {
    private var words: [UInt64]
    private let first: Int64
    /// The lowest and the highest place; nil while there is none.
    private(set) var bounds: ClosedRange<Int64>?

    /// Creates an empty set of places between two.
    init(within range: ClosedRange<Int64>) {
        first = range.lowerBound
        words = Array(repeating: 0, count: Int((range.upperBound - range.lowerBound) / 64) + 1)
    }

    mutating func insert(_ place: Int64) {
        let offset = Int(place - first)
        words[offset >> 6] |= 1 << UInt64(offset & 63)
        guard let bounds else { return self.bounds = place...place }
        if place < bounds.lowerBound { self.bounds = place...bounds.upperBound }
        if place > bounds.upperBound { self.bounds = bounds.lowerBound...place }
    }

    func contains(_ place: Int64) -> Bool {
        let offset = Int(place - first)
        guard offset >= 0, offset >> 6 < words.count else { return false }
        return words[offset >> 6] & 1 << UInt64(offset & 63) != 0
    }
}
