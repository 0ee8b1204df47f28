package import Foundation
package import GRDB
import GRDBSQLite

/// Values for the question marks of a query, in their order.
package typealias SQLArguments = [(any DatabaseValueConvertible)?]

/// A database in a transaction, whichever it is: what the SQL that both kinds understand is run on.
package protocol StoreAccess {
    associatedtype StoredRow: ColumnReading

    /// What is said differently there.
    var dialect: SQLDialect { get }

    /// The chain that is meant where only one can be.
    var chain: ChainScope { get }

    /// The same database once for each of its chains, in order of number.
    var chains: [Self] { get throws }

    /// The same database, with a chain that is meant.
    func scoped(to chain: ChainScope) -> Self

    /// Whether it has a table; a file that an older version of the program wrote may not.
    func hasTable(_ name: String) throws -> Bool

    /// Whether a table that it has has a column; that of an older file may not.
    func hasColumn(_ column: String, of table: String) throws -> Bool

    /// That a record, called `r`, of those that pass the rest of a filter holds the text that the filter names, encrypted or not.
    ///
    /// - Throws: ``AuditError/missingTextKey(id:)``.
    func holdsText(_ filter: AuditFilter) throws -> (String, SQLArguments)

    /// The rows that a query finds.
    func rows(_ sql: String, _ arguments: SQLArguments) throws -> [StoredRow]

    /// Gives the rows that a query finds one after the other, until told that it is enough; none is kept.
    func each(_ sql: String, _ arguments: SQLArguments, _ body: (StoredRow) throws -> Bool) throws

    /// Changes rows and says how many.
    @discardableResult
    func change(_ sql: String, _ arguments: SQLArguments) throws -> Int

    /// The records whose rows a query finds, with what belongs to them.
    func records(_ sql: String, _ arguments: SQLArguments) throws -> [ChainedRecord]

    /// Gives the records of the chain, one after the other, until told that it is enough.
    func walk(_ body: (ChainedRecord) throws -> Bool) throws

    /// A page of a list.
    func list(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int) throws -> [ChainedRecord]

    /// The first records of the chain after a place, in order of place.
    func following(_ filter: AuditFilter, after place: Int64, limit: Int) throws -> [ChainedRecord]

    /// How a page of a list is found, for people.
    func plan(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int) throws -> String

    /// How the database goes about a query, a line for each step.
    func steps(_ sql: String, _ arguments: SQLArguments) throws -> [String]

    /// The place of a record of the chain before which all are older than a time; nil when every record is.
    func firstPlace(since time: Date) throws -> Int64?

    /// Deletes the records of the chain up to a place, with what belongs to them.
    func deleteRecords(through place: Int64) throws

    /// How large the store's content is, without what was deleted.
    func usedBytes() throws -> Int
}

extension StoreAccess {
    /// Whether its labels have a chain; those of an older file don't.
    func hasChainedLabels() throws -> Bool { try hasTable("label") && hasColumn("hash", of: "label") }

    /// Refuses to ask for a column of records that an older store doesn't have.
    ///
    /// - Throws: ``AuditError/olderSchema(missing:)``.
    func checkColumn(_ name: String) throws {
        guard try hasColumn(name, of: "record") else { throw AuditError.olderSchema(missing: name) }
    }
}

/// A row of a table, by the names of its columns.
package protocol ColumnReading {
    /// - Precondition: the column is not NULL.
    func value<Value: ColumnValue>(_ column: String) -> Value

    func optional<Value: ColumnValue>(_ column: String) -> Value?
}

extension ColumnReading {
    subscript<Value: ColumnValue>(_ column: String) -> Value { value(column) }

    subscript<Value: ColumnValue>(_ column: String) -> Value? { optional(column) }
}

/// What columns hold.
package protocol ColumnValue: DatabaseValueConvertible, StatementColumnConvertible {
    /// Reads the value as PostgreSQL writes it.
    init?(column: String)

    /// Reads the value from the row that a statement of SQLite is at; 0 or nothing for NULL.
    init(statement: OpaquePointer, column: CInt)
}

extension String: ColumnValue {
    package init?(column: String) { self = column }

    package init(statement: OpaquePointer, column: CInt) {
        // The length is asked for, since a text may have a zero in it.
        let bytes = sqlite3_column_text(statement, column)
        let count = Int(sqlite3_column_bytes(statement, column))
        self.init(decoding: UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count), as: UTF8.self)
    }
}
extension Int: ColumnValue {
    package init?(column: String) { self.init(column) }

    package init(statement: OpaquePointer, column: CInt) { self.init(sqlite3_column_int64(statement, column)) }
}
extension Int64: ColumnValue {
    package init?(column: String) { self.init(column) }

    package init(statement: OpaquePointer, column: CInt) { self = sqlite3_column_int64(statement, column) }
}
extension Double: ColumnValue {
    package init?(column: String) { self.init(column) }

    package init(statement: OpaquePointer, column: CInt) { self = sqlite3_column_double(statement, column) }
}

