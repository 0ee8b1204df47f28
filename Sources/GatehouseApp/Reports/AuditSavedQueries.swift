public import Audit
import Foundation

/// Questions that people ask again, kept in the audit store for all who use it.
public struct AuditSavedQueries: Sendable {
    private let settings: Settings

    /// Looks into the audit store that the settings name.
    public init(settings: Settings) { self.settings = settings }

    /// The query of a name.
    public func query(_ name: String) async throws -> SavedQuery { try await settings.audit.savedQueries().query(name) }

    /// All of them as text or JSON.
    public func list(asJSON: Bool) async throws -> String {
        let queries = try await settings.audit.savedQueries().savedQueries()
        if asJSON { return try JSONOutput.string(queries) }
        guard !queries.isEmpty else { return "no saved queries\n" }
        return queries.map { "@\($0.name)  \($0.words.flags)  (\($0.actor), \($0.time.formatted(.iso8601)))\n" }
            .joined()
    }

    /// Keeps a filter under a name, as this user's.
    public func save(_ words: FilterWords, as name: String) async throws {
        let query = try SavedQuery(name: name, words: words, actor: NSUserName())
        try await settings.audit.savedQueries().save(query)
    }

    /// Deletes a query.
    public func delete(_ name: String) async throws {
        try await settings.audit.savedQueries().deleteQuery(name)
    }
}
