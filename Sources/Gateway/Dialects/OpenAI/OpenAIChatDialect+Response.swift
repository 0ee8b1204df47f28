import Moderation

extension OpenAIChatDialect {
    /// Reads every choice with its text, reasoning, refusal and tool calls.
    public func decodeResponse(
        _ body: [UInt8],
        to request: DecodedRequest
    ) throws(DialectError) -> DecodedResponse {
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "response", expected: "an object") }
        let messageReader = OpenAIMessageReader(reader: reader)
        try reader.checkSpelling(of: members, known: ["choices"])
        guard let choices = document.root["choices"]?.elements else {
            throw .shape(field: "choices", expected: "an array")
        }
        var decoded: [DecodedResponse.Choice] = []
        for (position, choice) in choices.enumerated() {
            guard let members = choice.members else { throw .shape(field: "choices", expected: "an array of objects") }
            try reader.checkSpelling(of: members, known: ["message", "text", "delta"])
            guard let message = choice["message"] else { throw .shape(field: "message", expected: "an object") }
            let pointer = "/choices/\(position)"
            var fields = try messageReader.fields(of: message, role: .assistant, at: pointer + "/message")
            for member in members {
                fields +=
                    member.key == "logprobs"
                    ? messageReader.probabilityFields(member.value, of: choice, at: pointer)
                    : messageReader.choiceFields(of: member, at: pointer)
            }
            decoded.append(
                DecodedResponse.Choice(
                    index: document.integer(choice["index"]) ?? position,
                    turn: Turn(role: .assistant, parts: reader.parts(fields)),
                    value: choice
                )
            )
        }
        let others = messageReader.envelopeFields(of: members)
        guard !decoded.isEmpty || others.isEmpty else {
            throw .shape(field: "choices", expected: "an array with at least one choice")
        }
        if !decoded.isEmpty { decoded[0].turn.parts += reader.parts(others) }
        return DecodedResponse(document: document, choices: decoded)
    }

    /// Blocked choices give way to a refusal; redacted ones lose their token probabilities.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        try writer.rewrite(response, changes: changes)
    }
}
