public import Foundation
import GRDB
import GRDBSQLite
public import Moderation

/// Reads many decisions of a SQLite file.
public struct SQLiteRecordedScan: RecordedScan {
    /// Path of the audit file.
    public let path: String
    /// Places in the store, from the first record of the span to the last; nil when there is none.
    public let sequences: ClosedRange<Int64>?

    private let since: Int64
    private let until: Int64
    private let hasScreenScores: Bool

    /// Looks up where the records of a span of time are.
    ///
    /// - Parameters:
    ///   - until: exclusive; nil for no end. Records that are written from now on are left out.
    ///   - hasScreenScores: whether screening scores are wanted, which makes it slower.
    /// - Throws: ``AuditError``.
    public init(path: String, since: Date?, until: Date?, hasScreenScores: Bool) throws(AuditError) {
        self.path = path
        self.since = since?.microseconds ?? .min
        self.until = until?.microseconds ?? .max
        self.hasScreenScores = hasScreenScores
        let file = AuditFile(path: path)
        try file.checkForReading()
        let span = [self.since, self.until]
        do {
            sequences = try file.openForReading().read { db in
                let sql = "SELECT min(sequence), max(sequence) FROM record WHERE time >= ? AND time < ?"
                guard let row = try Row.fetchOne(db, sql: sql, arguments: StatementArguments(span)),
                    let first: Int64 = row[0], let last: Int64 = row[1]
                else { return nil }
                return first...last
            }
        } catch {
            throw AuditError.of(error, path: path)
        }
    }

    /// Reads a piece on a connection of its own, in order of place.
    public func read(_ piece: ClosedRange<Int64>, _ body: (RecordedDecision, RecordedNames) -> Void) throws(AuditError)
    {
        let database = try AuditFile(path: path).openForReading()
        do {
            try withoutActuallyEscaping(body) { body in
                try database.read { db in
                    // A file that no gateway of this version has opened yet has no such column.
                    let rules = try db.hasColumn("rules", of: "record") ? "rules" : "NULL"
                    let records = ScanSQL.records(.sqlite, rules: rules, hasScreenScores: hasScreenScores)
                    var reading = try RecordedReading(
                        records: StatementRows(db, records, piece),
                        verdicts: StatementRows(db, ScanSQL.verdicts(.sqlite), piece)
                    )
                    while let (decision, time) = try reading.next() {
                        if time >= since, time < until { body(decision, reading.names) }
                    }
                }
            }
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}

/// The rows of a statement.
private struct StatementRows: ScanRows {
    private let statement: OpaquePointer

    init(_ db: Database, _ sql: String, _ piece: ClosedRange<Int64>) throws {
        // The statement lives as long as the connection, which outlives the reading.
        statement = try db.cachedStatement(sql: sql).sqliteStatement
        sqlite3_reset(statement)
        sqlite3_bind_int64(statement, 1, piece.lowerBound)
        sqlite3_bind_int64(statement, 2, piece.upperBound)
    }

    func next() throws -> Bool {
        let code = sqlite3_step(statement)
        guard code == SQLITE_ROW || code == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: nil)
        }
        return code == SQLITE_ROW
    }

    func text(_ column: Int32) -> UnsafeBufferPointer<UInt8>? {
        guard let start = sqlite3_column_text(statement, column) else { return nil }
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func number(_ column: Int32) -> Double? {
        sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : sqlite3_column_double(statement, column)
    }
}
