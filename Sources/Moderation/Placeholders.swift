/// What stands in the place of redacted words in one conversation, such as `[EMAIL_1]`.
///
/// The same words get the same placeholder. Clients send the whole conversation again with each request, so that it is numbered
/// alike each time.
public struct Placeholders: Sendable, Hashable {
    private struct Words: Sendable, Hashable {
        var kind: String
        var text: String
    }

    private var tokens: [Words: String] = [:]
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
        let token =
            tokens[words]
            ?? {
                counts[kind, default: 0] += 1
                return "[\(kind)_\(counts[kind, default: 0])]"
            }()
        tokens[words] = token
        if restores { originals[token] = text }
        return token
    }
}
