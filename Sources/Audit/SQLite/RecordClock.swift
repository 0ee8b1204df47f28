import GRDB

/// How far the order of times is from the order of records: the most that a record was ever earlier than one before it.
struct RecordClock {
    private var latest: Int64
    private var behind: Int64
    private var isChanged = false

    static func fetch(_ db: Database) throws -> RecordClock? {
        let sql = "SELECT behind, (SELECT max(time) FROM record) AS latest FROM clock"
        return try Row.fetchOne(try db.cachedStatement(sql: sql)).map { row in
            RecordClock(latest: row["latest"] ?? .min, behind: row["behind"])
        }
    }

    /// Takes note of a record's time, in microseconds since 1970.
    mutating func add(_ time: Int64) {
        if time >= latest {
            latest = time
        } else if latest - time > behind {
            behind = latest - time
            isChanged = true
        }
    }

    func save(_ db: Database) throws {
        guard isChanged else { return }
        var row = try Insertion(db, sql: "UPDATE clock SET behind = ?")
        row.bind(behind)
        try row.run()
    }
}
