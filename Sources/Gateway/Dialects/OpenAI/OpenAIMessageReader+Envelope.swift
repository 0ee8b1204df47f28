import Moderation

/// Fields of an answer outside its messages.
extension OpenAIMessageReader {
    /// Fields of an answer, or of a chunk of one, that carry no words of the chatbot's.
    private static let envelopeKeys: Set<String> = [
        "id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "obfuscation",
        "error", "prompt_filter_results", "provider", "x_groq",
    ]
    /// Fields of a choice that carry labels.
    private static let choiceLabels: Set<String> = [
        "index", "finish_reason", "stop_reason", "native_finish_reason", "content_filter_results",
        "content_filter_result", "content_filter_offsets",
    ]

    /// Words of an answer that stand beside its choices, also where only labels belong.
    func envelopeFields(of members: [JSONMember]) -> [DocumentField] {
        members.filter { $0.key != "choices" }.flatMap { member in
            reader.unknown(member, at: "").filter {
                !Self.envelopeKeys.contains(member.key) || !reader.isLabel($0.value)
            }
        }.map(\.repeated)
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

    /// What token probabilities say beside what their choice says.
    func probabilityFields(_ logprobs: JSONValue, of choice: JSONValue, at pointer: String) -> [DocumentField] {
        let message = choice["message"] ?? choice["delta"]
        let said = ["content", "refusal"].map { reader.document.string(message?[$0]) ?? "" }.joined()
        let tokens = ["content", "refusal"].flatMap { logprobs[$0]?.elements ?? [] }.map { $0["token"] }
        guard !reader.isEcho(logprobs, spelling: tokens, of: [said]) else { return [] }
        return reader.texts(in: logprobs, kind: .text, at: pointer + "/logprobs")
    }

    /// Words of a choice that stand beside its message.
    func choiceFields(of member: JSONMember, at pointer: String) -> [DocumentField] {
        if member.key == "message" { return [] }
        if member.key == "text" || member.key == "delta" { return reader.unknown(member, at: pointer) }
        let carriesLabels = Self.choiceLabels.contains(member.key)
        return reader.unknown(member, at: pointer).filter { !carriesLabels || !reader.isLabel($0.value) }
            .map(\.repeated)
    }
}
