package import Audit

extension PostgresServer {
    /// A database of its own for a test, empty.
    ///
    /// - Parameter more: further parameters of the connection string, such as `sslmode=require`.
    package func makeDatabase(_ more: String = "") throws -> PostgresAddress {
        let name = try createDatabase()
        return try PostgresAddress("\(url(name))?\(more)")
    }
}

extension PostgresAddress {
    /// The database's name.
    package var database: String { description.split(separator: "'")[1].description }
}
