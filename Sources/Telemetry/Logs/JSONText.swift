/// Builds one line of JSON.
struct JSONText {
    private(set) var text = "{"

    /// Adds a member to the outermost object.
    mutating func add(_ name: String, _ json: String) {
        if text.utf8.count > 1 { text += "," }
        text += Self.quoted(name) + ":" + json
    }

    /// The finished object.
    var line: String { text + "}" }

    /// A JSON string.
    ///
    /// Escapes what RFC 8259 demands, and the Unicode line separators and the delete character, so that a line is one
    /// line to every reader.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default:
                let value = scalar.value
                if value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029 {
                    let digits = String(value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }
}
