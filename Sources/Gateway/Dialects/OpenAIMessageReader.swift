import Moderation

/// Finds the text in a message of OpenAI's chat API: a request's, an answer's, or a piece of a streamed one.
///
/// Words below a field that it doesn't know are read like others; a request's that holds none becomes a part of kind
/// `unknown`, so that coverage lists it.
struct OpenAIMessageReader {
    /// A field of a message.
    struct Field {
        var kind: PartKind
        /// RFC 6901 pointer.
        var pointer: String
        var value: JSONValue
        /// Whether a stream says it anew in each event, rather than piece by piece.
        var isRepeated = false
    }

    /// Names under which chatbots give their reasoning.
    private static let reasoningKeys = [
        "reasoning_content", "reasoning", "reasoning_details", "reasoning_text", "thinking",
    ]
    /// Every name that has a meaning here.
    private static let keys =
        reasoningKeys + [
            "role", "content", "refusal", "name", "tool_calls", "function_call", "tool_call_id", "audio", "text",
        ]

    let document: JSONDocument
    /// Whether tool calls say by `index` which call they continue.
    var isDelta = false
    /// Whether the chatbot wrote it, so that every string is one that a person might be shown.
    var isAnswer = false

    /// The fields of a message, in document order.
    ///
    /// - Parameters:
    ///   - message: an object.
    ///   - role: who speaks.
    ///   - pointer: where the message stands, or would stand in a whole answer.
    func fields(of message: JSONValue, role: Role, at pointer: String) throws(DialectError) -> [Field] {
        guard let members = message.members else { throw .shape(field: "message", expected: "an object") }
        try checkSpelling(of: members, known: Self.keys)
        var fields: [Field] = []
        for member in members where !member.value.isNull {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key {
            case "role", "tool_call_id":
                if !isLabel(member.value) { fields += unknown(member, at: pointer) }
            case "content":
                fields += try content(member.value, kind: role == .tool ? .toolResult : .text, at: place)
            case "refusal":
                fields += texts(in: member.value, kind: .refusal, at: place)
            case "name", "text":
                fields += texts(in: member.value, kind: .text, at: place)
            case let key where Self.reasoningKeys.contains(key):
                fields += words(in: member.value, key: member.key, kind: .reasoning, at: place)
            case "tool_calls":
                fields += try toolCalls(member.value, at: place)
            case "function_call":
                fields += texts(in: member.value, kind: .toolCall, at: place)
            case "audio":
                fields += member.value.members == nil ? unknown(member, at: pointer) : audio(member.value, at: place)
            default:
                fields += unknown(member, at: pointer)
            }
        }
        return fields
    }

    /// The fields as parts of a turn.
    func parts(_ fields: [Field]) -> [Part] {
        fields.map { field in
            Part(
                kind: field.kind,
                text: field.kind.isText ? document.string(field.value) ?? "" : "",
                pointer: field.pointer
            )
        }
    }

    /// Refuses an object with a key that a lenient reader would take for a known one: Go's reader, for one, ignores
    /// case.
    func checkSpelling(of members: [JSONMember], known: [String]) throws(DialectError) {
        for member in members {
            // Both ways, since case folding joins letters that one way alone keeps apart.
            let folded = member.key.uppercased().lowercased()
            guard let match = known.first(where: { $0 == folded }), !match.utf8.elementsEqual(member.key.utf8) else {
                continue
            }
            throw .shape(field: match, expected: "spelled exactly so")
        }
    }
}

// MARK: - Kinds of field

extension OpenAIMessageReader {
    private func texts(in value: JSONValue, kind: PartKind, at pointer: String) -> [Field] {
        document.strings(below: value, at: pointer).map { Field(kind: kind, pointer: $0.pointer, value: $0.value) }
    }

    private func content(_ value: JSONValue, kind: PartKind, at pointer: String) throws(DialectError) -> [Field] {
        switch value.kind {
        case .string:
            return [Field(kind: kind, pointer: pointer, value: value)]
        case .object:
            return contentPart(value, kind: kind, at: pointer)
        case .array(let parts):
            var fields: [Field] = []
            for (index, part) in parts.enumerated() {
                let place = "\(pointer)/\(index)"
                switch part.kind {
                case .string: fields.append(Field(kind: kind, pointer: place, value: part))
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
    private func contentPart(_ part: JSONValue, kind: PartKind, at pointer: String) -> [Field] {
        let type = document.string(part["type"]) ?? ""
        var fields: [Field] = []
        for member in part.members ?? [] where !member.value.isNull {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key.lowercased() {
            case "type", "cache_control", "index", "id", "detail":
                if !isLabel(member.value) { fields += unknown(member, at: pointer) }
            case "text", "content", "input_text", "output_text":
                fields += texts(in: member.value, kind: kind, at: place)
            case "refusal":
                fields += texts(in: member.value, kind: .refusal, at: place)
            case "thinking", "reasoning":
                fields += texts(in: member.value, kind: .reasoning, at: place)
            case "image_url", "image":
                fields += medium(member, kind: .image, at: pointer)
            case "input_audio", "audio":
                fields += medium(member, kind: .audio, at: pointer)
            case "file", "input_file":
                fields += medium(member, kind: .file, at: pointer)
            default:
                fields += unknown(member, at: pointer)
            }
        }
        guard !isAnswer else { return fields }
        let known = ["text", "refusal", "image_url", "input_audio", "file", "thinking", "input_text", "output_text"]
        if !known.contains(type), !fields.contains(where: { $0.kind == .unknown }) {
            fields.append(Field(kind: .unknown, pointer: pointer, value: part))
        }
        return fields
    }

    private func toolCalls(_ value: JSONValue, at pointer: String) throws(DialectError) -> [Field] {
        guard let calls = value.elements else { throw .shape(field: "tool_calls", expected: "an array") }
        var fields: [Field] = []
        for (position, call) in calls.enumerated() {
            guard let members = call.members else { throw .shape(field: "tool_calls", expected: "an array of objects") }
            let number = isDelta ? document.integer(call["index"]) ?? position : position
            for member in members {
                if ["id", "type", "index"].contains(member.key), isLabel(member.value) { continue }
                let place = "\(pointer)/\(number)" + JSONText.pointerStep(member.key)
                fields += texts(in: member.value, kind: .toolCall, at: place)
            }
        }
        return fields
    }

    /// Spoken text: the transcript is read, the sound is listed.
    private func audio(_ value: JSONValue, at pointer: String) -> [Field] {
        var fields: [Field] = []
        for member in value.members ?? [] {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key {
            case "transcript": fields += texts(in: member.value, kind: .text, at: place)
            case "data": fields.append(Field(kind: .audio, pointer: place, value: member.value))
            default: fields += unknown(member, at: pointer)
            }
        }
        return fields
    }
}
