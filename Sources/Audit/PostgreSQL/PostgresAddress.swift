import CPostgres
import Foundation
import Synchronization

/// Where a PostgreSQL database is and who asks for it: what a connection string says.
///
/// Printed without the password.
public struct PostgresAddress: Sendable, Hashable, CustomStringConvertible {
    /// What libpq is told, by its own names.
    let parameters: [String: String]
    /// What no text may show.
    private let secrets: Set<String>

    /// What libpq is told unless the string says something else: a server that is gone is noticed in seconds.
    private static let defaults = [
        "application_name": "gatehouse", "connect_timeout": "5", "tcp_user_timeout": "10000", "keepalives_idle": "10",
        "keepalives_interval": "5", "keepalives_count": "3",
    ]

    /// Reads a connection string: `postgresql://user@host:port/database?sslmode=verify-full`, or `host=… dbname=…`.
    ///
    /// What is missing libpq takes from its own variables (`PGHOST`, `PGPASSWORD`, …) and from the password file.
    ///
    /// - Throws: ``AuditError/badDatabase``, which says nothing of the string: a password may stand in it.
    public init(_ text: String) throws(AuditError) {
        guard let options = PQconninfoParse(text, nil) else { throw .badDatabase }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        // An '@' in a password that is not written as %40 ends up in the host.
        guard parameters["host"]?.contains("@") != true else { throw .badDatabase }
        secrets = Set(["password", "sslpassword"].compactMap { parameters[$0] }.filter { !$0.isEmpty })
        self.parameters = Self.defaults.merging(parameters) { $1 }.merging(["client_encoding": "UTF8"]) { $1 }
    }

    /// Whether a text is a connection string by its form.
    static func looksLike(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    /// The same server's other database.
    package func database(_ name: String) throws(AuditError) -> PostgresAddress {
        var parameters = parameters
        parameters["dbname"] = name
        return try PostgresAddress(parameters.map { "\($0)='\(Self.quoted($1))'" }.joined(separator: " "))
    }

    private static func quoted(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    }

    /// Database, host and port, as far as the string says.
    public var description: String {
        let environment = ProcessInfo.processInfo.environment
        func value(_ name: String, _ variable: String) -> String? { parameters[name] ?? environment[variable] }
        let host = value("host", "PGHOST") ?? value("hostaddr", "PGHOSTADDR")
        let port = value("port", "PGPORT").map { ":\($0)" } ?? ""
        return "PostgreSQL database '\(value("dbname", "PGDATABASE") ?? "")'" + (host.map { " at \($0)\(port)" } ?? "")
    }

    /// A text of libpq's or the server's on one line, without what is secret.
    func cleaned(_ text: String) -> String {
        let environment = ProcessInfo.processInfo.environment["PGPASSWORD"].map { [$0] } ?? []
        var line = TerminalText.line(text.split(whereSeparator: \.isNewline).joined(separator: "; "), limit: 300)
        for secret in secrets.union(environment) where !secret.isEmpty { line = line.replacing(secret, with: "…") }
        return line
    }
}
