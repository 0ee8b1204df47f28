import Moderation

extension OpenAIChatDialect {
    /// Reads every choice with its text, reasoning, refusal and tool calls.
    public func decodeResponse(_ body: [UInt8]) throws(DialectError) -> DecodedResponse {
        let document = try parse(body, surrogates: .replace)
        guard let members = document.root.members else { throw .shape(field: "response", expected: "an object") }
        let reader = OpenAIMessageReader(document: document)
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
            var fields = try reader.fields(of: message, role: .assistant, at: pointer + "/message")
            for member in members where !Self.choiceKeys.contains(member.key) {
                fields += reader.choiceFields(of: member, at: pointer)
            }
            decoded.append(
                DecodedResponse.Choice(
                    index: document.integer(choice["index"]) ?? position,
                    turn: Turn(role: .assistant, parts: reader.parts(fields)),
                    value: choice
                )
            )
        }
        let others = members.filter { !Self.envelopeKeys.contains($0.key) }.flatMap {
            reader.unscannedFields(of: $0, at: "")
        }
        if !decoded.isEmpty { decoded[0].turn.parts += reader.parts(others) }
        return DecodedResponse(document: document, choices: decoded)
    }

    /// Fields of an answer, or of a chunk of one, that carry no words of the chatbot's.
    static let envelopeKeys: Set<String> = [
        "id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "obfuscation",
        "error",
    ]

    /// Fields of a choice that are read elsewhere or carry no words of their own.
    static let choiceKeys: Set<String> = ["index", "message", "delta", "finish_reason", "logprobs", "stop_reason"]

    /// Blocked choices give way to a refusal; redacted ones lose their token probabilities, which would tell what was
    /// masked.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        var all: [JSONDocument.Edit] = []
        for (choice, change) in zip(response.choices, changes) {
            switch change {
            case .keep:
                break
            case .refuse(let reply):
                let text = Self.refusedChoice(index: choice.index, reply: reply)
                all.append(JSONDocument.Edit(range: choice.value.range, replacement: text))
            case .redact(let redactions):
                all += try edits(for: redactions, in: response.document)
                if let logprobs = choice.value["logprobs"], !logprobs.isNull {
                    all.append(JSONDocument.Edit(range: logprobs.range, replacement: "null"))
                }
            }
        }
        return response.document.replacing(all)
    }
}

extension OpenAIMessageReader {
    /// Fields that stand beside the message in a choice: text is read, the rest is listed.
    func choiceFields(of member: JSONMember, at pointer: String) -> [Field] {
        guard member.key == "text", member.value.isString else { return unscannedFields(of: member, at: pointer) }
        return [Field(kind: .text, pointer: pointer + "/text", value: member.value)]
    }

    /// A field that nobody knows, listed if it could hold words.
    func unscannedFields(of member: JSONMember, at pointer: String) -> [Field] {
        let place = pointer + JSONText.pointerStep(member.key)
        return switch member.value.kind {
        case .string, .array, .object: [Field(kind: .unknown, pointer: place, value: member.value)]
        case .number, .bool, .null: []
        }
    }
}
