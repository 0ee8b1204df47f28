import Moderation

/// Finds the text in Ollama's messages and answers, whole or one line of a stream.
///
/// Ollama's own client reads names without regard to case, so a known name in another spelling is refused.
struct OllamaAnswerReader {
    private static let answerKeys = [
        "message", "response", "thinking", "tool_calls", "image", "logprobs", "error", "done", "done_reason", "model",
        "created_at", "remote_model", "remote_host",
    ]
    private static let messageKeys = [
        "role", "content", "thinking", "images", "tool_calls", "tool_name", "tool_call_id", "name",
    ]

    let reader: DocumentReader
    /// How many tool calls the stream has begun.
    var callsBegun = 0

    /// The fields of an answer, in document order.
    mutating func fields() throws(DialectError) -> [DocumentField] {
        guard let members = reader.document.root.members else { throw .shape(field: "response", expected: "an object") }
        try reader.checkSpelling(of: members, known: Self.answerKeys)
        var fields: [DocumentField] = []
        for member in reader.spoken(members) {
            let place = JSONText.pointerStep(member.key)
            switch member.key {
            case "message":
                fields += try self.fields(ofMessage: member.value, role: .assistant, at: place)
            case "response":
                fields += reader.texts(in: member.value, kind: .text, at: place)
            case "thinking":
                fields += reader.texts(in: member.value, kind: .reasoning, at: place)
            case "tool_calls":
                fields += try toolCalls(member.value, at: place)
            case "image":
                fields += images(member, at: "")
            case "logprobs" where isEcho(member.value):
                break
            case "model", "remote_model", "remote_host", "created_at", "done_reason":
                if !reader.isLabel(member.value) { fields += reader.unknown(member, at: "").map(\.repeated) }
            default:
                fields += reader.unknown(member, at: "").map(\.repeated)
            }
        }
        return fields
    }

    /// Whether token probabilities say nothing but what the answer says.
    private func isEcho(_ logprobs: JSONValue) -> Bool {
        let root = reader.document.root
        func said(_ key: String) -> String { reader.document.string((root["message"] ?? root)[key]) ?? "" }
        let (thinking, text) = (said("thinking"), root["message"] == nil ? said("response") : said("content"))
        let tokens = (logprobs.elements ?? []).map { $0["token"] }
        return reader.isEcho(logprobs, spelling: tokens, of: [text, thinking + text])
    }

    /// The fields of a message, in document order.
    mutating func fields(
        ofMessage message: JSONValue,
        role: Role,
        at pointer: String
    ) throws(DialectError) -> [DocumentField] {
        guard let members = message.members else { throw .shape(field: "message", expected: "an object") }
        try reader.checkSpelling(of: members, known: Self.messageKeys)
        var fields: [DocumentField] = []
        for member in reader.spoken(members) {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key {
            case "role", "tool_call_id":
                if !reader.isLabel(member.value) { fields += reader.unknown(member, at: pointer) }
            case "content":
                fields += reader.texts(in: member.value, kind: role == .tool ? .toolResult : .text, at: place)
            case "thinking":
                fields += reader.texts(in: member.value, kind: .reasoning, at: place)
            case "tool_name", "name":
                fields += reader.texts(in: member.value, kind: .text, at: place)
            case "tool_calls":
                fields += try toolCalls(member.value, at: place)
            case "images":
                fields += images(member, at: pointer)
            default:
                fields += reader.unknown(member, at: pointer)
            }
        }
        return fields
    }

    /// Pictures in base64, each listed; what is no long word is read.
    func images(_ member: JSONMember, at pointer: String) -> [DocumentField] {
        let place = pointer + JSONText.pointerStep(member.key)
        return reader.texts(in: member.value, kind: .text, at: place).map { field in
            guard reader.isOneWord(field.value), !reader.isAnswer || field.value.range.count > 256 else { return field }
            return DocumentField(kind: .image, pointer: field.pointer, value: field.value)
        }
    }

    /// Calls come whole, so each is a string of its own however many lines there are.
    private mutating func toolCalls(_ value: JSONValue, at pointer: String) throws(DialectError) -> [DocumentField] {
        guard let calls = value.elements else { throw .shape(field: "tool_calls", expected: "an array") }
        var fields: [DocumentField] = []
        let first = callsBegun
        for (position, call) in calls.enumerated() {
            guard let members = call.members else { throw .shape(field: "tool_calls", expected: "an array of objects") }
            for member in members {
                if ["id", "type", "index"].contains(member.key), reader.isLabel(member.value) { continue }
                let place = "\(pointer)/\(first + position)" + JSONText.pointerStep(member.key)
                fields += reader.keys(of: member, kind: .toolCall, at: place)
                fields += reader.texts(in: member.value, kind: .toolCall, at: place)
            }
        }
        callsBegun += calls.count
        return fields
    }
}
