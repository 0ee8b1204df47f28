public import Foundation

/// A question that is asked again: a filter under a name.
public struct SavedQuery: Sendable, Hashable, Encodable {
    /// What it is called.
    public var name: String
    /// The filter, with ages as they were given, which count back from when it is asked.
    public var words: FilterWords
    /// Who saved it.
    public var actor: String
    /// When.
    public var time: Date

    /// Creates a query.
    ///
    /// - Throws: ``AuditError`` for a name or words that can't be used.
    public init(name: String, words: FilterWords, actor: String, time: Date = Date()) throws(AuditError) {
        // '@' before it is how it is asked for.
        guard PlainName.accepts(name), !name.hasPrefix("@") else {
            let expected = PlainName.expectation + ", not '@' first"
            throw .badValue(of: "a name for a query", found: name, expected: expected)
        }
        _ = try words.filter()
        self.init(stored: name, words: words, actor: actor, time: time)
    }

    /// Takes a query as it was kept: what its words meant then they may not mean now.
    init(stored name: String, words: FilterWords, actor: String, time: Date) {
        self.name = name
        self.words = words
        self.actor = actor
        self.time = time
    }
}

/// Keeps questions for all who use a store.
///
/// Who may read the store may read them.
public protocol SavedQueryStore: Sendable {
    /// All of them, in order of name.
    func savedQueries() async throws -> [SavedQuery]

    /// Keeps a query.
    ///
    /// - Throws: ``AuditError`` where there is another of its name.
    func save(_ query: SavedQuery) async throws

    /// Removes a query.
    ///
    /// - Throws: ``AuditError`` where there is none of the name.
    func deleteQuery(_ name: String) async throws
}

extension SavedQueryStore {
    /// The query of a name.
    ///
    /// - Throws: ``AuditError`` that names those there are.
    public func query(_ name: String) async throws -> SavedQuery {
        let queries = try await savedQueries()
        if let query = queries.first(where: { $0.name == name }) { return query }
        throw AuditError.badValue(
            of: "a saved query",
            found: name,
            expected: queries.isEmpty
                ? "one that was kept before with 'audit list --save'"
                : "one of " + queries.map(\.name).joined(separator: ", ")
        )
    }
}
