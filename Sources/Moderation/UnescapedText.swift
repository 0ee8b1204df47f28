/// JSON text with the escapes of its strings resolved, and the way back to where each stretch came from.
///
/// The arguments of a tool call are JSON inside a string: `jane\u0040example.com` is an address to whoever parses them. Text that
/// is cut off, as in a stream, is read as far as it goes.
struct UnescapedText {
    /// The text with escapes resolved.
    let text: String
    /// For each UTF-8 offset of ``text`` and its end, the offset in the escaped text.
    private let origins: [Int]

    /// Resolves escapes; nil when there is none.
    init?(_ escaped: String) {
        let bytes = Array(escaped.utf8)
        guard bytes.contains(UInt8(ascii: "\\")) else { return nil }
        var out: [UInt8] = []
        var origins: [Int] = []
        func append(_ resolved: some Sequence<UInt8>, from origin: Int) {
            for byte in resolved {
                out.append(byte)
                origins.append(origin)
            }
        }
        var position = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count else {
                append(CollectionOfOne(bytes[position]), from: position)
                position += 1
                continue
            }
            let start = position
            switch bytes[position + 1] {
            case UInt8(ascii: "n"): append("\n".utf8, from: start)
            case UInt8(ascii: "r"): append("\r".utf8, from: start)
            case UInt8(ascii: "t"): append("\t".utf8, from: start)
            case UInt8(ascii: "b"), UInt8(ascii: "f"): append(" ".utf8, from: start)
            case UInt8(ascii: "u"):
                guard let (scalar, length) = Self.scalar(in: bytes, at: position) else { fallthrough }
                append(String(Character(scalar)).utf8, from: start)
                position += length
                continue
            default: append(CollectionOfOne(bytes[position + 1]), from: start)
            }
            position += 2
        }
        origins.append(bytes.count)
        text = String(decoding: out, as: UTF8.self)
        self.origins = origins
    }

    /// Text as it stands inside a JSON string.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\0"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// A match in ``text`` as a match in the escaped text.
    func original(_ match: Match) -> Match {
        var match = match
        let last = origins.count - 1
        match.range = origins[min(match.range.lowerBound, last)]..<origins[min(match.range.upperBound, last)]
        return match
    }

    /// The scalar of a `\uXXXX` escape, or of two that are a surrogate pair, and the bytes it takes.
    private static func scalar(in bytes: [UInt8], at position: Int) -> (Unicode.Scalar, Int)? {
        guard let high = unit(in: bytes, at: position) else { return nil }
        if let scalar = Unicode.Scalar(high) { return (scalar, 6) }
        guard (0xD800..<0xDC00).contains(high), let low = unit(in: bytes, at: position + 6),
            (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { return ("\u{FFFD}", 6) }
        return (scalar, 12)
    }

    private static func unit(in bytes: [UInt8], at position: Int) -> UInt32? {
        guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        return UInt32(String(decoding: bytes[position + 2..<position + 6], as: UTF8.self), radix: 16)
    }
}
