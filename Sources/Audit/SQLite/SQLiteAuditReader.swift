import GRDB

/// Reads an audit file; never writes to it and never creates one.
///
/// The gateway may be writing the file at the same time. Each question sees the records of one moment.
public struct SQLiteAuditReader: AuditReader {
    /// Path of the file.
    public let path: String

    let database: any DatabaseReader
    let keys: AuditTextKeys

    /// Opens an existing audit file for reading.
    ///
    /// Blocks for a moment on the file system.
    ///
    /// - Parameter keys: what kept texts are encrypted with.
    /// - Throws: ``AuditError`` when there is no such file or it can't be read.
    public init(path: String, keys: AuditTextKeys = AuditTextKeys()) throws(AuditError) {
        let file = AuditFile(path: path, keys: keys)
        try file.checkForReading()
        self.init(path: path, database: try file.openForReading(), keys: keys)
    }

    init(path: String, database: any DatabaseReader, keys: AuditTextKeys) {
        self.path = path
        self.database = database
        self.keys = keys
    }

    func read<T: Sendable>(_ body: @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await database.read(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}

extension SQLiteAuditReader {
    /// The records that pass a filter, the last recorded first.
    public func list(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> AuditPage {
        let limit = max(1, limit)
        return try await read { db in
            let query = try ListQuery(filter, after: cursor, limit: limit + 1, db)
            let stored = try Row.fetchAll(db, sql: query.sql, arguments: query.arguments)
                .map { try ChainedRecord($0, db) }
            // One row more than asked for tells whether a next page exists.
            let next = stored.count > limit ? AuditCursor(sequence: stored[limit - 1].sequence) : nil
            return AuditPage(entries: try stored.prefix(limit).map { try AuditEntry($0, keys: keys) }, next: next)
        }
    }

    /// Which records there are.
    public func position() async throws -> AuditPosition { try await read { db in try AuditPosition(db) } }

    /// The first records after a position that pass a filter, in the order of recording.
    public func records(after position: AuditPosition, _ filter: AuditFilter, limit: Int) async throws -> AuditStretch {
        try await read { db in
            let query = try ListQuery(filter, from: position[1], limit: max(1, limit), db)
            let stored = try Row.fetchAll(db, sql: query.sql, arguments: query.arguments)
                .map { try ChainedRecord($0, db) }
            var end = stored.count < limit ? try AuditPosition(db) : position
            end[1] = max(end[1], stored.last?.sequence ?? position[1])
            return AuditStretch(entries: try stored.map { try AuditEntry($0, keys: keys) }, end: end)
        }
    }

    /// How SQLite goes about a list, in its own words: the query, then one line for each step.
    public func plan(_ filter: AuditFilter, limit: Int, after cursor: AuditCursor?) async throws -> String {
        try await read { db in
            let query = try ListQuery(filter, after: cursor, limit: max(1, limit) + 1, db)
            let steps = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + query.sql, arguments: query.arguments)
            var depths: [Int: Int] = [:]
            let lines = steps.map { row in
                let depth = (depths[row["parent"]] ?? 0) + 1
                depths[row["id"]] = depth
                return String(repeating: "  ", count: depth) + (row["detail"] as String)
            }
            return ([query.sql, "plan"] + lines).joined(separator: "\n") + "\n"
        }
    }

    /// One record, by its id or a beginning of it that no other id has.
    public func entry(_ id: String) async throws -> AuditEntry {
        let prefix = id.lowercased()
        let isPlausible =
            (4...36).contains(prefix.utf8.count) && prefix.allSatisfy { $0.isHexDigit && $0.isASCII || $0 == "-" }
        guard isPlausible else { throw AuditError.badID(id) }
        return try await read { db in
            // 'g' follows every character of an id.
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT * FROM record WHERE id >= ? AND id < ? ORDER BY id LIMIT 3",
                arguments: [prefix, prefix + "g"]
            )
            guard let row = rows.first else { throw AuditError.unknownID(prefix) }
            guard rows.count == 1 else {
                throw AuditError.ambiguousID(prefix, candidates: rows.map { $0["id"] })
            }
            return try AuditEntry(ChainedRecord(row, db), keys: keys)
        }
    }

    /// Counts of the records that pass a filter.
    public func stats(_ filter: AuditFilter) async throws -> AuditStats {
        try await read { db in try AuditStats(db, Conditions(filter, db)) }
    }
}

extension AuditPosition {
    fileprivate init(_ db: Database) throws {
        self.init([1: try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM record") ?? 0])
    }
}

/// Where the chain ends, or where it was at some record.
struct ChainEnd: Sendable, Hashable {
    var sequence: Int64
    var hash: String

    static func fetch(_ db: Database) throws -> ChainEnd? {
        let statement = try db.cachedStatement(sql: "SELECT sequence, hash FROM chain")
        return try Row.fetchOne(statement).map { ChainEnd(sequence: $0["sequence"], hash: $0["hash"]) }
    }

    /// Id of the store; nil in a file that an older version of the program wrote.
    static func fetchStore(_ db: Database) throws -> String? {
        try Row.fetchOne(db, sql: "SELECT * FROM chain")?["store"]
    }

    func save(_ db: Database) throws {
        var row = try Insertion(db, sql: "UPDATE chain SET sequence = ?, hash = ?")
        row.bind(sequence)
        row.bind(hash)
        try row.run()
    }
}
