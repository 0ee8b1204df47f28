import GRDB

/// The query behind a page of records.
struct ListQuery {
    let sql: String
    let arguments: StatementArguments

    /// - Parameters:
    ///   - cursor: where the page before this one ended; nil begins at the newest.
    ///   - limit: how many rows at most.
    init(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int, _ db: Database) throws {
        var conditions = try Conditions(filter, db)
        if let cursor { conditions.add("r.sequence < ?", [cursor.sequence]) }
        sql = "SELECT r.* FROM record r\(conditions.clause) ORDER BY r.sequence DESC LIMIT \(limit)"
        arguments = conditions.arguments
    }
}
