internal import Moderation

/// Reads the keys of one mapping, telling each problem it meets.
struct MappingReader {
    let path: String
    let location: SourceLocation
    let problems: ProblemList
    private let entries: [String: YAMLNode.Entry]

    /// Takes a mapping apart and tells its unknown keys; nil, which has then been told, when `node` is none.
    ///
    /// - Parameters:
    ///   - node: the value.
    ///   - path: where it is in the file, such as `rules[2]`; empty for the root.
    ///   - format: the keys that have a meaning.
    init?(_ node: YAMLNode, path: String, format: MappingFormat, problems: ProblemList) {
        let (noun, keys) = (format.noun, format.names)
        guard case .mapping(let entries) = node.content else {
            problems.add(
                .wrongType,
                at: node.location,
                path: path,
                "\(noun) must be a mapping, not \(node.kind)",
                help: "write it with the keys \(keys.joined(separator: ", "))"
            )
            return nil
        }
        self.path = path
        self.problems = problems
        location = node.location
        for entry in entries where !keys.contains(entry.key) {
            let path = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            let message = "'\(entry.key)' is not a key of \(noun)"
            let help = Suggestion.help(for: entry.key, in: keys)
            problems.add(.unknownKey, at: entry.keyLocation, path: path, message, help: help)
        }
        self.entries = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The path of a key.
    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Whether the key is there, whatever its value.
    func has(_ key: String) -> Bool { entries[key] != nil }

    /// Where a key is written.
    func keyLocation(_ key: String) -> SourceLocation { entries[key]?.keyLocation ?? location }

    /// The value of a key.
    func node(_ key: String) -> YAMLNode? { entries[key]?.value }

    /// Tells a problem with the value of a key.
    func report(
        _ code: PolicyDiagnosticCode,
        as severity: PolicyDiagnostic.Severity = .error,
        _ key: String,
        _ message: String,
        help: String
    ) {
        let place = entries[key]?.value.location ?? location
        problems.add(code, severity, at: place, path: path(of: key), message, help: help)
    }

    /// Tells that a key must be there.
    func reportMissing(_ key: String, help: String) {
        guard !has(key) else { return }
        problems.add(.missingKey, at: location, path: path(of: key), "the key '\(key)' is missing", help: help)
    }

    /// Tells a problem with a key itself.
    func reportKey(
        _ code: PolicyDiagnosticCode,
        as severity: PolicyDiagnostic.Severity = .error,
        _ key: String,
        _ message: String,
        help: String
    ) {
        problems.add(code, severity, at: keyLocation(key), path: path(of: key), message, help: help)
    }

    // MARK: Typed values; nil when the key is missing or its value was told

    func text(_ key: String) -> String? {
        entries[key].flatMap { text($0.value, path: path(of: key)) }
    }

    func text(_ node: YAMLNode, path: String, mayBeEmpty: Bool = false) -> String? {
        guard case .text(let text) = node.content else {
            let isScalar = ["true or false", "a number"].contains(node.kind)
            problems.add(
                .wrongType,
                at: node.location,
                path: path,
                "expected text, found \(node.kind)",
                help: isScalar
                    ? "put it in quotes" : "write text after the colon, in quotes if it has special characters"
            )
            return nil
        }
        let trimmed = text.trimmingSpace()
        if trimmed.isEmpty, !mayBeEmpty {
            problems.add(
                .emptyText,
                at: node.location,
                path: path,
                "the text is empty",
                help: "write it, or remove the key"
            )
            return nil
        }
        return text
    }

    /// Any scalar as it is written: a digest may look like a number.
    func label(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        switch node.content {
        case .text, .number, .bool: return node.raw
        case .null, .list, .mapping:
            report(.wrongType, key, "expected text, found \(node.kind)", help: "write text after the colon")
            return nil
        }
    }

    func bool(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        if case .bool(let value) = node.content { return value }
        report(.wrongType, key, "expected true or false, found \(node.kind)", help: "write true or false")
        return nil
    }

    /// A number in 0...1.
    func fraction(_ key: String) -> Double? {
        node(key).flatMap { fraction($0, path: path(of: key)) }
    }

    func fraction(_ node: YAMLNode, path: String) -> Double? {
        guard case .number(let value) = node.content else {
            let message = "expected a number, found \(node.kind)"
            let help = "write a number from 0 to 1, such as 0.8"
            problems.add(.wrongType, at: node.location, path: path, message, help: help)
            return nil
        }
        guard (0...1).contains(value) else {
            let message = "\(node.raw) is outside 0...1"
            problems.add(.outOfRange, at: node.location, path: path, message, help: "write a number from 0 to 1")
            return nil
        }
        return value
    }

    /// A whole number, a billion at most.
    func count(_ key: String, least: Int) -> Int? {
        guard let node = node(key) else { return nil }
        guard case .number(let value) = node.content else {
            report(.wrongType, key, "expected a whole number, found \(node.kind)", help: "write digits, such as 2000")
            return nil
        }
        let range = least...1_000_000_000
        guard value.rounded() == value, let number = Int(exactly: value), range.contains(number) else {
            let help = "write a whole number from \(range.lowerBound) to \(range.upperBound)"
            report(.outOfRange, key, "\(node.raw) is no whole number from \(least) on", help: help)
            return nil
        }
        return number
    }

    /// A word of a closed set.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String,
        noun: String,
        allowed: [Value] = Array(Value.allCases)
    ) -> Value? where Value.RawValue == String {
        node(key).flatMap { choice($0, path: path(of: key), noun: noun, allowed: allowed) }
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ node: YAMLNode,
        path: String,
        noun: String,
        allowed: [Value] = Array(Value.allCases)
    ) -> Value? where Value.RawValue == String {
        let words = allowed.map(\.rawValue)
        switch node.content {
        case .list, .mapping, .null:
            let help = "use one of: \(words.joined(separator: ", "))"
            problems.add(.wrongType, at: node.location, path: path, "expected \(noun), found \(node.kind)", help: help)
            return nil
        case .bool, .number, .text: break
        }
        guard let value = Value(rawValue: node.raw), words.contains(node.raw) else {
            let help = Suggestion.help(for: node.raw, in: words)
            problems.add(.unknownValue, at: node.location, path: path, "'\(node.raw)' is not \(noun)", help: help)
            return nil
        }
        return value
    }

