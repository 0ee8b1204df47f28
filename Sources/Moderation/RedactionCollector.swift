/// A match in one part; what is found across several parts is several stretches.
struct Stretch {
    var match: Match
    /// Which part.
    var pointer: String
    /// The text of the part.
    var text: String

    /// What the match covers.
    var words: String {
        let start = text.utf8.index(text.utf8.startIndex, offsetBy: match.range.lowerBound)
        let end = text.utf8.index(text.utf8.startIndex, offsetBy: match.range.upperBound)
        return String(text[start..<end])
    }
}

/// Gathers what several rules replace in the same parts into ordered changes without overlaps.
struct RedactionCollector {
    /// What stands in the place of redacted words so far.
    private(set) var placeholders: Placeholders
    private var matches: [String: [Match]] = [:]
    private var order: [String] = []

    init(placeholders: Placeholders = Placeholders()) { self.placeholders = placeholders }

    /// Takes a match, in one part or over several: the first gets what stands in its place.
    mutating func add(_ stretches: [Stretch], by rule: Rule, digest: (String) -> String) {
        let words = stretches.map(\.words).joined()
        for (index, stretch) in stretches.enumerated() {
            var match = stretch.match
            let mask = match.replacement
            switch rule.redactAs {
            case _ where index > 0: match.replacement = ""
            case .mask: break
            case .placeholder:
                match.replacement = placeholders.token(for: words, mask: mask, restores: rule.restores)
            case .hash:
                let name = mask.hasSuffix("]") ? String(mask.dropLast()) : mask
                match.replacement = "\(name)_\(digest(words))]"
            }
            add(match, to: stretch.pointer)
        }
    }

    /// Puts the original words back where an answer repeats a placeholder.
    mutating func restore(in turns: [Turn]) {
        for (token, words) in placeholders.originals {
            for part in turns.flatMap(\.parts) where part.kind.isText {
                for range in part.text.ranges(of: token) {
                    let start = part.text.utf8.distance(from: part.text.startIndex, to: range.lowerBound)
                    // The arguments of a tool call are JSON, in which words have to be escaped.
                    let isJSON = part.kind == .toolCall && (part.text.first == "{" || part.text.first == "[")
                    let replacement = isJSON ? UnescapedText.escaped(words) : words
                    let place = start..<start + token.utf8.count
                    add(Match(range: place, label: "restored", replacement: replacement), to: part.pointer)
                }
            }
        }
    }

    private mutating func add(_ match: Match, to pointer: String) {
        if matches[pointer] == nil { order.append(pointer) }
        matches[pointer, default: []].append(match)
    }

    var redactions: [Redaction] {
        order.map { Redaction(pointer: $0, matches: Self.merge(matches[$0] ?? [])) }
    }

    /// Overlapping matches become one stretch under the name of the one that begins first (the longer of two that begin alike).
    static func merge(_ matches: [Match]) -> [Match] {
        let sorted = matches.sorted {
            ($0.range.lowerBound, -$0.range.upperBound) < ($1.range.lowerBound, -$1.range.upperBound)
        }
        var out: [Match] = []
        for match in sorted {
            guard let last = out.last, match.range.lowerBound < last.range.upperBound else {
                out.append(match)
                continue
            }
            if match.range.upperBound > last.range.upperBound {
                out[out.count - 1].range = last.range.lowerBound..<match.range.upperBound
            }
        }
        return out
    }
}
