import GRDB
import GRDBSQLite

/// One row on its way into a table: values are bound straight to the prepared statement.
///
/// GRDB's lists of arguments box, check and bind each value; with some forty values a record that is half of the writer's time.
struct Insertion: ColumnBinding {
    private let db: Database
    private let statement: OpaquePointer
    private var place: CInt = 0

    /// Prepares a statement, or takes it from the cache, with nothing bound to it.
    init(_ db: Database, sql: String) throws {
        self.db = db
        statement = try db.cachedStatement(sql: sql).sqliteStatement
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }

    /// Binds the next value.
    mutating func bind(_ text: String?) {
        place += 1
        guard var text else { return }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // Without an address SQLite would take an empty text for NULL. The text is copied (SQLITE_TRANSIENT).
                let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                if let start = characters.baseAddress {
                    sqlite3_bind_text(statement, place, start, CInt(characters.count), copied)
                } else {
                    sqlite3_bind_text(statement, place, "", 0, copied)
                }
            }
        }
    }

    /// Binds the next value.
    mutating func bind(_ bytes: [UInt8]) {
        place += 1
        // Without an address SQLite would take an empty value for NULL. The bytes are copied (SQLITE_TRANSIENT).
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        if bytes.isEmpty {
            sqlite3_bind_zeroblob(statement, place, 0)
        } else {
            sqlite3_bind_blob(statement, place, bytes, CInt(bytes.count), copied)
        }
    }

    /// Binds the next value.
    mutating func bind(_ integer: Int64?) {
        place += 1
        if let integer { sqlite3_bind_int64(statement, place, integer) }
    }

    /// Binds the next value.
    mutating func bind(_ number: Double?) {
        place += 1
        if let number { sqlite3_bind_double(statement, place, number) }
    }

    /// Runs a statement without values.
    static func run(_ db: Database, sql: String) throws { try Insertion(db, sql: sql).step() }

    /// Inserts the row.
    ///
    /// - Returns: whether it was new; false where the statement says what to do about a row that is there.
    @discardableResult
    func run() throws -> Bool {
        precondition(place == sqlite3_bind_parameter_count(statement), "\(place) values for another number of columns")
        try step()
        return db.changesCount > 0
    }

    private func step() throws {
        let code = sqlite3_step(statement)
        defer { sqlite3_reset(statement) }
        guard code == SQLITE_DONE else {
            let handle = sqlite3_db_handle(statement)
            throw DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(handle)),
                message: String(cString: sqlite3_errmsg(handle))
            )
        }
    }
}
