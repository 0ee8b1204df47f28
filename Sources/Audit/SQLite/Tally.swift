import GRDB

/// Counts of the records that pass a filter.
struct Tally: Sendable {
    private(set) var records: RecordTally
    private(set) var verdicts = VerdictTally()

    /// Counts a part of the records.
    ///
    /// - Parameters:
    ///   - column: what they are counted apart by too.
    ///   - hasVerdicts: whether what the rules said is counted.
    /// - Returns: nil when records that were there have been pruned since the part was cut.
    init?(_ db: Database, _ filter: AuditFilter, _ part: TallyPart, by column: String, hasVerdicts: Bool) throws {
        guard try TallyPart.oldest(db) == part.oldest else { return nil }
        try db.checkColumn(column)
        records = RecordTally(within: part.span)
        var conditions = try Conditions(filter, db)
        if part.isSearched {
            let search = try FacetSearch(filter, db)
            try search?.each(within: part.span, isNewestFirst: false, db) { places in
                var some = conditions
                let (isAmong, list) = db.dialect.isAmong("r.sequence", places)
                some.add(isAmong, [list])
                try records.add(db, from: "record r NOT INDEXED", some, by: column)
                return true
            }
        } else {
            // Not to be looked up by: the index of times leads to them.
            conditions.add("+r.sequence BETWEEN ? AND ?", [part.span.start, part.span.end])
            if let from = part.from { conditions.add("r.time >= ?", [from]) }
            if let before = part.before { conditions.add("r.time < ?", [before]) }
            try records.add(db, from: "record r", conditions, by: column)
        }
        if hasVerdicts { verdicts = try VerdictTally(db, records.places) }
    }

    /// Adds the counts of another part.
    mutating func add(_ other: Tally) {
        records.add(other.records)
        verdicts.add(other.verdicts)
    }
}

/// A part of the records that a question is about.
///
/// Records don't change and their places are fixed, so parts may be counted at different moments, over connections of their own,
/// and belong together all the same.
struct TallyPart: Sendable {
    /// The oldest record of the store; while it is the same, nothing was pruned.
    let oldest: Int64?
    /// Where the records lie.
    var span: PlaceSpan
    /// Time of the first, in microseconds since 1970; nil for any.
    var from: Int64?
    /// Time that all are before; nil for any.
    var before: Int64?
    /// Whether few are left by what is noted of names, and found by that.
    var isSearched = false

    /// Fewer records than these are not worth a second connection.
    private static let least: Int64 = 50_000
    /// Where this share of the records is left at most, they are looked up one by one.
    private static let searched: Int64 = 8

    static func oldest(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT min(sequence) FROM record"))
    }

    /// One part, or two that take about as long; none in an empty store.
    static func all(_ filter: AuditFilter, _ db: Database) throws -> [TallyPart] {
        guard let oldest = try oldest(db) else { return [] }
        var whole = TallyPart(oldest: oldest, span: try PlaceSpan(filter, db))
        if whole.span.count == 0 { return [] }
        if let search = try FacetSearch(filter, db) {
            var count: Int64 = 0
            let bound = whole.span.count / searched
            try search.each(within: whole.span, isNewestFirst: false, db) { places in
                count += Int64(places.count)
                return count <= bound
            }
            whole.isSearched = count <= bound
        }
        if whole.span.count < least { return [whole] }
        let middle = whole.span.start + whole.span.count / 2
        var (early, late) = (whole, whole)
        if whole.isSearched {
            (early.span.end, late.span.start) = (middle - 1, middle)
        } else {
            let sql = "SELECT time FROM record WHERE sequence >= ? ORDER BY sequence LIMIT 1"
            let time = try Int64.fetchOne(db, sql: sql, arguments: [middle])
            (early.before, late.from) = (time, time)
            if time == nil { return [whole] }
        }
        return [early, late]
    }
}

extension SQLiteAuditReader {
    /// Counts the records that pass a filter, the earlier and the later ones at the same time, each half over a connection and on a
    /// thread of its own.
    func tally(_ filter: AuditFilter, by column: String, hasVerdicts: Bool) async throws -> Tally? {
        while true {
            let parts = try await read { db in try TallyPart.all(filter, db) }
            guard let first = parts.first else { return nil }
            async let early = read { db in
                try Tally(db, filter, first, by: column, hasVerdicts: hasVerdicts)
            }
            guard parts.count > 1 else {
                if let all = try await early { return all }
                continue
            }
            let other = SQLiteAuditReader(
                path: path,
                database: try AuditFile(path: path, keys: keys).openForReading(),
                keys: keys
            )
            async let late = other.read { db in
                try Tally(db, filter, parts[1], by: column, hasVerdicts: hasVerdicts)
            }
            if var sum = try await early, let late = try await late {
                sum.add(late)
                return sum
            }
        }
    }
}
