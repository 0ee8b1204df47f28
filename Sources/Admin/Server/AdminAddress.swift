/// Where the admin API listens.
public struct AdminAddress: Sendable, Hashable, CustomStringConvertible {
    /// Loopback, beside the gateway's own port.
    public static let standard = AdminAddress(host: "127.0.0.1", port: 8081)

    /// An IP address or a name.
    public var host: String
    /// 0 takes any that is free.
    public var port: Int

    /// Creates an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`, with an IPv6 address in brackets.
    ///
    /// - Throws: ``AdminError/badAddress(_:)``.
    public init(_ text: String) throws(AdminError) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { throw .badAddress(text) }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .badAddress(text)
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || "/[]".contains($0) }) else {
            throw .badAddress(text)
        }
        self.init(host: String(host), port: port)
    }

    /// Whether only this machine can reach it.
    ///
    /// A name other than `localhost` may stand for any address, so it counts as one that others reach.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// As it is written in a URL.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
