public import Foundation
import GRDB
import GRDBSQLite
public import Moderation

/// Reads many decisions as fast as the store can: no texts, no JSON, no object for each value.
public protocol RecordedScan: Sendable {
    /// The span in pieces of about the same length, in order, which may be read at the same time.
    func pieces(_ count: Int) -> [ClosedRange<Int64>]

    /// Reads a piece on a connection of its own, in order of place.
    ///
    /// Blocks until it is read.
    ///
    /// - Parameter body: given each decision, and what its indices stand for so far; names are only ever added.
    func read(_ piece: ClosedRange<Int64>, _ body: (RecordedDecision, RecordedNames) -> Void) throws(AuditError)
}

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

    /// The span in pieces of about the same length, in order, which may be read at the same time.
    public func pieces(_ count: Int) -> [ClosedRange<Int64>] {
        guard let sequences else { return [] }
        let total = sequences.upperBound - sequences.lowerBound + 1
        let length = max(1, (total + Int64(count) - 1) / Int64(count))
        return stride(from: sequences.lowerBound, through: sequences.upperBound, by: Int64.Stride(length)).map {
            $0...min($0 + length - 1, sequences.upperBound)
        }
    }

    /// Reads a piece on a connection of its own, in order of place.
    public func read(_ piece: ClosedRange<Int64>, _ body: (RecordedDecision, RecordedNames) -> Void) throws(AuditError)
    {
        let database = try AuditFile(path: path).openForReading()
        do {
            try withoutActuallyEscaping(body) { body in
                try database.read { db in
                    var reading = try RecordedReading(db, piece, hasScreenScores: hasScreenScores)
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

/// Two tables read side by side: each record with its verdicts.
private struct RecordedReading {
    private(set) var names = RecordedNames()

    private let records: OpaquePointer
    private let verdicts: OpaquePointer
    private var rules = NameTable()
    private var revisions = NameTable()
    private var scopes: [ScopeKey: Int] = [:]
    private var routes = NameTable()
    private var tenants = NameTable()
    private var models = NameTable()
    private var hasVerdict = false

    private struct ScopeKey: Hashable {
        var route: Int
        var tenant: Int
        var model: Int
    }

    init(_ db: Database, _ piece: ClosedRange<Int64>, hasScreenScores: Bool) throws {
        let screen = hasScreenScores ? ", json_extract(decision, '$.screenScore')" : ""
        // A file that no gateway of this version has opened yet has no such column.
        let rules = try db.columns(in: "record").contains { $0.name == "rules" } ? "rules" : "NULL"
        records = try Self.prepare(
            db,
            """
            SELECT sequence, time, direction, outcome, cause, policy_revision, route, tenant, model, \(rules)\(screen)
            FROM record
            WHERE sequence BETWEEN \(piece.lowerBound) AND \(piece.upperBound) ORDER BY sequence
            """
        )
        verdicts = try Self.prepare(
            db,
            """
            SELECT record, rule, outcome, score, screened_out, error IS NOT NULL FROM verdict
            WHERE record BETWEEN \(piece.lowerBound) AND \(piece.upperBound) ORDER BY record, place
            """
        )
        hasVerdict = sqlite3_step(verdicts) == SQLITE_ROW
    }

    private static func prepare(_ db: Database, _ sql: String) throws -> OpaquePointer {
        // The statement lives as long as the connection, which outlives the reading.
        let statement = try db.cachedStatement(sql: sql).sqliteStatement
        sqlite3_reset(statement)
        return statement
    }

    /// The next decision and its time, in microseconds since 1970; nil at the end.
    mutating func next() throws -> (RecordedDecision, Int64)? {
        let code = sqlite3_step(records)
        guard code == SQLITE_ROW else {
            guard code == SQLITE_DONE else {
                throw DatabaseError(resultCode: ResultCode(rawValue: code), message: nil)
            }
            return nil
        }
        let sequence = sqlite3_column_int64(records, 0)
        guard let direction = Self.direction(sqlite3_column_text(records, 2)),
            let outcome = Self.outcome(sqlite3_column_text(records, 3)),
            let cause = Self.cause(sqlite3_column_text(records, 4))
        else { throw AuditError.unreadableRecord(id: "at place \(sequence)") }
        let hasScreen = sqlite3_column_count(records) > 10 && sqlite3_column_type(records, 10) != SQLITE_NULL
        let revision = revisions.index(records, 5, into: &names.revisions)
        var decision = RecordedDecision(
            sequence: sequence,
            direction: direction,
            scope: scope(),
            revision: revision,
            outcome: outcome,
            cause: cause,
            screenScore: hasScreen ? sqlite3_column_double(records, 10) : nil,
            verdicts: []
        )
        decision.verdicts.reserveCapacity(16)
        if let asked = sqlite3_column_text(records, 9) {
            let text = UnsafeBufferPointer(start: asked, count: Int(sqlite3_column_bytes(records, 9)))
            try AskedRules.each(of: text) { mark, rule in
                if mark == .kept, let verdict = try nextVerdict(of: sequence) {
                    decision.verdicts.append(verdict)
                } else {
                    let rule = rules.index(rule, into: &names.rules)
                    decision.verdicts.append(
                        RecordedVerdict(rule: rule, outcome: .allow, isScreenedOut: mark == .screenedOut)
                    )
                }
            }
        }
        while let verdict = try nextVerdict(of: sequence) { decision.verdicts.append(verdict) }
        return (decision, sqlite3_column_int64(records, 1))
    }

    /// The next verdict that has a row; nil when the record has no more of them.
    private mutating func nextVerdict(of sequence: Int64) throws -> RecordedVerdict? {
        guard hasVerdict, sqlite3_column_int64(verdicts, 0) <= sequence else { return nil }
        guard let outcome = Self.outcome(sqlite3_column_text(verdicts, 2)) else {
            throw AuditError.unreadableRecord(id: "at place \(sequence)")
        }
        defer { hasVerdict = sqlite3_step(verdicts) == SQLITE_ROW }
        return RecordedVerdict(
            rule: rules.index(verdicts, 1, into: &names.rules),
            outcome: outcome,
            score: sqlite3_column_type(verdicts, 3) == SQLITE_NULL ? nil : sqlite3_column_double(verdicts, 3),
            isScreenedOut: sqlite3_column_int(verdicts, 4) != 0,
            isFailed: sqlite3_column_int(verdicts, 5) != 0
        )
    }

    private mutating func scope() -> Int {
        var unused: [String] = []
        let key = ScopeKey(
            route: routes.index(records, 6, into: &unused),
            tenant: tenants.index(records, 7, into: &unused),
            model: models.index(records, 8, into: &unused)
        )
        if let known = scopes[key] { return known }
        func text(_ column: CInt) -> String { sqlite3_column_text(records, column).map { String(cString: $0) } ?? "" }
        scopes[key] = names.scopes.count
        names.scopes.append(Scope(route: text(6), tenant: text(7), model: text(8)))
        return names.scopes.count - 1
    }

    // Each of these words begins with a letter of its own.

    private static func outcome(_ text: UnsafePointer<UInt8>?) -> Outcome? {
        switch text?.pointee {
        case UInt8(ascii: "a"): .allow
        case UInt8(ascii: "f"): .flag
        case UInt8(ascii: "r"): .redact
        case UInt8(ascii: "b"): .block
        default: nil
        }
    }

    private static func direction(_ text: UnsafePointer<UInt8>?) -> Direction? {
        switch text?.pointee {
        case UInt8(ascii: "p"): .prompt
        case UInt8(ascii: "r"): .response
        default: nil
        }
    }

    private static func cause(_ text: UnsafePointer<UInt8>?) -> Cause? {
        switch text?.pointee {
        case UInt8(ascii: "n"): Cause.none
        case UInt8(ascii: "c"): .content
        case UInt8(ascii: "g"): .guardUnavailable
        case UInt8(ascii: "o"): .overloaded
        case UInt8(ascii: "u"): .unscanned
        default: nil
        }
    }
}
