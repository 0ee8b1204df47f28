import GRDB

/// The query behind a page of records: which index leads to them, and what they must meet.
///
/// SQLite keeps no statistics of a file that grows all day, so the ways are compared here: how many rows each of them would look
/// at is counted, up to a bound, and the shortest is taken.
struct ListQuery {
    let sql: String
    let arguments: SQLArguments

    /// - Parameters:
    ///   - cursor: where the page before this one ended; nil begins at the newest.
    ///   - limit: how many rows at most.
    init(_ filter: AuditFilter, after cursor: AuditCursor?, limit: Int, _ db: Database) throws {
        var span = try PlaceSpan(filter, db)
        if let cursor { span.end = min(span.end, cursor.sequence - 1) }
        try self.init(filter, within: span, isNewestFirst: true, limit: limit, db)
    }

    /// The first recorded first.
    ///
    /// - Parameters:
    ///   - place: the record before the first.
    ///   - limit: how many rows at most.
    init(_ filter: AuditFilter, from place: Int64, limit: Int, _ db: Database) throws {
        var span = try PlaceSpan(filter, db)
        span.start = max(span.start, place + 1)
        try self.init(filter, within: span, isNewestFirst: false, limit: limit, db)
    }

    private init(_ filter: AuditFilter, within span: PlaceSpan, isNewestFirst: Bool, limit: Int, _ db: Database) throws
    {
        let conditions = try Conditions(filter, db)
        let way = try AccessWay.all(filter, within: span, db).map { ($0, try $0.count(within: span, db)) }
            .filter { way, count in count < AccessWay.bound || way.isOrdered }
            .min { $0.1 < $1.1 }
        let from = way.map { $0.1 < span.count ? $0.0 : AccessWay.walk } ?? AccessWay.walk
        sql = """
            SELECT r.* FROM \(from.source)\(conditions.clause(and: from.conditions + ["\(from.place) BETWEEN ? AND ?"]))
            ORDER BY \(from.order.map { $0 + (isNewestFirst ? " DESC" : "") }.joined(separator: ", ")) LIMIT \(limit)
            """
        arguments = conditions.arguments + from.arguments + [span.start, span.end]
    }
}

/// Places between which the records of a span of time lie.
struct PlaceSpan {
    var start: Int64
    var end: Int64

    /// Two questions, since SQLite reads every record for both in one.
    static let ends = "SELECT (SELECT min(sequence) FROM record), (SELECT max(sequence) FROM record)"

    var count: Int64 { max(0, end - start + 1) }

    /// The clock may have been set back, so that later records have earlier times; how far it ever was behind is kept, and no
    /// record of the span lies outside the places of the records that near to its ends.
    init(_ filter: AuditFilter, _ db: Database) throws {
        let ends = try Row.fetchOne(db, sql: Self.ends)
        start = ends?[0] ?? 0
        end = ends?[1] ?? -1
        guard filter.since != nil || filter.until != nil, try db.tableExists("clock"),
            let behind = try Int64.fetchOne(db, sql: "SELECT behind FROM clock")
        else { return }
        if let since = filter.since?.microseconds {
            let sql = "SELECT time FROM record WHERE time >= ? ORDER BY time LIMIT 1"
            guard let first = try Int64.fetchOne(db, sql: sql, arguments: [since]) else {
                end = start - 1
                return
            }
            let near = "SELECT min(sequence) FROM record WHERE time BETWEEN ? AND ?"
            start = try Int64.fetchOne(db, sql: near, arguments: [first, first + behind]) ?? start
        }
        if let until = filter.until?.microseconds {
            let sql = "SELECT time FROM record WHERE time < ? ORDER BY time DESC LIMIT 1"
            guard let last = try Int64.fetchOne(db, sql: sql, arguments: [until]) else {
                end = start - 1
                return
            }
            let near = "SELECT max(sequence) FROM record WHERE time BETWEEN ? AND ?"
            end = try Int64.fetchOne(db, sql: near, arguments: [last - behind, last]) ?? end
        }
    }
}
