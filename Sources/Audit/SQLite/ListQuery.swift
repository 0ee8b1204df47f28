import GRDB

/// A page of records: what leads to them, and what they must meet.
///
/// SQLite keeps no statistics of a file that grows all day, so the way is chosen here: by an index where the filter names one
/// request, one conversation or the beginning of one id, else by what is noted of names (``FacetSearch``), else along the records.
struct ListQuery {
    /// How places are looked for before the query is asked; nil where it finds the records by itself.
    private var search: FacetSearch?
    private let span: PlaceSpan
    private let isNewestFirst: Bool
    private let limit: Int
    private let conditions: Conditions
    private var source = "record r NOT INDEXED"

    /// Ids that begin as asked for and are sorted at most.
    private static let sorted = 5000
    /// The same, where their places are looked up first.
    private static let noted = 250_000

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
        conditions = try Conditions(filter, db)
        (self.span, self.isNewestFirst, self.limit) = (span, isNewestFirst, limit)
        if filter.requestID != nil {
            source = "record r INDEXED BY record_request"
        } else if filter.conversation != nil {
            source = "record r INDEXED BY record_conversation"
        } else {
            var search = try FacetSearch(filter, db)
            if let id = filter.id {
                let places = try Self.places(ofIDs: id, db)
                if let places, places.count <= Self.sorted {
                    // The name that SQLite gave the index of a unique column.
                    source = "record r INDEXED BY sqlite_autoindex_record_1"
                    search = nil
                } else if let places {
                    if search == nil {
                        search = try FacetSearch(places, "id \(id)", db)
                    } else {
                        search?.add(places, "id \(id)")
                    }
                }
            }
            self.search = search
        }
    }

    /// The records.
    func records(_ db: Database) throws -> [ChainedRecord] {
        guard let search else {
            let (sql, arguments) = query(among: nil, db, limit: limit)
            return try db.records(sql, arguments)
        }
        var found: [ChainedRecord] = []
        try search.each(within: span, isNewestFirst: isNewestFirst, db) { places in
            let (sql, arguments) = query(among: places, db, limit: limit - found.count)
            found += try db.records(sql, arguments)
            return found.count < limit
        }
        return found
    }

    /// How the records are found, for people.
    func plan(_ db: Database) throws -> String {
        var lines: [String] = []
        if let search {
            lines.append("places")
            lines += search.lines.map { "  with " + $0 }
            lines.append(
                "  all of these at once, from the bits of \(Facet.stretch) places each; then, some places at a time:"
            )
        }
        let (sql, arguments) = query(among: search == nil ? nil : [], db, limit: limit)
        lines += [sql, "plan"] + (try db.steps(sql, arguments))
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Parameter places: those that may pass; nil for all of the span.
    private func query(among places: [Int64]?, _ db: Database, limit: Int) -> (String, SQLArguments) {
        var condition = "r.sequence BETWEEN ? AND ?"
        var arguments: SQLArguments = [span.start, span.end]
        if let places {
            let (isAmong, list) = db.dialect.isAmong("r.sequence", places)
            (condition, arguments) = (isAmong, [list])
        }
        let sql = """
            SELECT r.* FROM \(source)\(conditions.clause(and: [condition]))
            ORDER BY r.sequence\(isNewestFirst ? " DESC" : "") LIMIT \(limit)
            """
        return (sql, conditions.arguments + arguments)
    }

    /// The places of the records whose ids begin so, in order; nil where there are too many.
    private static func places(ofIDs beginning: String, _ db: Database) throws -> [Int64]? {
        let id = beginning.lowercased()
        let rows = try RawRows(
            db,
            sql: "SELECT r.sequence FROM record r WHERE r.id >= ? AND r.id < ? LIMIT \(noted + 1)",
            arguments: [id, id + "g"]
        )
        var places: [Int64] = []
        while try rows.next() { places.append(rows.integer(0)) }
        return places.count > noted ? nil : places.sorted()
    }
}

/// Places between which the records of a span of time lie.
struct PlaceSpan: Sendable {
    var start: Int64
    var end: Int64

    /// Two questions, since SQLite reads every record for both in one.
    static let ends = "SELECT (SELECT min(sequence) FROM record), (SELECT max(sequence) FROM record)"

    var count: Int64 { max(0, end - start + 1) }

    init(start: Int64, end: Int64) { (self.start, self.end) = (start, end) }

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
