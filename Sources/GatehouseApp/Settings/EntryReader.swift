import Gateway
import PolicyFiles
import Yams

/// Reads one mapping in a list of the settings file, such as a route.
struct EntryReader {
    /// Where the entry stands: `file:line:column`.
    let place: String
    /// Its name in messages, such as `routes[0]`.
    let name: String
    private let file: String
    private var values: [String: (node: Node, place: String)] = [:]

    /// Takes an entry apart.
    ///
    /// - Parameters:
    ///   - noun: what it is, such as `a route`.
    ///   - keys: the keys that have a meaning.
    /// - Throws: ``SettingsError`` for anything but a mapping with known keys.
    init(_ node: Node, name: String, noun: String, keys: [String], file: String) throws(SettingsError) {
        self.name = name
        self.file = file
        place = Self.place(of: node, in: file)
        guard case .mapping(let mapping) = node else {
            throw .invalidValue(
                key: name,
                source: place,
                expected: "\(noun): a mapping with \(keys.joined(separator: ", "))"
            )
        }
        for (keyNode, value) in mapping {
            let key = keyNode.string ?? "?"
            let keyPlace = Self.place(of: keyNode, in: file)
            guard keys.contains(key) else {
                let nearest = Suggestion.nearest(to: key, in: keys)
                throw .unknownEntryKey(key: key, noun: noun, source: keyPlace, nearest: nearest, known: keys)
            }
            values[key] = (value, Self.place(of: value, in: file))
        }
    }

    static func place(of node: Node, in file: String) -> String {
        "\(file):\(node.mark?.line ?? 1):\(node.mark?.column ?? 1)"
    }

    /// Whether a key is there.
    func has(_ key: String) -> Bool { values[key] != nil }

    /// What is wrong with the value of a key.
    func problem(_ key: String, expected: String) -> SettingsError {
        guard let value = values[key] else {
            return .missingValue(key: "\(name).\(key)", source: place, expected: expected)
        }
        return .invalidValue(key: "\(name).\(key)", source: value.place, expected: expected)
    }

    // MARK: Values; nil where the key is missing

    func text(_ key: String, expected: String, mayBeEmpty: Bool = false) throws(SettingsError) -> String? {
        guard let value = values[key] else { return nil }
        guard case .scalar(let scalar) = value.node, mayBeEmpty || !scalar.string.isEmpty else {
            throw problem(key, expected: expected)
        }
        return scalar.string
    }

    /// One text or a list of them.
    func texts(_ key: String, expected: String) throws(SettingsError) -> [String]? {
        guard let value = values[key] else { return nil }
        let nodes: [Node]
        if case .sequence(let sequence) = value.node { nodes = Array(sequence) } else { nodes = [value.node] }
        let texts = nodes.compactMap { if case .scalar(let scalar) = $0 { scalar.string } else { nil } }
        guard !texts.isEmpty, texts.count == nodes.count else { throw problem(key, expected: expected) }
        return texts
    }

    /// Names with a text each; nil for anything else.
    func members(_ key: String) -> [(name: String, value: String)]? {
        guard case .mapping(let mapping)? = values[key]?.node else { return nil }
        let members = mapping.compactMap { member -> (name: String, value: String)? in
            guard let name = member.key.string, case .scalar(let scalar) = member.value else { return nil }
            return (name, scalar.string)
        }
        return members.count == mapping.count ? members : nil
    }

    /// A word of a closed set.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String,
        of type: Value.Type
    ) throws(SettingsError) -> Value? where Value.RawValue == String {
        let words = Value.allCases.map(\.rawValue)
        let expected = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        guard let text = try text(key, expected: expected) else { return nil }
        guard let value = Value(rawValue: text) else {
            let nearest = Suggestion.nearest(to: text, in: words)
            throw problem(key, expected: expected + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
        }
        return value
    }

    /// A path into documents.
    func path(_ key: String) throws(SettingsError) -> JSONPath? {
        let example = "a path such as $.message, $.list[*].text or /message"
        guard let text = try text(key, expected: example) else { return nil }
        do {
            return try JSONPath(text)
        } catch {
            throw problem(key, expected: "\(example): \(error)")
        }
    }

    /// A document with a place for the reply.
    func template(_ key: String) throws(SettingsError) -> ReplyTemplate? {
        guard let value = values[key] else { return nil }
        let json = if case .scalar(let scalar) = value.node { scalar.string } else { Self.json(value.node) }
        guard let template = ReplyTemplate(json) else {
            throw problem(key, expected: "a mapping, or JSON, with {reply} in one of its texts")
        }
        return template
    }

    /// A value as JSON.
    private static func json(_ node: Node) -> String {
        switch node {
        case .mapping(let mapping):
            let members = mapping.map { "\(JSONText.quoted($0.key.string ?? "")):\(json($0.value))" }
            return "{\(members.joined(separator: ","))}"
        case .sequence(let sequence):
            return "[\(sequence.map(json).joined(separator: ","))]"
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return isPlain && isWord(scalar.string) ? scalar.string : JSONText.quoted(scalar.string)
        case .alias:
            return "null"
        }
    }

    /// Whether a text is a number, `true`, `false` or `null` in JSON.
    private static func isWord(_ text: String) -> Bool {
        switch (try? JSONDocument(Array(text.utf8)))?.root.kind {
        case .number, .bool, .null: true
        default: false
        }
    }
}
