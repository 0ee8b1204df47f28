import Moderation

/// Finds the text in a message of OpenAI's chat API: a request's, an answer's, or a piece of a streamed one.
///
/// Words below a field that it doesn't know are read like others; a request's that holds none becomes a part of kind
/// `unknown`, so that coverage lists it.
struct OpenAIMessageReader {
    /// Names under which chatbots give their reasoning.
    private static let reasoningKeys = [
        "reasoning_content", "reasoning", "reasoning_details", "reasoning_text", "thinking",
    ]
    /// Every name that has a meaning here.
    private static let keys =
        reasoningKeys + [
            "role", "content", "refusal", "name", "tool_calls", "function_call", "tool_call_id", "audio", "text",
        ]

    let reader: DocumentReader
    /// Whether tool calls say by `index` which call they continue.
    var isDelta = false

    private var document: JSONDocument { reader.document }

    /// The fields of a message, in document order.
    ///
    /// - Parameters:
    ///   - message: an object.
    ///   - role: who speaks.
    ///   - pointer: where the message stands, or would stand in a whole answer.
    func fields(of message: JSONValue, role: Role, at pointer: String) throws(DialectError) -> [DocumentField] {
        guard let members = message.members else { throw .shape(field: "message", expected: "an object") }
        try reader.checkSpelling(of: members, known: Self.keys)
        var fields: [DocumentField] = []
        for member in reader.spoken(members) {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key {
            case "role", "tool_call_id":
                if !reader.isLabel(member.value) { fields += reader.unknown(member, at: pointer) }
            case "content":
                fields += try content(member.value, kind: role == .tool ? .toolResult : .text, at: place)
            case "refusal":
                fields += reader.texts(in: member.value, kind: .refusal, at: place)
            case "name", "text":
                fields += reader.texts(in: member.value, kind: .text, at: place)
            case let key where Self.reasoningKeys.contains(key):
                fields += reader.words(in: member.value, key: member.key, kind: .reasoning, at: place)
            case "tool_calls":
                fields += try toolCalls(member.value, at: place)
            case "function_call":
                fields += reader.texts(in: member.value, kind: .toolCall, at: place)
            case "audio":
                fields +=
                    member.value.members == nil ? reader.unknown(member, at: pointer) : audio(member.value, at: place)
            default:
                fields += reader.unknown(member, at: pointer)
            }
        }
        return fields
    }
}

// MARK: - Kinds of field

extension OpenAIMessageReader {
    private func content(_ value: JSONValue, kind: PartKind, at pointer: String) throws(DialectError) -> [DocumentField]
    {
        switch value.kind {
        case .string:
            return [DocumentField(kind: kind, pointer: pointer, value: value)]
        case .object:
            return contentPart(value, kind: kind, at: pointer)
        case .array(let parts):
            var fields: [DocumentField] = []
            for (index, part) in parts.enumerated() {
                let place = "\(pointer)/\(index)"
                switch part.kind {
                case .string: fields.append(DocumentField(kind: kind, pointer: place, value: part))
                case .object: fields += contentPart(part, kind: kind, at: place)
                default: throw .shape(field: "content", expected: "a string or an array of content parts")
                }
            }
            return fields
        case .number, .bool, .null:
            throw .shape(field: "content", expected: "a string or an array of content parts")
        }
    }

    /// One content part: its text is read whatever the part calls itself, and media are listed.
    private func contentPart(_ part: JSONValue, kind: PartKind, at pointer: String) -> [DocumentField] {
        let type = document.string(part["type"]) ?? ""
        var fields: [DocumentField] = []
        for member in reader.spoken(part.members ?? []) {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key.lowercased() {
            case "type", "cache_control", "index", "id", "detail":
                if !reader.isLabel(member.value) { fields += reader.unknown(member, at: pointer) }
            case "text", "content", "input_text", "output_text":
                fields += reader.texts(in: member.value, kind: kind, at: place)
            case "refusal":
                fields += reader.texts(in: member.value, kind: .refusal, at: place)
            case "thinking", "reasoning":
                fields += reader.texts(in: member.value, kind: .reasoning, at: place)
            case "image_url", "image":
                fields += reader.medium(member, kind: .image, at: pointer)
            case "input_audio", "audio":
                fields += reader.medium(member, kind: .audio, at: pointer)
            case "file", "input_file":
                fields += reader.medium(member, kind: .file, at: pointer)
            default:
                fields += reader.unknown(member, at: pointer)
            }
        }
        guard !reader.isAnswer else { return fields }
        let known = ["text", "refusal", "image_url", "input_audio", "file", "thinking", "input_text", "output_text"]
        if !known.contains(type), !fields.contains(where: { $0.kind == .unknown }) {
            fields.append(DocumentField(kind: .unknown, pointer: pointer, value: part))
        }
        return fields
    }

    private func toolCalls(_ value: JSONValue, at pointer: String) throws(DialectError) -> [DocumentField] {
        guard let calls = value.elements else { throw .shape(field: "tool_calls", expected: "an array") }
        var fields: [DocumentField] = []
        for (position, call) in calls.enumerated() {
            guard let members = call.members else { throw .shape(field: "tool_calls", expected: "an array of objects") }
            let number = isDelta ? document.integer(call["index"]) ?? position : position
            for member in members {
                if ["id", "type", "index"].contains(member.key), reader.isLabel(member.value) { continue }
                let place = "\(pointer)/\(number)" + JSONText.pointerStep(member.key)
                fields += reader.keys(of: member, kind: .toolCall, at: place)
                fields += reader.texts(in: member.value, kind: .toolCall, at: place)
            }
        }
        return fields
    }

    /// Spoken text: the transcript is read, the sound is listed.
    private func audio(_ value: JSONValue, at pointer: String) -> [DocumentField] {
        var fields: [DocumentField] = []
        for member in value.members ?? [] {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key {
            case "transcript": fields += reader.texts(in: member.value, kind: .text, at: place)
            case "data": fields.append(DocumentField(kind: .audio, pointer: place, value: member.value))
            default: fields += reader.unknown(member, at: pointer)
            }
        }
        return fields
    }
}
