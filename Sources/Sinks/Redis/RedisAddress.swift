import Foundation

/// Where a Redis server is: `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS.
public struct RedisAddress: Sendable, Hashable {
    /// Host name or address.
    public var host: String
    /// Port.
    public var port: Int
    /// Whether the connection is encrypted.
    public var isEncrypted: Bool
    /// Who asks; nil for the default user.
    public var user: String?
    /// The user's password.
    public var password: String?
    /// Number of the database.
    public var database: Int

    /// Reads a URL; nil for anything else.
    public init?(_ text: String) {
        guard let url = URLComponents(string: text), let scheme = url.scheme, ["redis", "rediss"].contains(scheme),
            let host = url.host, !host.isEmpty, url.query == nil, url.fragment == nil
        else { return nil }
        let path = url.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), database >= 0 else { return nil }
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = url.port ?? 6379
        isEncrypted = scheme == "rediss"
        user = url.user.flatMap { $0.isEmpty ? nil : $0 }
        password = url.password.flatMap { $0.isEmpty ? nil : $0 }
        self.database = database
    }
}
