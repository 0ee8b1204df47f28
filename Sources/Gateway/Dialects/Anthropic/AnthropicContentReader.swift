import Moderation

/// Finds the words in Anthropic's messages and content blocks: a request's, an answer's, or a piece of a streamed one.
///
/// Every string below an object is read, whatever its key; only labels are passed over where labels belong, and media
/// and what is encrypted are listed.
struct AnthropicContentReader {
    /// Names whose values are labels.
    private static let labels: Set<String> = [
        "category", "error_code", "expires_at", "file_id", "id", "inference_geo", "media_type", "model", "role",
        "service_tier", "skill_id", "speed", "stop_reason", "stop_sequence", "tool_id", "tool_use_id", "ttl", "type",
        "version",
    ]
    /// Names that the API knows, so that what holds no words under them need not be listed.
    private static let known: Set<String> = [
        "cache_control", "caller", "citations", "cited_text", "container", "content", "context", "data", "input",
        "is_error", "name", "signature", "source", "text", "thinking", "title", "tool_name", "toolset_name",
        "transformations",
    ]

    let reader: DocumentReader

    private var document: JSONDocument { reader.document }

    /// A block's type; empty without one.
    func type(of block: JSONValue) -> String { document.string(block["type"]) ?? "" }

    /// What a block carries; nil where its type says nothing of that.
    private func kind(ofType type: String) -> PartKind? {
        switch type {
        case "thinking", "redacted_thinking", "thinking_delta", "signature_delta": .reasoning
        case "input_json_delta": .toolCall
        case "document", "search_result": .toolResult
        case _ where type.hasSuffix("tool_use"): .toolCall
        case _ where type.hasSuffix("tool_result"): .toolResult
        default: nil
        }
    }

    /// The fields of a block or of any other object, in document order.
    ///
    /// - Parameters:
    ///   - outer: what the object around it carries.
    ///   - pointer: where the object stands, or would stand in a whole answer.
    ///   - skipped: a name that is read elsewhere.
    func fields(
        of object: JSONValue,
        kind outer: PartKind = .text,
        at pointer: String,
        skipping skipped: String? = nil
    ) -> [DocumentField] {
        let type = type(of: object)
        let kind = outer == .text ? kind(ofType: type) ?? .text : outer
        var fields: [DocumentField] = []
        for member in reader.spoken(object.members ?? []) where member.key != skipped {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key {
            case let key where Self.labels.contains(key) && reader.isLabel(member.value):
                break
            case "source" where type == "image":
                fields += reader.medium(member, kind: .image, at: pointer)
            case "source" where type == "document" && member.value.members != nil:
                fields += source(member.value, kind: kind, at: place)
            case "input" where kind == .toolCall:
                fields += reader.texts(in: member.value, kind: kind, at: place)
            default:
                let found =
                    reader.keys(of: member, kind: kind, at: place)
                    + self.fields(in: member.value, key: member.key, kind: kind, at: place)
                fields += found.isEmpty ? listed(member, at: place) : found
            }
        }
        return fields
    }

    /// The fields of any value.
    ///
    /// - Parameter key: the name of the member whose value it is or stands in.
    private func fields(in value: JSONValue, key: String, kind: PartKind, at pointer: String) -> [DocumentField] {
        switch value.kind {
        case .string:
            reader.words(in: value, key: key, kind: kind, at: pointer)
        case .object:
            fields(of: value, kind: kind, at: pointer)
        case .array(let elements):
            elements.enumerated().flatMap { fields(in: $1, key: key, kind: kind, at: "\(pointer)/\($0)") }
        case .number, .bool, .null:
            []
        }
    }

    /// A request's field that nobody knows and that holds no words.
    private func listed(_ member: JSONMember, at place: String) -> [DocumentField] {
        guard !reader.isAnswer, !Self.known.contains(member.key), !Self.labels.contains(member.key) else { return [] }
        return [DocumentField(kind: .unknown, pointer: place, value: member.value)]
    }

    /// Where a document comes from: its text is read, bytes and addresses are listed.
    private func source(_ source: JSONValue, kind: PartKind, at pointer: String) -> [DocumentField] {
        let isMedium = ["base64", "url", "file"].contains(type(of: source))
        return (source.members ?? []).flatMap { member in
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key {
            case "data", "url", "file_id":
                return isMedium
                    ? reader.medium(member, kind: .file, at: pointer)
                    : reader.texts(in: member.value, kind: kind, at: place)
            case let key where Self.labels.contains(key) && reader.isLabel(member.value):
                return []
            default:
                return fields(in: member.value, key: member.key, kind: kind, at: place)
            }
        }
    }
}