    /// The items of a list that is not empty.
    func list(_ key: String) -> [YAMLNode]? {
        guard let node = node(key) else { return nil }
        guard case .list(let items) = node.content else {
            report(
                .wrongType,
                key,
                "expected a list, found \(node.kind)",
                help: "write [a, b], or one item a line after '- '"
            )
            return nil
        }
        guard !items.isEmpty else {
            report(.emptyList, key, "the list is empty", help: "add an item, or remove the key")
            return nil
        }
        return items
    }

    /// Words of a closed set.
    func choices<Value: RawRepresentable & CaseIterable>(_ key: String, noun: String) -> [Value]?
    where Value.RawValue == String {
        guard let items = list(key) else { return nil }
        let values: [Value?] = items.enumerated().map { choice($1, path: "\(path(of: key))[\($0)]", noun: noun) }
        return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
    }

    /// Texts, none of them empty unless `mayBeEmpty`.
    func texts(_ key: String, mayBeEmpty: Bool = false) -> [String]? {
        guard let items = list(key) else { return nil }
        let values = items.enumerated().map { text($1, path: "\(path(of: key))[\($0)]", mayBeEmpty: mayBeEmpty) }
        return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
    }

    /// Ids of rules, each with its place; those that are no text have been told.
    func ids(_ key: String) -> [Placed<String>] {
        (list(key) ?? []).enumerated().compactMap { index, node in
            let path = "\(path(of: key))[\(index)]"
            return text(node, path: path).map { Placed(value: $0, location: node.location, path: path) }
        }
    }

    /// One value or a list of them, each with its path; nil when the key is missing or the list is empty.
    func oneOrMore(_ key: String) -> [(node: YAMLNode, path: String)]? {
        guard let node = node(key) else { return nil }
        guard case .list = node.content else { return [(node, path(of: key))] }
        return list(key)?.enumerated().map { ($1, "\(path(of: key))[\($0)]") }
    }
}

extension String {
    /// The text without white space at its ends.
    func trimmingSpace() -> String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
