import Foundation
import GRDB

/// Keeps questions in an audit file, also while a gateway writes its records there.
public struct SQLiteSavedQueries: SavedQueryStore {
    /// Path of the file.
    public let path: String

    /// Finds an existing audit file for questions; who only reads them need not be able to write it.
    ///
    /// Blocks for a moment on the file system.
    ///
    /// - Throws: ``AuditError`` when there is no such file.
    public init(path: String) throws(AuditError) {
        try AuditFile(path: path).checkForReading()
        self.path = path
    }

    /// All of them, in order of name.
    public func savedQueries() async throws -> [SavedQuery] {
        try await SQLiteAuditReader(path: path).read { db in
            guard try db.tableExists("saved_query") else { return [] }
            return try Row.fetchAll(db, sql: "SELECT name, words, actor, time FROM saved_query ORDER BY name")
                .map { row in
                    try SavedQuery(
                        stored: row["name"],
                        words: StoredJSON.value(FilterWords.self, from: row["words"]),
                        actor: row["actor"],
                        time: Date(microseconds: row["time"])
                    )
                }
        }
    }

    /// Keeps a query; returns when it is durable.
    public func save(_ query: SavedQuery) async throws {
        let words = try StoredJSON.text(query.words)
        try await write { db in
            let sql = "SELECT actor FROM saved_query WHERE name = ?"
            if let actor = try String.fetchOne(db, sql: sql, arguments: [query.name]) {
                throw AuditError.badValue(
                    of: "a free name",
                    found: query.name,
                    expected:
                        "another: \(actor) saved a query under it; 'audit queries delete \(query.name)' removes it"
                )
            }
            try db.execute(
                sql: "INSERT INTO saved_query (name, words, actor, time) VALUES (?, ?, ?, ?)",
                arguments: [query.name, words, query.actor, query.time.microseconds]
            )
        }
    }

    /// Removes a query.
    public func deleteQuery(_ name: String) async throws {
        _ = try await query(name)
        try await write { db in try db.execute(sql: "DELETE FROM saved_query WHERE name = ?", arguments: [name]) }
    }

    private func write(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        do {
            try await AuditFile(path: path).openBesideRecords(for: "saved_query").write(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw AuditError.of(error, path: path)
        }
    }
}
