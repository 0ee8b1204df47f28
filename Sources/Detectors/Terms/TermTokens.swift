/// A folded text in tokens: words, runs of white space, and single characters of any other kind.
struct TermTokens {
    /// One token.
    struct Token {
        /// What it is; all letters of a token are of one kind.
        var kind: FoldedText.Kind
        /// Indices of its letters.
        var letters: Range<Int>
    }

    /// From left to right, without gaps.
    private(set) var tokens: [Token] = []

    /// Reads letters.
    init(_ letters: [FoldedText.Letter]) {
        tokens.reserveCapacity(letters.count / 3)
        var start = 0
        while start < letters.count {
            let kind = letters[start].kind
            var end = start + 1
            while kind != .other, end < letters.count, letters[end].kind == kind { end += 1 }
            tokens.append(Token(kind: kind, letters: start..<end))
            start = end
        }
    }
}
