import Moderation

/// Fields that the reader doesn't know.
extension OpenAIMessageReader {
    /// Names whose values are the API's labels rather than anyone's words.
    private static let labelKeys: Set<String> = [
        "type", "id", "role", "tool_call_id", "index", "cache_control", "detail", "format", "status", "expires_at",
    ]
    /// Names under which media stand, or where they are to be had.
    private static let mediaKeys: Set<String> = ["url", "data", "file_data", "file_id", "b64_json"]

    /// A field that nobody knows: all words below it.
    ///
    /// A request's is listed when there are none, so that it isn't passed over in silence.
    func unknown(_ member: JSONMember, at pointer: String) -> [Field] {
        let place = pointer + JSONText.pointerStep(member.key)
        let fields = words(in: member.value, key: member.key, kind: .text, at: place)
        guard fields.isEmpty, !isAnswer, !Self.labelKeys.contains(member.key) else { return fields }
        return [Field(kind: .unknown, pointer: place, value: member.value)]
    }

    /// Image, sound or file: listed, and in an answer what it says in words is read.
    func medium(_ member: JSONMember, kind: PartKind, at pointer: String) -> [Field] {
        let place = pointer + JSONText.pointerStep(member.key)
        let listed = Field(kind: kind, pointer: place, value: member.value)
        return [listed] + (isAnswer ? words(in: member.value, key: member.key, kind: .text, at: place) : [])
    }

    /// Every string below a value that may hold words.
    ///
    /// - Parameter key: the name of the member whose value it is or stands in.
    func words(in value: JSONValue, key: String, kind: PartKind, at pointer: String) -> [Field] {
        switch value.kind {
        case .string:
            let isLabel = Self.labelKeys.contains(key) && isLabel(value)
            if isLabel, !isAnswer { return [] }
            if let medium = mediumKind(of: value, key: key) {
                return [Field(kind: medium, pointer: pointer, value: value)]
            }
            return [Field(kind: kind, pointer: pointer, value: value, isRepeated: isLabel)]
        case .array(let elements):
            return elements.enumerated().flatMap { words(in: $1, key: key, kind: kind, at: "\(pointer)/\($0)") }
        case .object(let members):
            return members.flatMap {
                words(in: $0.value, key: $0.key, kind: kind, at: pointer + JSONText.pointerStep($0.key))
            }
        case .number, .bool, .null:
            return []
        }
    }

    /// Whether a value is too short to say anything: one word of ASCII, or no string at all.
    func isLabel(_ value: JSONValue) -> Bool {
        switch value.kind {
        case .string: isOneWord(value) && value.range.count <= 66
        case .number, .bool, .null: true
        case .array, .object: false
        }
    }

    /// What kind of medium a string holds or names; nil for words.
    private func mediumKind(of value: JSONValue, key: String) -> PartKind? {
        let start = String(decoding: document.bytes[value.range].dropFirst().prefix(11), as: UTF8.self).lowercased()
        let isDataURL = ["data:image/", "data:audio/", "data:video/"].contains(start)
        guard isDataURL || Self.mediaKeys.contains(key), isOneWord(value) else { return nil }
        // An answer could spell words in places meant for media, but not in one long word.
        guard !isAnswer || value.range.count > 256 else { return nil }
        return start == "data:image/" ? .image : start == "data:audio/" ? .audio : isAnswer ? .file : .unknown
    }

    private func isOneWord(_ value: JSONValue) -> Bool {
        document.bytes[value.range].allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
    }
}

/// Fields of an answer outside its messages.
extension OpenAIMessageReader {
    /// Fields of an answer, or of a chunk of one, that carry no words of the chatbot's.
    private static let envelopeKeys: Set<String> = [
        "id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "obfuscation",
        "error", "prompt_filter_results", "provider", "x_groq",
    ]
    /// Fields of a choice that are read elsewhere or carry no words of their own.
    private static let choiceKeys: Set<String> = [
        "message", "logprobs", "content_filter_results", "content_filter_result", "content_filter_offsets",
    ]
    /// Fields of a choice that carry a label.
    private static let choiceLabels: Set<String> = ["index", "finish_reason", "stop_reason", "native_finish_reason"]

    /// Words of an answer that stand beside its choices.
    func envelopeFields(of members: [JSONMember]) -> [Field] {
        members.filter { !Self.envelopeKeys.contains($0.key) }.flatMap { unknown($0, at: "") }.map(repeated)
    }

    /// Whether something other than the envelope could hold words.
    func hasMoreThanEnvelope(_ members: [JSONMember]) -> Bool {
        members.contains { member in
            guard !Self.envelopeKeys.contains(member.key) else { return false }
            return switch member.value.kind {
            case .string, .array, .object: true
            case .number, .bool, .null: false
            }
        }
    }

    /// Words of a choice that stand beside its message.
    func choiceFields(of member: JSONMember, at pointer: String) -> [Field] {
        if Self.choiceKeys.contains(member.key) { return [] }
        if Self.choiceLabels.contains(member.key), isLabel(member.value) { return [] }
        if member.key == "text" || member.key == "delta" { return unknown(member, at: pointer) }
        return unknown(member, at: pointer).map(repeated)
    }

    private func repeated(_ field: Field) -> Field {
        var field = field
        field.isRepeated = true
        return field
    }
}
