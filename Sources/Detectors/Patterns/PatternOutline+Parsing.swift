extension PatternOutline {
    /// Reads the outline of a pattern that compiles.
    init(_ pattern: String) {
        var parser = Parser(characters: Array(pattern))
        self = parser.alternatives()
    }

    private struct Parser {
        let characters: [Character]
        var position = 0
        var depth = 0

        private var next: Character? { position < characters.count ? characters[position] : nil }

        mutating func alternatives() -> PatternOutline {
            depth += 1
            defer { depth -= 1 }
            var choices: [PatternOutline] = []
            var parts: [PatternOutline] = []
            while let character = next, character != ")" || depth == 1 {
                position += 1
                switch character {
                case "|":
                    choices.append(.sequence(parts))
                    parts = []
                case "(" where depth < 200: parts.append(repeated(group()))
                case "[": parts.append(repeated(set()))
                case "\\": parts.append(repeated(escape()))
                case ".": parts.append(repeated(.character("a")))
                case "^", "$", ")": parts.append(.empty)
                default: parts.append(repeated(.character(character)))
                }
            }
            choices.append(.sequence(parts))
            return choices.count == 1 ? choices[0] : .choice(choices)
        }

        /// What stands behind an opening bracket, up to the closing one.
        private mutating func group() -> PatternOutline {
            if next == "*" || next == "?" {
                // (?i) (?:…) (?<name>…) (?=…) (*VERB)
                while let character = next, !":=!>)".contains(character), character != "|" || next == nil {
                    position += 1
                }
                if let character = next, character != ")" { position += 1 }
            }
            let content = alternatives()
            if next == ")" { position += 1 }
            return content
        }

        /// A character of a set: one that is named, or one that a set of what is not wanted leaves.
        private mutating func set() -> PatternOutline {
            let start = position
            let isNegated = next == "^"
            if isNegated { position += 1 }
            if next == "]" { position += 1 }
            while let character = next, character != "]" {
                if character == "[", position + 1 < characters.count, characters[position + 1] == ":" {
                    while let inner = next, inner != "]" { position += 1 }
                }
                position += character == "\\" ? 2 : 1
            }
            position = min(position + 1, characters.count)
            let source = "[" + String(characters[start..<position])
            guard let compiled = try? CompiledPattern(source) else { return .empty }
            let named = characters[start..<position].filter { !"^\\[]".contains($0) }
            let matched = (["a", "0", " ", "A", "-", ".", "_", "é", "!", "\n"] + named).first { candidate in
                String(candidate).withUTF8Bytes { (try? compiled.ranges(in: $0).isEmpty) == false }
            }
            return matched.map(PatternOutline.character) ?? .empty
        }

        private mutating func escape() -> PatternOutline {
            guard let character = next else { return .empty }
            position += 1
            switch character {
            case "w", "S", "D", "N", "X", "H", "V": return .character("a")
            case "d": return .character("0")
            case "s", "h": return .character(" ")
            case "R", "v", "n": return .character("\n")
            case "t": return .character("\t")
            case "W": return .character("-")
            case "p", "P":
                if next == "{" { while let inner = next, inner != "}" { _ = inner; position += 1 } }
                position += 1
                return .character("a")
            case "x":
                guard next == "{" else { return .empty }
                let start = position + 1
                while let inner = next, inner != "}" { _ = inner; position += 1 }
                let digits = start <= position ? String(characters[start..<position]) : ""
                position += 1
                return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init).map { .character(Character($0)) }
                    ?? .empty
            case _ where character.isLetter || character.isNumber: return .empty
            default: return .character(character)
            }
        }

        /// An item with the quantifier behind it.
        private mutating func repeated(_ item: PatternOutline) -> PatternOutline {
            var item = item
            while let quantifier = next {
                switch quantifier {
                case "*": item = .repetition(item, atLeast: 0, isLong: true)
                case "+": item = .repetition(item, atLeast: 1, isLong: true)
                case "?": item = .repetition(item, atLeast: 0, isLong: false)
                case "{":
                    guard let end = characters[position...].firstIndex(of: "}") else { return item }
                    let bounds = String(characters[(position + 1)..<end]).split(
                        separator: ",",
                        omittingEmptySubsequences: false
                    )
                    guard let least = bounds.first.map({ $0.isEmpty ? 0 : Int($0) }) ?? nil else { return item }
                    let most = bounds.count == 1 ? least : Int(bounds[1])
                    item = .repetition(item, atLeast: least, isLong: (most ?? .max) >= 10)
                    position = end
                default: return item
                }
                position += 1
                // Lazy or possessive: the same texts.
                if next == "?" || next == "+" { position += 1 }
            }
            return item
        }
    }
}
