import Foundation
import NIOCore

/// Where a chatbot listens.
struct UpstreamAddress: Sendable, Hashable {
    /// Whether the connection is encrypted.
    var isEncrypted: Bool
    /// Name or address, without the brackets of IPv6.
    var host: String
    var port: Int
    /// What comes before each request's path; empty, or begins with `/`.
    var path: String
    /// What the `Host` field says.
    var authority: String

    /// Reads an absolute `http` or `https` URL; nil for anything else, and for one with a query, a fragment or a user.
    ///
    /// A `/v1` at its end is the same as none.
    init?(_ url: String) {
        var base = Substring(url)
        while base.hasSuffix("/") { base.removeLast() }
        if base.hasSuffix("/v1") { base.removeLast(3) }
        guard !base.contains(where: { $0.isWhitespace }), let parts = URLComponents(string: String(base)),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
            parts.query == nil, parts.fragment == nil, parts.user == nil, parts.password == nil,
            let host = parts.encodedHost, !host.isEmpty
        else { return nil }
        isEncrypted = scheme == "https"
        port = parts.port ?? (isEncrypted ? 443 : 80)
        guard (1...65_535).contains(port) else { return nil }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        path = parts.percentEncodedPath
        authority = parts.port.map { "\(host):\($0)" } ?? host
    }

    /// What a certificate has to name; nil for an address in numbers, which certificates name by other means.
    var serverName: String? { (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil }
}
