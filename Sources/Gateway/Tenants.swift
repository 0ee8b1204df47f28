import Crypto
import Foundation
public import HTTPTypes

/// Whose traffic a request is, and which client sent it: by its API key, or by what a proxy of the operator's says.
public struct Tenants: Sendable, Hashable {
    /// Whose traffic a request is that nothing is known of.
    static let unknown = "default"
    /// Digits by which a key without a name is known.
    private static let idLength = 8
    /// Fields in which official clients send their keys.
    private static let keyFields = ["authorization", "x-api-key", "api-key", "x-goog-api-key"]

    /// Names by their keys' SHA-256, as lower-case hexadecimal digits.
    public var names: [String: String]
    /// What records call the keys, by the same digests; a key without a name goes by the first digits of its digest.
    public var clients: [String: String]
    /// The field in which a proxy of the operator's names the tenant; it is not passed on.
    public var header: HTTPField.Name?

    /// Creates a list; nobody is known without anything.
    public init(names: [String: String] = [:], clients: [String: String] = [:], header: HTTPField.Name? = nil) {
        self.names = names
        self.clients = clients
        self.header = header
    }

    /// Whether a field can name tenants: not one that carries keys or belongs to a connection.
    public static func isUsable(_ header: HTTPField.Name) -> Bool {
        let fields: HTTPFields = [header: "x"]
        return !keyFields.contains(header.canonicalName) && !fields.forwarded.isEmpty
    }

    /// Who sent a request.
    ///
    /// - Parameter query: with its `?`; Gemini's keys may stand there.
    func sender(of headers: HTTPFields, query: String = "") -> Sender {
        let known = knownKey(in: headers, query: query)
        var sender = Sender(tenant: Self.unknown)
        if let known {
            sender.tenant = names[known] ?? Self.unknown
            sender.client = clients[known] ?? String(known.prefix(Self.idLength))
        }
        // A proxy that adds a field instead of replacing it puts it last.
        if let header, let name = headers[values: header].last, !name.isEmpty {
            sender.tenant = PlainName.shown(name, limit: 64)
        }
        return sender
    }

    /// Digest of the first of a request's keys that is known; nil when none is.
    private func knownKey(in headers: HTTPFields, query: String) -> String? {
        guard !names.isEmpty else { return nil }
        let keys = headers.filter { Self.keyFields.contains($0.name.canonicalName) }.map { Self.key(in: $0.value) }
        return (keys + Self.keys(in: query)).lazy.map(Self.digest).first { names[$0] != nil }
    }

    /// The fields without the one that names the tenant.
    func stripped(_ headers: HTTPFields) -> HTTPFields {
        var headers = headers
        if let header { headers[header] = nil }
        return headers
    }

    /// A key without the scheme before it, such as `Bearer`.
    private static func key(in value: String) -> Substring {
        value.split(separator: " ").last ?? ""
    }

    private static func keys(in query: String) -> [Substring] {
        query.dropFirst().split(separator: "&").compactMap { item in
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0] == "key" else { return nil }
            return parts[1].removingPercentEncoding.map { $0[...] }
        }
    }

    private static func digest(of key: Substring) -> String {
        let digits = Array("0123456789abcdef")
        return SHA256.hash(data: Array(key.utf8)).reduce(into: "") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }
}

/// Who sent a request, as far as its head says.
struct Sender: Sendable, Hashable {
    /// Whose traffic it is.
    var tenant: String
    /// Which of the known keys it came with; nil for any other.
    var client: String?
}
