import Moderation

/// What a chatbot says of its own failure: its words, wherever they stand, since errors like to quote what was asked.
struct UpstreamErrorBody {
    private let bytes: [UInt8]
    private let document: JSONDocument?
    /// The words.
    let turn: Turn

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        document = try? JSONDocument(bytes, surrogates: .replace)
        var parts: [Part] = []
        if let document {
            parts = document.strings(below: document.root, at: "").map {
                Part(kind: .text, text: document.string($0.value) ?? "", pointer: $0.pointer)
            }
        } else if let text = String(validating: bytes, as: UTF8.self) {
            if !text.allSatisfy(\.isWhitespace) { parts = [Part(kind: .text, text: text, pointer: "")] }
        } else {
            parts = [Part(kind: .unknown, text: "", pointer: "")]
        }
        turn = Turn(role: .assistant, parts: parts)
    }

    /// The body with some stretches replaced.
    func rewritten(_ redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        guard let document else {
            return Array(String(decoding: bytes, as: UTF8.self).replacing(redactions.flatMap(\.matches)).utf8)
        }
        return try document.replacing(redactions)
    }
}
