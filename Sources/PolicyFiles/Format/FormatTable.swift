/// The keys of a mapping as a table for authors, in Markdown.
struct FormatTable {
    /// The table; ends in a line feed.
    let text: String

    init(_ format: MappingFormat) {
        var lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
        for key in format.keys {
            lines.append("| `\(key.name)` | \(Self.words(key.value)) | \(key.absence.words) | \(key.meaning) |")
        }
        text = lines.map { $0 + "\n" }.joined()
    }

    private static func words(_ value: ValueFormat) -> String {
        switch value {
        case .version(let version): "`\(version)`"
        case .text, .label: "text"
        case .bool: "`true`, `false`"
        case .fraction: "number 0…1"
        case .interval: "two numbers 0…1"
        case .count: "whole number"
        case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .language: "two-letter code"
        case .ruleID: "rule id"
        case .list(.word(let words)): "list of " + Self.words(.word(words))
        case .list(.text): "list of text"
        case .list(.language): "list of two-letter codes"
        case .list(.ruleID): "list of rule ids"
        case .list: "list"
        case .oneOrMore(let item): Self.words(item) + ", or a list of it"
        case .mapping: "mapping"
        case .byRule: "mapping by rule id"
        }
    }
}
