/// A JSON value whose objects keep the order in which they were made.
indirect enum JSONTree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    case string(String)
    case integer(Int)
    case bool(Bool)
    case list([JSONTree])
    case object([(key: String, value: JSONTree)])

    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: JSONTree...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, JSONTree)...) { self = .object(elements.map { ($0, $1) }) }

    /// The value as text, two spaces a level, short lists on one line.
    func text(indentation: String = "") -> String {
        let inner = indentation + "  "
        switch self {
        case .string(let string): return Self.quoted(string)
        case .integer(let number): return String(number)
        case .bool(let flag): return String(flag)
        case .list(let items) where items.allSatisfy(\.isScalar):
            return "[" + items.map { $0.text() }.joined(separator: ", ") + "]"
        case .list(let items):
            return "[\n" + items.map { inner + $0.text(indentation: inner) }.joined(separator: ",\n")
                + "\n\(indentation)]"
        case .object(let entries) where entries.count <= 1 && entries.allSatisfy(\.value.isFlat):
            return "{" + entries.map { " \(Self.quoted($0.key)): \($0.value.text()) " }.joined() + "}"
        case .object(let entries):
            let lines = entries.map { inner + Self.quoted($0.key) + ": " + $0.value.text(indentation: inner) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indentation)}"
        }
    }

    private var isScalar: Bool {
        switch self {
        case .string, .integer, .bool: true
        case .list, .object: false
        }
    }

    private var isFlat: Bool {
        if case .list(let items) = self { return items.allSatisfy(\.isScalar) }
        return isScalar
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
