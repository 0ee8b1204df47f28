import GRDB
import GRDBSQLite

/// Whole records of a query, read value by value straight from SQLite: to find some forty columns by their names in each row would
/// be most of what a record takes.
struct RawRecords {
    private let db: Database
    private let rows: RawRows
    /// Where each column stands in the query's rows; nil where an older file has none.
    private let columns: [CInt?]

    /// In the order in which ``record()`` reads them.
    private static let names = [
        "sequence", "id", "time", "direction", "request_id", "route", "dialect", "tenant", "model", "streamed",
        "outcome",
        "result", "cause", "fail_mode", "ending", "status", "released_characters", "judging_ms", "policy",
        "policy_revision", "content_mode", "decision", "candidate_revision", "candidate_outcome", "rules", "client",
        "conversation", "previous_hash", "hash",
    ]

    /// - Parameter sql: a query whose rows have all columns of `record`.
    init(_ db: Database, sql: String, arguments: SQLArguments) throws {
        self.db = db
        rows = try RawRows(db, sql: sql, arguments: StatementArguments(arguments))
        columns = rows.places(of: Self.names)
    }

    /// The next record with what belongs to it; nil at the end.
    func next() throws -> ChainedRecord? {
        guard try rows.next() else { return nil }
        var values = RawValues(rows: rows, columns: columns)
        let sequence = values.integer()
        return ChainedRecord(
            sequence: sequence,
            previousHash: rows.text(columns[27] ?? -1),
            hash: rows.text(columns[28] ?? -1),
            record: StoredRecord(
                &values,
                verdicts: try Self.children(db, "verdict", of: sequence, StoredVerdict.names) { StoredVerdict(&$0) },
                content: try Self.children(db, "content", of: sequence, StoredContent.names) { StoredContent(&$0) }
            )
        )
    }

    /// Ends the query, also before its last row.
    func close() { rows.close() }

    private static func children<Child>(
        _ db: Database,
        _ table: String,
        of record: Int64,
        _ names: [String],
        _ child: (inout RawValues) -> Child
    ) throws -> [Child] {
        let rows = try RawRows(
            db,
            sql: "SELECT * FROM \(table) WHERE record = ? ORDER BY place",
            arguments: [record]
        )
        let columns = rows.places(of: names)
        var children: [Child] = []
        while try rows.next() {
            var values = RawValues(rows: rows, columns: columns)
            children.append(child(&values))
        }
        return children
    }
}

/// The values of a row, one after the other.
private struct RawValues {
    let rows: RawRows
    let columns: [CInt?]
    private var next = 0

    init(rows: RawRows, columns: [CInt?]) {
        self.rows = rows
        self.columns = columns
    }

    private mutating func column() -> CInt? {
        defer { next += 1 }
        guard let column = columns[next], !rows.isNull(column) else { return nil }
        return column
    }

    mutating func text() -> String { optionalText() ?? "" }
    mutating func optionalText() -> String? { column().map { rows.text($0) } }
    mutating func integer() -> Int64 { optionalInteger() ?? 0 }
    mutating func optionalInteger() -> Int64? { column().map { rows.integer($0) } }
    mutating func optionalNumber() -> Double? { column().map { rows.number($0) } }
}

extension StoredRecord {
    /// Reads what follows the sequence.
    fileprivate init(_ values: inout RawValues, verdicts: [StoredVerdict], content: [StoredContent]) {
        self.init(
            id: values.text(),
            time: values.integer(),
            direction: values.text(),
            requestID: values.text(),
            route: values.text(),
            dialect: values.text(),
            tenant: values.text(),
            model: values.optionalText(),
            streamed: values.integer(),
            outcome: values.text(),
            result: values.text(),
            cause: values.text(),
            failMode: values.text(),
            ending: values.text(),
            status: values.optionalInteger(),
            releasedCharacters: values.optionalInteger(),
            judgingMilliseconds: values.optionalNumber() ?? 0,
            policy: values.text(),
            policyRevision: values.text(),
            contentMode: values.text(),
            decision: values.text(),
            candidateRevision: values.optionalText(),
            candidateOutcome: values.optionalText(),
            rules: values.optionalText(),
            client: values.optionalText(),
            conversation: values.optionalText(),
            verdicts: verdicts,
            content: content
        )
    }
}

extension StoredVerdict {
    fileprivate static let names = [
        "rule", "mode", "outcome", "score", "flag_threshold", "block_threshold", "screened_out", "error",
    ]

    fileprivate init(_ values: inout RawValues) {
        self.init(
            rule: values.text(),
            mode: values.text(),
            outcome: values.text(),
            score: values.optionalNumber(),
            flagThreshold: values.optionalNumber(),
            blockThreshold: values.optionalNumber(),
            screenedOut: values.integer(),
            error: values.optionalText()
        )
    }
}

extension StoredContent {
    fileprivate static let names = [
        "role", "kind", "pointer", "bytes", "digest", "text_digest", "salt", "text", "key", "masked", "note", "erased",
    ]

    fileprivate init(_ values: inout RawValues) {
        self.init(
            role: values.text(),
            kind: values.text(),
            pointer: values.text(),
            bytes: values.integer(),
            digest: values.optionalText(),
            textDigest: values.optionalText(),
            salt: values.optionalText(),
            text: values.optionalText(),
            key: values.optionalText(),
            masked: values.text(),
            note: values.optionalText(),
            erased: values.optionalInteger()
        )
    }
}
