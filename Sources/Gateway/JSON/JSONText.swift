/// Strings as JSON writes them.
public enum JSONText {
    /// The last step of a pointer to a member's key; no key is written so, since `~` is always escaped.
    static let keyStep = "~2"

    /// The text of a string literal, quotes included in `literal`.
    ///
    /// The literal must have been scanned: its escapes are known to be well formed. Half of a surrogate pair becomes
    /// U+FFFD.
    static func decoded(_ literal: ArraySlice<UInt8>) -> String {
        let inner = literal.dropFirst().dropLast()
        guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
        var out: [UInt8] = []
        out.reserveCapacity(inner.count)
        var index = inner.startIndex
        while index < inner.endIndex {
            let byte = inner[index]
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                index += 1
                continue
            }
            let letter = inner[index + 1]
            index += 2
            switch letter {
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"): out.append(contentsOf: scalar(in: inner, at: &index))
            default: out.append(letter)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Reads the digits of `\u` at `index`, and of the second half of a pair.
    private static func scalar(in text: ArraySlice<UInt8>, at index: inout Int) -> String.UTF8View {
        let high = unit(in: text, at: index) ?? 0xFFFD
        index += 4
        if (0xD800..<0xDC00).contains(high), index + 6 <= text.endIndex, text[index] == UInt8(ascii: "\\"),
            text[index + 1] == UInt8(ascii: "u"), let low = unit(in: text, at: index + 2),
            (0xDC00..<0xE000).contains(low)
        {
            index += 6
            return String(Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}").utf8
        }
        return String(Unicode.Scalar(high) ?? "\u{FFFD}").utf8
    }

    private static func unit(in text: ArraySlice<UInt8>, at index: Int) -> UInt32? {
        var unit: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = hexDigit(text[index + offset]) else { return nil }
            unit = unit * 16 + UInt32(digit)
        }
        return unit
    }

    /// Value of a hexadecimal digit; nil for anything else.
    static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// The text as a JSON string literal, quotes included.
    ///
    /// U+2028 and U+2029 are escaped, for readers that are JavaScript.
    public static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// One step of an RFC 6901 pointer, `~` and `/` escaped.
    static func pointerStep(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return "/" + key }
        var out = "/"
        for scalar in key.unicodeScalars {
            switch scalar {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
