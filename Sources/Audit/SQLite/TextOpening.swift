import GRDB

/// Decrypts kept texts in a query.
enum TextOpening {
    private static let name = "gatehouse_open"
    /// What an error's message begins with that ends with the id of a key.
    private static let missing = "no key "

    /// Of the text, the id of its key, the record's id and the text's place.
    static func function(_ keys: AuditTextKeys) -> DatabaseFunction {
        DatabaseFunction(name, argumentCount: 4, pure: true) { values in
            guard let sealed = String.fromDatabaseValue(values[0]), let key = String.fromDatabaseValue(values[1]),
                let record = String.fromDatabaseValue(values[2]), let number = Int.fromDatabaseValue(values[3])
            else { return nil }
            do {
                return try keys.open(sealed, key: key, at: TextPlace(record: record, number: number)).text
            } catch AuditError.missingTextKey(let id) {
                throw DatabaseError(message: missing + id)
            } catch {
                // What somebody changed is found by nobody; 'verify' names it.
                return nil
            }
        }
    }

    /// A kept text in a query in which `content` is `c` and `record` is `r`.
    static func text(_ db: Database) throws -> String {
        guard try db.columns(in: "content").contains(where: { $0.name == "key" }) else { return "c.text" }
        return "CASE WHEN c.key IS NULL THEN c.text ELSE \(name)(c.text, c.key, r.id, c.place) END"
    }

    /// The key that a query stopped for; nil for any other error.
    static func missingKey(_ error: DatabaseError) -> String? {
        guard let message = error.message, message.hasPrefix(missing) else { return nil }
        return String(message.dropFirst(missing.count))
    }
}
