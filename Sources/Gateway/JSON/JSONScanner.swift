/// Reads RFC 8259 JSON and nothing more, keeping the place of each value.
///
/// Two readers of one document must never see two documents: an object that names a key twice is an error, since
/// readers differ in which value wins, and so are comments, trailing commas, `NaN` and bytes that are not UTF-8.
struct JSONScanner {
    private let bytes: [UInt8]
    private let maxDepth: Int
    private let surrogates: JSONDocument.LoneSurrogates
    private var position = 0
    private var valuesLeft: Int

    init(_ bytes: [UInt8], maxDepth: Int, maxValues: Int, surrogates: JSONDocument.LoneSurrogates) {
        valuesLeft = maxValues
        self.bytes = bytes
        self.maxDepth = maxDepth
        self.surrogates = surrogates
    }

    mutating func scan() throws(JSONError) -> JSONValue {
        skipSpace()
        let root = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
        return root
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        let start = position
        valuesLeft -= 1
        guard valuesLeft >= 0 else { throw JSONError(.tooManyValues, at: start) }
        let kind: JSONValue.Kind
        switch try peek() {
        case UInt8(ascii: "{"): kind = try object(depth: depth + 1)
        case UInt8(ascii: "["): kind = try array(depth: depth + 1)
        case UInt8(ascii: "\""):
            try string()
            kind = .string
        case UInt8(ascii: "t"): kind = try word("true", .bool(true))
        case UInt8(ascii: "f"): kind = try word("false", .bool(false))
        case UInt8(ascii: "n"): kind = try word("null", .null)
        default:
            try number()
            kind = .number
        }
        return JSONValue(kind: kind, range: start..<position)
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue.Kind {
        guard depth <= maxDepth else { throw JSONError(.tooDeep, at: position) }
        position += 1
        var members: [JSONMember] = []
        var keys = SeenKeys()
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object([])
        }
        while true {
            let start = position
            guard try peek() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: position) }
            try string()
            let keyRange = start..<position
            let key = JSONText.decoded(bytes[keyRange])
            guard keys.insert(key, after: members) else { throw JSONError(.duplicateKey, at: start) }
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            members.append(JSONMember(key: key, keyRange: keyRange, value: try value(depth: depth)))
            skipSpace()
            if try peek() == UInt8(ascii: "}") { break }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
        position += 1
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue.Kind {
        guard depth <= maxDepth else { throw JSONError(.tooDeep, at: position) }
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            if try peek() == UInt8(ascii: "]") { break }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
        position += 1
        return .array(elements)
    }

    private mutating func word(_ word: StaticString, _ kind: JSONValue.Kind) throws(JSONError) -> JSONValue.Kind {
        for index in 0..<word.utf8CodeUnitCount { try expect(word.utf8Start[index]) }
        return kind
    }
}

// MARK: - Strings and numbers

extension JSONScanner {
    /// Moves past a string, checking its escapes.
    private mutating func string() throws(JSONError) {
        position += 1
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                try escape()
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: position)
            default:
                position += 1
            }
        }
    }

    private mutating func escape() throws(JSONError) {
        let start = position
        position += 1
        let letter = try peek()
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            let unit = try fourDigits(escapeAt: start)
            guard (0xD800...0xDFFF).contains(unit), surrogates == .reject else { return }
            guard unit < 0xDC00, position + 1 < bytes.count,
                bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
            else { throw JSONError(.loneSurrogate, at: start) }
            position += 2
            let low = try fourDigits(escapeAt: start)
            guard (0xDC00...0xDFFF).contains(low) else { throw JSONError(.loneSurrogate, at: start) }
        default:
            throw JSONError(.badEscape, at: start)
        }
    }

    private mutating func fourDigits(escapeAt start: Int) throws(JSONError) -> Int {
        var unit = 0
        for _ in 0..<4 {
            guard let digit = JSONText.hexDigit(try peek()) else { throw JSONError(.badEscape, at: start) }
            unit = unit * 16 + digit
            position += 1
        }
        return unit
    }

    private mutating func number() throws(JSONError) {
        let start = position
        guard let first = bytes[safe: position], first == UInt8(ascii: "-") || isDigit(first) else {
            throw JSONError(.unexpectedByte, at: position)
        }
        if first == UInt8(ascii: "-") { position += 1 }
        if bytes[safe: position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits(of: start)
        }
        if bytes[safe: position] == UInt8(ascii: ".") {
            position += 1
            try digits(of: start)
        }
        if let mark = bytes[safe: position], mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            position += 1
            if let sign = bytes[safe: position], sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                position += 1
            }
            try digits(of: start)
        }
    }

    private mutating func digits(of start: Int) throws(JSONError) {
        let first = position
        while let byte = bytes[safe: position], isDigit(byte) { position += 1 }
        guard position > first else { throw JSONError(.badNumber, at: start) }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

// MARK: - Moving

extension JSONScanner {
    private func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        return bytes[position]
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard try peek() == byte else { throw JSONError(.unexpectedByte, at: position) }
        position += 1
    }

    private mutating func skipSpace() {
        while let byte = bytes[safe: position], byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }
}

/// The keys of one object; only an object of many members needs a table of them.
private struct SeenKeys {
    private static let few = 8
    private var table: Set<String> = []

    /// Takes note of a key; false when one of the members before it has it.
    mutating func insert(_ key: String, after members: [JSONMember]) -> Bool {
        guard members.count >= Self.few else { return !members.contains { $0.key == key } }
        if members.count == Self.few { table = Set(members.map(\.key)) }
        return table.insert(key).inserted
    }
}

extension Array {
    /// The element at an index; nil past either end.
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
