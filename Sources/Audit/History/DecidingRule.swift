public import Moderation

/// The rule that a decision came from, as its policy's files said it on that day.
public struct DecidingRule: Sendable, Codable, Hashable {
    /// Lines of a policy file that speak of the rule.
    public struct Passage: Sendable, Codable, Hashable {
        /// The file, from where the policy stood.
        public var path: String
        /// Number of the first line, from 1.
        public var line: Int
        /// The lines, as they were written.
        public var text: String

        /// Creates a passage.
        public init(path: String, line: Int, text: String) {
            self.path = path
            self.line = line
            self.text = text
        }
    }

    /// The rule.
    public var rule: String
    /// Digest of the policy's rules.
    public var policyRevision: String
    /// What the files said of it, in the order in which they were read: the rule itself, and where others change it.
    public var passages: [Passage]

    /// Looks for the rule of a decision in its policy; nil where no rule decided.
    public init?(_ decision: Decision, _ policy: KeptPolicy) {
        guard let rule = decision.decidingRule else { return nil }
        self.rule = rule
        policyRevision = policy.policy.revision
        passages = policy.files.flatMap { $0.passages(of: rule) }
    }
}

extension Decision {
    /// The first of the rules that asked for what was done; one whose detector answered before one whose detector failed.
    var decidingRule: String? {
        guard outcome > .allow else { return nil }
        let deciding = verdicts.filter { $0.effective == outcome }
        return (deciding.first { $0.error == nil } ?? deciding.first)?.rule
    }
}

extension PolicySource {
    /// The items of lists that have the rule's id: by their indentation, as YAML has it.
    fileprivate func passages(of rule: String) -> [DecidingRule.Passage] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.indices.filter { Self.names(rule, lines[$0]) }.compactMap { place in
            // The dash that the id stands behind, on its line or on one above.
            let column = Self.indentation(of: lines[place]) ?? 0
            let start = lines[...place].lastIndex { line in
                guard let dash = Self.indentation(of: line) else { return false }
                return line.dropFirst(dash).hasPrefix("-") && (dash < column || line == lines[place])
            }
            guard let start, let dash = Self.indentation(of: lines[start]) else { return nil }
            var end = start + 1
            while end < lines.count, Self.indentation(of: lines[end]).map({ $0 > dash }) ?? true { end += 1 }
            while end > start + 1, Self.indentation(of: lines[end - 1]) == nil { end -= 1 }
            let passage = lines[start..<end].map { String($0.dropFirst(min(dash, Self.indentation(of: $0) ?? 0))) }
            return DecidingRule.Passage(path: path, line: start + 1, text: passage.joined(separator: "\n"))
        }
    }

    /// Blanks before the first character; nil for a line without any.
    private static func indentation(of line: Substring) -> Int? {
        let start = line.firstIndex { $0 != " " }
        return start.map { line.distance(from: line.startIndex, to: $0) }
    }

    /// Whether a line says `id:` and the rule, in quotation marks or not.
    private static func names(_ rule: String, _ line: Substring) -> Bool {
        let line = line.prefix { $0 == " " }.endIndex == line.firstIndex(of: "#") ? "" : line
        var rest = line[..<(line.firstRange(of: " #")?.lowerBound ?? line.endIndex)]
        while let found = rest.firstRange(of: "id:") {
            let before = line[..<found.lowerBound].last
            var value = rest[found.upperBound...].drop { $0 == " " }
            rest = rest[found.upperBound...]
            guard before == nil || " {,-".contains(before ?? " ") else { continue }
            if let quote = value.first, quote == "\"" || quote == "'" {
                value = value.dropFirst().prefix { $0 != quote }
            } else {
                value = value.prefix { !" ,}#".contains($0) }
            }
            if value == rule { return true }
        }
        return false
    }
}
