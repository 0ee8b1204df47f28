/// One value of a JSON document and where its bytes stand.
public struct JSONValue: Sendable, Hashable {
    /// What the value is; strings and numbers stay in the document until they are asked for.
    public enum Kind: Sendable, Hashable {
        case object([JSONMember])
        case array([JSONValue])
        case string
        case number
        case bool(Bool)
        case null
    }

    /// What the value is.
    public var kind: Kind
    /// Its bytes in the document, quotes and brackets included.
    public var range: Range<Int>

    /// Creates a value.
    public init(kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }

    /// The members of an object, in document order; nil for anything else.
    public var members: [JSONMember]? {
        if case .object(let members) = kind { members } else { nil }
    }

    /// The elements of an array; nil for anything else.
    public var elements: [JSONValue]? {
        if case .array(let elements) = kind { elements } else { nil }
    }

    /// Whether the value is a string.
    public var isString: Bool { kind == .string }

    /// Whether the value is null.
    public var isNull: Bool { kind == .null }

    /// The value of the member with exactly this key, compared byte by byte; nil when there is none or this is no
    /// object.
    public subscript(key: String) -> JSONValue? {
        members?.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}

/// One member of a JSON object.
public struct JSONMember: Sendable, Hashable {
    /// The key, escapes resolved.
    public var key: String
    /// The key's bytes in the document, quotes included.
    public var keyRange: Range<Int>
    /// The value.
    public var value: JSONValue

    /// Creates a member.
    public init(key: String, keyRange: Range<Int>, value: JSONValue) {
        self.key = key
        self.keyRange = keyRange
        self.value = value
    }
}

/// Why bytes are not the JSON that the gateway accepts.
///
/// Carries a position, never content.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: String, Sendable, Hashable {
        case invalidUTF8 = "text is not valid UTF-8"
        case unexpectedEnd = "document ends too early"
        case unexpectedByte = "unexpected character"
        case trailingBytes = "something follows the document"
        case tooDeep = "values are nested too deeply"
        case tooManyValues = "document has too many values"
        case duplicateKey = "an object names the same key twice"
        case badNumber = "number is not written as JSON writes it"
        case badEscape = "string has an escape that JSON does not know"
        case controlCharacter = "string has a control character that must be escaped"
        case loneSurrogate = "string has half of a surrogate pair"
    }

    /// What is wrong.
    public var reason: Reason
    /// Where, in bytes from the start.
    public var offset: Int

    /// Creates an error.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// Reason and place.
    public var description: String { "\(reason.rawValue) (byte \(offset))" }
}
