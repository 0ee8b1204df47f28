import GRDB

extension StoredRecord {
    /// Adds the record and its children at a place in the chain.
    ///
    /// Runs inside the caller's transaction.
    ///
    /// - Returns: false, with nothing added, when a record with its id is there already.
    func insert(_ db: Database, sequence: Int64, previousHash: String, hash: String) throws -> Bool {
        var row = try Insertion(db, sql: Self.insertion)
        bind(to: &row, sequence: sequence, previousHash: previousHash, hash: hash)
        guard try row.run() else { return false }
        for (place, verdict) in verdicts.enumerated() {
            var row = try Insertion(db, sql: StoredVerdict.insertion)
            verdict.bind(to: &row, record: sequence, place: place)
            try row.run()
        }
        for (place, part) in content.enumerated() {
            var row = try Insertion(db, sql: StoredContent.insertion)
            part.bind(to: &row, record: sequence, place: place)
            try row.run()
        }
        return true
    }

    private static let insertion = Insertion.sql("record", columns) + " ON CONFLICT (id) DO NOTHING"
}

extension StoredVerdict {
    fileprivate static let insertion = Insertion.sql("verdict", columns)
}

extension StoredContent {
    fileprivate static let insertion = Insertion.sql("content", columns)
}

extension Insertion {
    fileprivate static func sql(_ table: String, _ columns: String) -> String {
        let marks = columns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO \(table) (\(columns)) VALUES (\(marks))"
    }
}
