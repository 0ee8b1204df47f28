import GRDB

/// Keeps questions in an audit file, also while a gateway writes its records there.
public struct SQLiteSavedQueries: SavedQueryStore {
    /// Path of the file.
    public let path: String

    /// The store's own connections, within the gateway; nil opens the file for each change.
    private let database: (any DatabaseWriter)?

    /// Finds an existing audit file for questions; who only reads them need not be able to write it.
    ///
    /// Blocks for a moment on the file system.
    ///
    /// - Throws: ``AuditError`` when there is no such file.
    public init(path: String) throws(AuditError) {
        try AuditFile(path: path).checkForReading()
        self.path = path
        database = nil
    }

    init(path: String, database: any DatabaseWriter) {
        self.path = path
        self.database = database
    }

    /// All of them, in order of name.
    public func savedQueries() async throws -> [SavedQuery] {
        let keys = AuditTextKeys()
        let reader =
            try database.map { SQLiteAuditReader(path: path, database: $0, keys: keys) }
            ?? SQLiteAuditReader(path: path, keys: keys)
        return try await reader.read { db in try db.hasTable("saved_query") ? SavedQuery.fetchAll(db) : [] }
    }

    /// Keeps a query; returns when it is durable.
    public func save(_ query: SavedQuery) async throws {
        try await write { db in try query.insert(db) }
    }

    /// Removes a query.
    public func deleteQuery(_ name: String) async throws {
        _ = try await query(name)
        try await write { db in try SavedQuery.delete(db, name) }
    }

    private func write(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        do {
            let database = try database ?? AuditFile(path: path).openBesideRecords(for: "saved_query")
            try await database.write(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}
