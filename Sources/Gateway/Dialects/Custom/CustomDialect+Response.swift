import Moderation

extension CustomDialect {
    /// Reads every string of an answer, the reply first.
    public func decodeResponse(
        _ body: [UInt8],
        to request: DecodedRequest
    ) throws(DialectError) -> DecodedResponse {
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        let fields = try reader.answerFields(replyAt: settings.reply)
        let turn = Turn(role: .assistant, parts: reader.parts(fields.reply + fields.others))
        let choice = DecodedResponse.Choice(index: 0, turn: turn, value: reader.document.root)
        return DecodedResponse(document: reader.document, choices: [choice])
    }

    /// A blocked answer gives way to the refusal as a whole.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        switch changes.first {
        case .keep, nil: response.document.bytes
        case .redact(let redactions): try response.document.replacing(redactions)
        case .refuse(let reply): Array(refusal(reply).utf8)
        }
    }
}

extension DocumentReader {
    /// Every string of an answer, or of an event of one: those that a path names, and the others.
    func answerFields(
        replyAt path: JSONPath
    ) throws(DialectError) -> (reply: [DocumentField], others: [DocumentField]) {
        let reply = path.values(in: document).flatMap { texts(in: $0.value, kind: .text, at: $0.pointer) }
        let named = Set(reply.map(\.pointer))
        let others = words(in: document.root, key: "", kind: .text, at: "").filter { !named.contains($0.pointer) }
        return (reply, others)
    }
}
