/// Which values a key may have.
indirect enum ValueFormat: Sendable {
    /// The version of the format.
    case version(Int)
    /// Text that is not empty.
    case text
    /// Text that may be any scalar, such as a digest or a date.
    case label
    /// True or false.
    case bool
    /// A number, 0...1.
    case fraction
    /// Two numbers, 0...1, the lower one first.
    case interval
    /// A whole number from `least` on.
    case count(least: Int)
    /// A word of a closed set.
    case word([String])
    /// A two-letter language code (ISO 639-1).
    case language
    /// The id of a rule.
    case ruleID
    /// One or more of the same, without an empty list.
    case list(ValueFormat)
    /// One, or a list of them.
    case oneOrMore(ValueFormat)
    /// Keys of its own.
    case mapping(MappingFormat)
    /// One mapping for each rule id.
    case byRule(MappingFormat)
}

/// One key of a mapping: what it may hold and what it means.
struct KeyFormat: Sendable {
    /// What holds where the key is missing.
    enum Absence: Sendable, Hashable {
        /// The key must be there.
        case required
        /// The key must be there in some cases, which the words say.
        case conditional(String)
        /// What is taken instead, in words.
        case fallback(String)

        /// In words.
        var words: String {
            switch self {
            case .required: "required"
            case .conditional(let words), .fallback(let words): words
            }
        }
    }

    /// The key.
    var name: String
    /// What it may hold.
    var value: ValueFormat
    /// What holds without it.
    var absence: Absence
    /// For rules: the detections that it goes with; empty for all.
    var only: [String]
    /// What it means, in Markdown.
    var meaning: String

    init(
        _ name: String,
        _ value: ValueFormat,
        absent absence: Absence = .fallback("none"),
        only: [String] = [],
        _ meaning: String
    ) {
        self.name = name
        self.value = value
        self.absence = absence
        self.only = only
        self.meaning = meaning
    }
}

/// A mapping of a policy file: what the reader accepts, what the JSON Schema says, and what the tables for authors list.
struct MappingFormat: Sendable {
    /// A key that must be there beside others.
    struct Need: Sendable {
        /// Any of these.
        var with: [String]
        /// What there must be then.
        var key: String
    }

    /// Its name in the JSON Schema and in the documentation, such as `rule`.
    var name: String
    /// What it is, for messages, such as `a rule`.
    var noun: String
    /// Its keys, in the order of documentation.
    var keys: [KeyFormat]
    /// Of these groups of keys there must be exactly one; keys of one group may stand together.
    var exactlyOne: [[String]] = []
    /// Of these keys there must be at least one.
    var atLeastOne: [String] = []
    /// Keys that others need.
    var needs: [Need] = []

    /// The names of the keys.
    var names: [String] { keys.map(\.name) }

    /// The keys of which there must be at least one, in words.
    var list: String { atLeastOne.joined(separator: ", ") }

    /// The keys that say the same kind of thing as a key, such as `terms` and `terms_from`.
    func alternatives(to key: String) -> [String] { exactlyOne.first { $0.contains(key) } ?? [key] }

    /// The format of a key.
    subscript(name: String) -> KeyFormat? { keys.first { $0.name == name } }
}

/// The words of a closed set.
func words<Value: RawRepresentable & CaseIterable>(_: Value.Type) -> [String] where Value.RawValue == String {
    Value.allCases.map(\.rawValue)
}
