import Moderation

// Token probabilities repeat an answer's text in another form. They need not be judged where they do just that, and they go
// when the text changes.

extension DocumentReader {
    /// Whether token probabilities spell one of the texts that they stand beside, and say nothing else: what that text
    /// doesn't hold is no more than a word.
    ///
    /// - Parameter tokens: the tokens that were chosen.
    func isEcho(_ probabilities: JSONValue, spelling tokens: [JSONValue?], of texts: [String]) -> Bool {
        let spelled = tokens.map { document.string($0) ?? "" }.joined()
        return texts.contains { $0.utf8.elementsEqual(spelled.utf8) }
            && document.strings(below: probabilities, at: "").allSatisfy { _, value in
                let text = document.string(value) ?? ""
                let isWord = value.range.count <= 66 && text.split(whereSeparator: \.isWhitespace).count <= 1
                return isWord || spelled.contains(text)
            }
    }
}

extension JSONDocument {
    /// The changes that redactions make where the text's echoes go, whatever is in them.
    func edits(for redactions: [Redaction], dropping echoes: [Range<Int>]) throws(DialectError) -> [Edit] {
        let kept = try edits(for: redactions).filter { edit in
            !echoes.contains { $0.contains(edit.range.lowerBound) }
        }
        return kept + echoes.map { Edit(range: $0, replacement: "null") }
    }
}

extension StreamEvent {
    /// The changes that replace some of its texts, by index, and its echoes.
    func edits(texts changed: [Int: String], echo: String = "null") -> [JSONDocument.Edit] {
        var edits = echoes.map { JSONDocument.Edit(range: $0, replacement: echo) }
        for (index, text) in changed {
            let range = texts[index].range
            guard !echoes.contains(where: { $0.contains(range.lowerBound) }) else { continue }
            edits.append(JSONDocument.Edit(range: range, replacement: JSONText.quoted(text)))
        }
        return edits
    }
}
