import Moderation

extension OllamaDialect {
    /// Reads an answer, which is one choice if it says anything, and none if not.
    public func decodeResponse(
        _ body: [UInt8],
        to request: DecodedRequest
    ) throws(DialectError) -> DecodedResponse {
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        var answerReader = OllamaAnswerReader(reader: reader)
        let parts = reader.parts(try answerReader.fields())
        let root = reader.document.root
        let choice = DecodedResponse.Choice(index: 0, turn: Turn(role: .assistant, parts: parts), value: root)
        return DecodedResponse(document: reader.document, choices: parts.isEmpty ? [] : [choice])
    }

    /// A blocked answer gives way to a refusal; a redacted one loses its tokens, which would tell what was masked.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        let document = response.document
        switch changes.first {
        case .refuse(let reply):
            let method: OllamaMethod = document.root["response"] == nil ? .chat : .generate
            var envelope = OllamaEnvelope(method: method, model: "gatehouse")
            envelope.repeatLabels(of: try DocumentReader(document.bytes, surrogates: .replace, isAnswer: true))
            return Array(envelope.refused(reply).utf8)
        case .redact(let redactions):
            return document.replacing(
                try document.edits(for: redactions, dropping: OllamaEnvelope.echoes(in: document))
            )
        case .keep, nil:
            return document.bytes
        }
    }
}
