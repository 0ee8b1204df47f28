import Moderation

extension JSONDocument {
    /// The changes that redactions make.
    ///
    /// - Throws: ``DialectError`` when a redaction points at something else than a string.
    func edits(for redactions: [Redaction]) throws(DialectError) -> [Edit] {
        var edits: [Edit] = []
        for redaction in redactions {
            guard let value = value(at: redaction.pointer), let text = string(value) else {
                throw .shape(field: "redacted field", expected: "a string")
            }
            edits.append(Edit(range: value.range, replacement: JSONText.quoted(text.replacing(redaction.matches))))
        }
        return edits
    }

    /// The document with matches replaced in the strings that the redactions point at.
    func replacing(_ redactions: [Redaction]) throws(DialectError) -> [UInt8] { replacing(try edits(for: redactions)) }
}
