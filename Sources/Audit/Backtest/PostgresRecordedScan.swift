import Foundation
import Moderation

/// Reads many decisions of a PostgreSQL database.
struct PostgresRecordedScan: RecordedScan {
    let sequences: ClosedRange<Int64>?

    private let pool: PostgresPool
    private let since: Int64
    private let until: Int64
    private let hasScreenScores: Bool

    /// Looks up where the records of a span of time are.
    ///
    /// - Parameters:
    ///   - until: exclusive; nil for no end. Records of later transactions are left out.
    ///   - hasScreenScores: whether screening scores are wanted, which makes it slower.
    /// - Throws: ``AuditError``.
    init(_ pool: PostgresPool, since: Date?, until: Date?, hasScreenScores: Bool) async throws {
        self.pool = pool
        self.hasScreenScores = hasScreenScores
        let (first, end) = (since?.microseconds ?? .min, until?.microseconds ?? .max)
        (self.since, self.until) = (first, end)
        sequences = try await pool.transact(isReading: true) { session in
            let sql = "SELECT min(sequence) AS first, max(sequence) AS last FROM record WHERE time >= ? AND time < ?"
            let row = try session.rows(sql, [first, end]).first
            guard let first: Int64 = row?["first"], let last: Int64 = row?["last"] else { return nil }
            return first...last
        }
    }

    func read(_ piece: ClosedRange<Int64>, _ body: (RecordedDecision, RecordedNames) -> Void) throws(AuditError) {
        do {
            try pool.readBlocking { session in
                // Verdicts have their record's time, which tells in which partitions they are.
                let span: SQLArguments = [since, until, piece.lowerBound, piece.upperBound]
                let records = ScanSQL.records(.postgresql, hasScreenScores: hasScreenScores)
                var reading = try RecordedReading(
                    records: CursorRows(session, "records", records, span),
                    verdicts: CursorRows(session, "verdicts", ScanSQL.verdicts(.postgresql), span)
                )
                while let (decision, _) = try reading.next() { body(decision, reading.names) }
            }
        } catch {
            throw AuditError.of(error, address: pool.address)
        }
    }
}

/// The rows of a cursor, fetched many at a time.
private struct CursorRows: ScanRows {
    private let connection: PostgresConnection
    private let name: String
    private var result: PostgresResult?
    private var row: Int32 = -1

    init(_ session: PostgresSession, _ name: String, _ sql: String, _ arguments: SQLArguments) throws {
        connection = session.connection
        self.name = name
        try session.change("DECLARE \(name) NO SCROLL CURSOR FOR \(sql)", arguments)
    }

    mutating func next() throws -> Bool {
        row += 1
        if row < result?.count ?? 0 { return true }
        result = try connection.run("FETCH 2000 FROM \(name)").first
        row = 0
        return result?.count ?? 0 > 0
    }

    func text(_ column: Int32) -> UnsafeBufferPointer<UInt8>? { result?.bytes(row, column) }

    func integer(_ column: Int32) -> Int64 {
        guard let digits = text(column), digits.first == UInt8(ascii: "-") else {
            return text(column)?.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } ?? 0
        }
        return -digits.dropFirst().reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    // The server ends every value with a zero.
    func number(_ column: Int32) -> Double? { text(column).flatMap { $0.baseAddress }.map { strtod($0, nil) } }
}
