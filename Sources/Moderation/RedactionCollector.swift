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
    /// The words to put back, by placeholder: the prompt's only, so that an answer can't show what is redacted in itself.
    private let originals: [String: String]
    private let isPrompt: Bool
    private var found: [String: [Found]] = [:]
    private var order: [String] = []

    /// A match, and what asks for a placeholder in its place.
    private struct Found {
        var match: Match
        var request: Request?
    }

    private struct Request {
        var words: String
        var restores: Bool
    }

    init(_ direction: Direction, placeholders: Placeholders) {
        self.placeholders = placeholders
        originals = placeholders.originals
        isPrompt = direction == .prompt
    }

    /// Takes a match, in one part or over several: the first gets what stands in its place.
    mutating func add(_ stretches: [Stretch], by rule: Rule, digest: (String) -> String) {
        let words = stretches.map(\.words).joined()
        for (index, stretch) in stretches.enumerated() {
            var found = Found(match: stretch.match)
            switch rule.redactAs {
            case _ where index > 0: found.match.replacement = ""
            case .mask: break
            case .placeholder: found.request = Request(words: words, restores: rule.restores && isPrompt)
            case .hash:
                let mask = found.match.replacement
                let name = mask.hasSuffix("]") ? String(mask.dropLast()) : mask
                found.match.replacement = "\(name)_\(digest(words))]"
            }
            add(found, to: stretch.pointer)
        }
    }

    /// Puts the original words back where an answer repeats a placeholder.
    mutating func restore(in turns: [Turn]) {
        for (token, words) in originals {
            for part in turns.flatMap(\.parts) where part.kind.isText {
                for range in part.text.ranges(of: token) {
                    let start = part.text.utf8.distance(from: part.text.startIndex, to: range.lowerBound)
                    // The arguments of a tool call are JSON, in which words have to be escaped.
                    let isJSON = part.kind == .toolCall && "{[".contains(part.text.first { !$0.isWhitespace } ?? " ")
                    let replacement = isJSON ? UnescapedText.escaped(words) : words
                    let place = start..<start + token.utf8.count
                    let match = Match(range: place, label: Match.restored, replacement: replacement)
                    add(Found(match: match), to: part.pointer)
                }
            }
        }
    }

    private mutating func add(_ match: Found, to pointer: String) {
        if found[pointer] == nil { order.append(pointer) }
        found[pointer, default: []].append(match)
    }

    /// What is replaced.
    ///
    /// Placeholders are numbered in the order of the text, so that text that grows keeps the numbers of its beginning.
    mutating func redactions(in turns: [Turn]) -> [Redaction] {
        for pointer in order { found[pointer] = Self.merge(found[pointer] ?? [], by: \.match) }
        for part in turns.flatMap(\.parts) {
            for (index, match) in (found[part.pointer] ?? []).enumerated() {
                guard let request = match.request else { continue }
                let mask = match.match.replacement
                let token = placeholders.token(for: request.words, mask: mask, restores: request.restores)
                found[part.pointer]?[index].match.replacement = token
                found[part.pointer]?[index].request = nil
            }
        }
        return order.map { Redaction(pointer: $0, matches: (found[$0] ?? []).map(\.match)) }
    }

    /// Overlapping matches become one stretch under the name of the one that begins first (the longer of two that begin alike).
    static func merge(_ matches: [Match]) -> [Match] { merge(matches, by: \.self) }

    private static func merge<Item>(_ items: [Item], by match: WritableKeyPath<Item, Match>) -> [Item] {
        let sorted = items.sorted {
            let (first, second) = ($0[keyPath: match].range, $1[keyPath: match].range)
            return (first.lowerBound, -first.upperBound) < (second.lowerBound, -second.upperBound)
        }
        var out: [Item] = []
        for item in sorted {
            let range = item[keyPath: match].range
            guard let last = out.last?[keyPath: match].range, range.lowerBound < last.upperBound else {
                out.append(item)
                continue
            }
            if range.upperBound > last.upperBound {
                out[out.count - 1][keyPath: match].range = last.lowerBound..<range.upperBound
            }
        }
        return out
    }
}
