/// The JSON Schema (draft 7, which editors know best) of a mapping and all that it contains.
struct JSONSchema {
    private var definitions: [(key: String, value: JSONTree)] = []
    private var known: Set<String> = []

    /// The schema of a file, as text that ends in a line feed.
    ///
    /// - Parameters:
    ///   - file: the mapping at the root.
    ///   - title: what it is.
    static func text(of file: MappingFormat, title: String) -> String {
        var schema = JSONSchema()
        guard case .object(let root) = schema.mapping(file) else { return "" }
        var entries: [(key: String, value: JSONTree)] = [
            ("$schema", "http://json-schema.org/draft-07/schema#"), ("title", .string(title)),
        ]
        entries += root.map { ($0.key, $0.value) }
        entries.append(("definitions", .object(schema.definitions.sorted { $0.key < $1.key })))
        return JSONTree.object(entries).text() + "\n"
    }

    private mutating func mapping(_ format: MappingFormat) -> JSONTree {
        var properties: [(key: String, value: JSONTree)] = []
        for key in format.keys { properties.append((key.name, property(key))) }
        var entries: [(key: String, value: JSONTree)] = [
            ("type", "object"), ("additionalProperties", false), ("properties", .object(properties)),
        ]
        let required = format.keys.filter { $0.absence == .required }.map { JSONTree.string($0.name) }
        if !required.isEmpty { entries.append(("required", .list(required))) }
        if !format.atLeastOne.isEmpty { entries.append(("anyOf", .list(format.atLeastOne.map { needs([$0]) }))) }
        if !format.exactlyOne.isEmpty { entries.append(("oneOf", .list(format.exactlyOne.map(needsAny)))) }
        let rules = format.needs.map { need -> JSONTree in
            ["if": needsAny(need.with), "then": needs([need.key])]
        }
        if !rules.isEmpty { entries.append(("allOf", .list(rules))) }
        let dependencies = format.keys.filter { !$0.only.isEmpty && $0.only.allSatisfy(format.names.contains) }
        if !dependencies.isEmpty {
            entries.append(
                (
                    "dependencies",
                    .object(dependencies.map { ($0.name, needsAny($0.only.flatMap(format.alternatives(to:)))) })
                )
            )
        }
        return .object(entries)
    }

    private func needs(_ keys: [String]) -> JSONTree { ["required": .list(keys.map(JSONTree.string))] }

    private func needsAny(_ keys: [String]) -> JSONTree {
        keys.count == 1 ? needs(keys) : ["anyOf": .list(keys.map { needs([$0]) })]
    }

    private mutating func property(_ key: KeyFormat) -> JSONTree {
        let description = JSONTree.string(Self.description(of: key))
        guard case .object(let entries) = value(key.value) else { return [:] }
        // Beside a reference, a schema of draft 7 may say nothing else.
        if entries.first?.key == "$ref" { return ["description": description, "allOf": [.object(entries)]] }
        return .object([("description", description)] + entries)
    }

    private static func description(of key: KeyFormat) -> String {
        switch key.absence {
        case .required, .fallback("none"): key.meaning
        case .conditional(let words): "\(key.meaning); \(words)"
        case .fallback(let words): "\(key.meaning); default: \(words)"
        }
    }

    private mutating func value(_ format: ValueFormat) -> JSONTree {
        switch format {
        case .version(let version): ["type": "integer", "enum": [.integer(version)]]
        case .text: ["type": "string", "minLength": 1]
        case .label: ["type": ["string", "number"]]
        case .bool: ["type": "boolean"]
        case .fraction: ["type": "number", "minimum": 0, "maximum": 1]
        case .interval:
            ["type": "array", "items": value(.fraction), "minItems": 2, "maxItems": 2]
        case .count(let least): ["type": "integer", "minimum": .integer(least)]
        case .word(let words): ["type": "string", "enum": .list(words.map(JSONTree.string))]
        case .language: ["type": "string", "pattern": "^[a-z]{2}$"]
        case .ruleID: ["type": "string", "pattern": .string(Self.ruleID)]
        case .list(let item): ["type": "array", "items": value(item), "minItems": 1]
        case .oneOrMore(let item): ["oneOf": [value(item), value(.list(item))]]
        case .mapping(let mapping): reference(mapping)
        case .byRule(let mapping):
            [
                "type": "object", "propertyNames": ["pattern": .string(Self.ruleID)],
                "additionalProperties": reference(mapping), "minProperties": 1,
            ]
        }
    }

    private static let ruleID = "^[a-z0-9._-]{1,64}$"

    private mutating func reference(_ format: MappingFormat) -> JSONTree {
        if known.insert(format.name).inserted {
            let definition = mapping(format)
            definitions.append((format.name, definition))
        }
        return ["$ref": .string("#/definitions/\(format.name)")]
    }
}