/// Which of the chains of a store.
package enum ChainScope: Sendable, Hashable {
    /// That of a file, which has one.
    case only
    /// That of one of several writers.
    case writer(Int)

    /// Its number, from 1.
    var number: Int {
        switch self {
        case .only: 1
        case .writer(let number): number
        }
    }

    /// What holds of its rows.
    var condition: String {
        switch self {
        case .only: "TRUE"
        case .writer(let number): "writer = \(number)"
        }
    }

    /// The column of a record's place in it.
    var place: String { self == .only ? "sequence" : "writer_sequence" }

    /// What the columns of a new row begin with.
    var columns: String { self == .only ? "" : "writer, " }

    /// What the values of a new row begin with.
    var values: String { self == .only ? "" : "\(number), " }
}

/// What the two kinds of database say differently.
package enum SQLDialect: Sendable {
    case sqlite
    case postgresql

    /// That a row of a table, called `alias`, belongs to the record `r`.
    func belongs(_ alias: String) -> String {
        switch self {
        case .sqlite: "\(alias).record = r.sequence"
        // Their partitions are of the same spans of time.
        case .postgresql: "\(alias).record = r.sequence AND \(alias).time = r.time"
        }
    }

    /// That a column holds one of some numbers, and what to compare it with.
    func isAmong(_ column: String, _ numbers: [Int64]) -> (String, String) {
        let list = numbers.map(String.init).joined(separator: ",")
        return switch self {
        case .sqlite: ("\(column) IN (SELECT value FROM json_each(?))", "[\(list)]")
        case .postgresql: ("\(column) = ANY(?)", "{\(list)}")
        }
    }

    /// That a row belongs to a record of a span of time, as far as that tells where to look.
    ///
    /// - Parameter times: microseconds since 1970.
    func isWithin(_ times: ClosedRange<Int64>) -> String {
        switch self {
        case .sqlite: "TRUE"
        case .postgresql: "time BETWEEN \(times.lowerBound) AND \(times.upperBound)"
        }
    }

    /// That a decision's JSON says that some field was not scanned.
    ///
    /// Nothing that somebody wrote can look like it: a quotation mark inside a JSON string has a backslash before it.
    var unscanned: String {
        switch self {
        case .sqlite: Schema.unscanned
        case .postgresql: "strpos(decision, '\"state\":\"skipped\"') > 0"
        }
    }

    /// The channel of a chat platform that a decision's JSON names.
    var channel: String {
        switch self {
        case .sqlite: "json_extract(r.decision, '$.channel')"
        case .postgresql: "(r.decision::json ->> 'channel')"
        }
    }

    /// The score of screening that a decision's JSON names.
    var screenScore: String {
        switch self {
        case .sqlite: "json_extract(decision, '$.screenScore')"
        case .postgresql: "(decision::json ->> 'screenScore')::float8"
        }
    }

    /// The function that gives the smaller of two numbers.
    var least: String { self == .sqlite ? "min" : "least" }

    /// That a column looks like a pattern, and the pattern, in which `*` stands for any characters.
    func matches(_ column: String, _ pattern: String) -> (String, String) {
        switch self {
        case .sqlite: ("\(column) GLOB ?", Self.glob(pattern))
        case .postgresql: ("\(column) LIKE ? ESCAPE '\\'", Self.escaped(pattern).replacing("*", with: "%"))
        }
    }

    /// A GLOB pattern in which only `*` stands for others.
    static func glob(_ pattern: String) -> String {
        pattern.map { "[?".contains($0) ? "[\($0)]" : String($0) }.joined()
    }

    /// That a column contains a text without regard to case, and what to compare it with.
    ///
    /// ASCII is compared as it is kept, which is quicker than to fold what other scripts call the same.
    func contains(_ column: String, _ text: String) -> (String, String) {
        let isASCII = text.utf8.allSatisfy { $0 < 128 }
        let pattern = "%\(Self.escaped(isASCII ? text : CaseFolding.fold(text)))%"
        switch self {
        case .sqlite:
            let folded = isASCII ? column : "\(CaseFolding.name)(\(column))"
            return ("\(folded) LIKE ? ESCAPE '\\'", pattern)
        case .postgresql:
            guard !isASCII else { return ("lower(\(column)) LIKE ? ESCAPE '\\'", pattern.lowercased()) }
            // ICU writes a sigma at the end of a word in another way than Swift.
            let folded = "translate(lower(normalize(\(column), NFC) COLLATE \"und-x-icu\"), 'ς', 'σ')"
            return ("\(folded) LIKE ? ESCAPE '\\'", pattern.replacing("ς", with: "σ"))
        }
    }

    /// A LIKE pattern of a text; `%`, `_` and `\` stand for themselves.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            if character == "%" || character == "_" || character == "\\" { escaped.unicodeScalars.append("\\") }
            escaped.unicodeScalars.append(character)
        }
        return escaped
    }
}
