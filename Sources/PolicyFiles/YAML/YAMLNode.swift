internal import Moderation

/// One value of a YAML file, and where it begins.
struct YAMLNode {
    /// One key of a mapping with its value.
    struct Entry {
        var key: String
        var keyLocation: SourceLocation
        var value: YAMLNode
    }

    /// What the value is.
    ///
    /// Plain scalars are told apart by YAML 1.2's core schema, so `off` and `no` are text.
    enum Content {
        case null
        case bool(Bool)
        case number(Double)
        case text(String)
        case list([YAMLNode])
        case mapping([Entry])
    }

    var content: Content
    /// A scalar as it is written, without quotes; empty for lists and mappings.
    var raw: String
    var location: SourceLocation

    /// The kind of value, for messages.
    var kind: String {
        switch content {
        case .null: "nothing"
        case .bool: "true or false"
        case .number: "a number"
        case .text: "text"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    /// What a scalar is.
    static func content(ofScalar text: String, isPlain: Bool) -> Content {
        guard isPlain else { return .text(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            let isNumeric = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
            if isNumeric, let number = Double(text.hasPrefix("+") ? String(text.dropFirst()) : text) {
                return .number(number)
            }
            return .text(text)
        }
    }
}
