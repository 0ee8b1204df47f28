import Moderation

extension AnthropicDialect {
    /// Reads every string of a message as one choice; a count of tokens holds none.
    public func decodeResponse(_ body: [UInt8], to request: DecodedRequest) throws(DialectError) -> DecodedResponse {
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        let root = reader.document.root
        guard let members = root.members else { throw .shape(field: "response", expected: "an object") }
        try reader.checkSpelling(of: members, known: ["content"])
        guard request.route.name == Self.countPath || root["content"]?.elements != nil else {
            throw .shape(field: "content", expected: "an array")
        }
        let fields = AnthropicContentReader(reader: reader).fields(of: root, at: "")
        let turn = Turn(role: .assistant, parts: reader.parts(fields))
        return DecodedResponse(
            document: reader.document,
            choices: [DecodedResponse.Choice(index: 0, turn: turn, value: root)]
        )
    }

    /// A blocked message gives way to one that says no and nothing else; the answer's tokens stay counted.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        switch changes.first {
        case .keep, nil:
            return response.document.bytes
        case .redact(let redactions):
            return try response.document.replacing(redactions)
        case .refuse(let reply):
            let reader = try DocumentReader(response.document.bytes, surrogates: .replace, isAnswer: true)
            guard reader.document.root["content"] != nil else { return Self.noTokens }
            return Array(AnthropicRefusal(of: reader.document.root, by: reader).message(reply).utf8)
        }
    }
}

extension AnthropicRefusal {
    /// A refusal in place of a message: what it was called and what it cost, unless these are words.
    init(of message: JSONValue, by reader: DocumentReader) {
        let document = reader.document
        func label(_ key: String) -> String? {
            message[key].flatMap { reader.isLabel($0) ? document.string($0) : nil }
        }
        id = label("id") ?? "msg_gatehouse"
        model = label("model") ?? "gatehouse"
        inputTokens = document.integer(message["usage"]?["input_tokens"]) ?? 0
        outputTokens = document.integer(message["usage"]?["output_tokens"]) ?? 0
    }
}
