/// A request's target as every server behind the gateway might read it.
///
/// A path that one server takes for a moderated route and another does not would be a way around the gateway. So routes
/// are matched on the canonical form: escapes resolved (as often as there are any), `\` as `/`, no parameters after
/// `;`, no empty or dot segments, lower case.
public struct RequestTarget: Sendable, Hashable {
    /// The path as it came, without its query.
    let raw: String
    /// The query with its `?`; empty without one.
    public let query: String
    /// The path that routes are matched on: canonical, lower case.
    public let canonical: String
    /// The canonical path in the sender's letters, escaped where it must be; what a route with a name in its path is
    /// forwarded to.
    public let path: String

    /// Reads a request's target; nil for one that begins with no `/`, such as `*`.
    public init?(_ target: String) {
        if Self.isPlain(target) {
            (raw, query, canonical, path) = (target, "", target, target)
            return
        }
        var target = target
        // The absolute form, `http://host/path`, is for proxies; the path is what counts.
        if let scheme = target.firstRange(of: "://"), !target[..<scheme.lowerBound].contains("/") {
            let path = target[scheme.upperBound...].drop { $0 != "/" }
            target = path.isEmpty ? "/" : String(path)
        }
        // Put behind the upstream's address, anything else could name another host.
        guard target.utf8.first == UInt8(ascii: "/") else { return nil }
        let end = target.firstIndex { $0 == "?" || $0 == "#" } ?? target.endIndex
        raw = String(target[..<end])
        query = String(target[end...].prefix { $0 != "#" })
        let path = Self.canonical(raw)
        canonical = path.lowercased()
        self.path = Self.escaped(path)
    }

    /// Whether a target is a path that is its own canonical form: small letters, digits, `_` and `-` between single slashes, a
    /// dot in no first place.
    private static func isPlain(_ target: String) -> Bool {
        var last: UInt8 = 0
        for byte in target.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                guard last != 0 else { return false }
            case UInt8(ascii: "."): guard last != 0, last != UInt8(ascii: "/") else { return false }
            case UInt8(ascii: "/"): guard last != UInt8(ascii: "/") else { return false }
            default: return false
            }
            last = byte
        }
        return last != 0 && last != UInt8(ascii: "/")
    }

    /// Keeps what a path may hold (RFC 3986, `pchar` and `/`) and escapes the rest.
    private static func escaped(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return path.utf8.reduce(into: "") { out, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "-._~!$&'()*+,=:@/".utf8.contains(byte):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                out += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }

    private static func canonical(_ path: String) -> String {
        var bytes = Array(path.utf8)
        for _ in 0..<4 {
            let next = unescaped(bytes)
            if next == bytes { break }
            bytes = next
        }
        let text = String(decoding: bytes, as: UTF8.self).replacing("\\", with: "/")
        var segments: [Substring] = []
        for segment in text.split(separator: "/") {
            let name = segment.prefix { $0 != ";" }.trimmingSpaces
            switch name {
            case "", ".": break
            case "..": _ = segments.popLast()
            default: segments.append(name)
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = JSONText.hexDigit(bytes[index + 1]), let low = JSONText.hexDigit(bytes[index + 2])
            {
                out.append(UInt8(high * 16 + low))
                index += 3
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return out
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first?.isWhitespace == true || text.first == "\0" { text.removeFirst() }
        while text.last?.isWhitespace == true || text.last == "\0" { text.removeLast() }
        return text
    }
}
