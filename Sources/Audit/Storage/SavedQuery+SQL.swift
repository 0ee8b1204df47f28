import Foundation

extension SavedQuery {
    /// All of them, in order of name.
    static func fetchAll(_ db: some StoreAccess) throws -> [SavedQuery] {
        try db.rows("SELECT name, words, actor, time FROM saved_query ORDER BY name", []).map { row in
            SavedQuery(
                stored: row["name"],
                words: try StoredJSON.value(FilterWords.self, from: row["words"]),
                actor: row["actor"],
                time: Date(microseconds: row["time"])
            )
        }
    }

    /// Keeps the query.
    ///
    /// - Throws: ``AuditError/badValue(of:found:expected:)`` where there is another of its name.
    func insert(_ db: some StoreAccess) throws {
        if let row = try db.rows("SELECT actor FROM saved_query WHERE name = ?", [name]).first {
            let actor: String = row["actor"]
            throw AuditError.badValue(
                of: "a free name",
                found: name,
                expected: "another: \(actor) saved a query under it; 'audit queries delete \(name)' removes it"
            )
        }
        try db.change(
            "INSERT INTO saved_query (name, words, actor, time) VALUES (?, ?, ?, ?)",
            [name, try StoredJSON.text(words), actor, time.microseconds]
        )
    }

    static func delete(_ db: some StoreAccess, _ name: String) throws {
        try db.change("DELETE FROM saved_query WHERE name = ?", [name])
    }
}

extension AuditPosition {
    /// The last record that a sink has; nil for one that is new.
    static func fetch(_ db: some StoreAccess, of sink: String) throws -> AuditPosition? {
        try db.rows("SELECT position FROM sink WHERE name = ?", [sink]).first.map { try AuditPosition($0["position"]) }
    }

    /// Keeps the last record that a sink has.
    func save(_ db: some StoreAccess, of sink: String) throws {
        try db.change(
            """
            INSERT INTO sink (name, position, time) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET position = excluded.position, time = excluded.time
            """,
            [sink, description, Date().microseconds]
        )
    }
}
