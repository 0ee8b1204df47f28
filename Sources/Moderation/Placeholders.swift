/// What stands in the place of redacted words in one conversation, such as `[EMAIL_1]`.
///
/// The same words get the same placeholder. Clients send the whole conversation again with each request, so that it is numbered
/// alike each time.
public struct Placeholders: Sendable, Hashable {
    private struct Words: Sendable, Hashable {
        var kind: String
        var text: String
    }

    private var numbers: [Words: Int] = [:]
    private var counts: [String: Int] = [:]
    /// The words to put back into the chatbot's answer, by placeholder.
    public private(set) var originals: [String: String] = [:]

    /// No placeholders yet.
    public init() {}

    /// The placeholder of some words.
    ///
    /// - Parameters:
    ///   - text: the words.
    ///   - mask: what they are masked with otherwise, such as `[EMAIL]`.
    ///   - restores: whether the chatbot's answer gets them back.
    mutating func token(for text: String, mask: String, restores: Bool) -> String {
        let kind = mask.hasPrefix("[") && mask.hasSuffix("]") ? String(mask.dropFirst().dropLast()) : mask
        let words = Words(kind: kind, text: text)
        let number = numbers[words] ?? counts[kind, default: 0] + 1
        numbers[words] = number
        counts[kind] = max(number, counts[kind, default: 0])
        let token = Self.token(kind, number)
        if restores { originals[token] = text }
        return token
    }

    /// Those that were there earlier, and of the newer ones only those in use.
    ///
    /// Text that grows, as in a stream, may show only later where a stretch ends; what stood for its beginning is forgotten.
    public func keeping(_ used: Set<String>, since earlier: Placeholders) -> Placeholders {
        var kept = earlier
        for (words, number) in numbers where earlier.numbers[words] == nil {
            let token = Self.token(words.kind, number)
            guard used.contains(token) else { continue }
            kept.numbers[words] = number
            kept.counts[words.kind] = max(number, kept.counts[words.kind, default: 0])
            kept.originals[token] = originals[token]
        }
        return kept
    }

    private static func token(_ kind: String, _ number: Int) -> String { "[\(kind)_\(number)]" }
}
