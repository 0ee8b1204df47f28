import Moderation

/// Finds the text in one event of a streamed response, and the place of the answer that it belongs to.
struct OpenAIResponseEventReader {
    /// Where an event's own text belongs.
    private struct Place {
        var pointer: String
        var kind: PartKind
    }

    /// Fields that carry numbers and labels.
    private static let labels: Set<String> = [
        "type", "sequence_number", "item_id", "output_index", "content_index", "summary_index", "command_index",
        "annotation_index", "partial_image_index", "obfuscation", "background", "output_format", "quality", "size",
        "status", "stream_id",
    ]
    /// Events with which the response begins.
    static let beginnings: Set<String> = ["response.created", "response.queued", "response.in_progress"]
    /// Events that say the whole response as it stands.
    private static let stages = beginnings.union([
        "response.completed", "response.incomplete", "response.failed", "response.cancelled",
    ])
    /// Events that hold an object whose words are read.
    private static let holders: Set<String> = [
        "response.output_item", "response.content_part", "response.reasoning_part", "response.reasoning_summary_part",
        "response.output_text.annotation", "response.shell_call_output_content", "response.image_generation_call",
    ]
    /// Every name whose misspelling would hide words.
    private static let known = ["type", "delta", "text", "item", "part", "response", "output_index", "content_index"]

    let items: OpenAIItemReader
    let echoed: Set<String>

    private var document: JSONDocument { items.reader.document }

    /// Adds texts, echoes and whether the answer is over.
    ///
    /// - Throws: ``DialectError`` for an event that nobody knows and that could hold words.
    func read(into event: inout StreamEvent) throws(DialectError) {
        let members = document.root.members ?? []
        try items.reader.checkSpelling(of: members, known: Self.known)
        let type = document.string(document.root["type"]) ?? ""
        event.isError = type == "error" || document.root["error"].map { !$0.isNull } ?? false
        if Self.stages.subtracting(Self.beginnings).contains(type) {
            event.finished = [0]
            event.isEnd = true
        }
        for member in items.reader.spoken(members) {
            if Self.labels.contains(member.key), items.isName(member.value) { continue }
            event.add(try fields(of: member, type: type, isError: event.isError), of: 0, by: items.reader)
        }
        event.echoes = OpenAIItemReader.probabilities(below: document.root)
    }

    private func fields(
        of member: JSONMember,
        type: String,
        isError: Bool
    ) throws(DialectError) -> [DocumentField] {
        let isPiece = type.hasSuffix(".delta")
        let name = type.split(separator: ".").dropLast().joined(separator: ".")
        switch member.key {
        case "response" where Self.stages.contains(type):
            let reader = OpenAIResponseReader(items: items, echoed: echoed)
            return try reader.fields(of: member.value).map(\.repeated)
        case "item" where name == "response.output_item":
            return try items.fields(of: member.value, at: item).map(\.repeated)
        case "part" where name == "response.content_part" || name == "response.reasoning_part":
            let isReasoning = document.string(member.value["type"]) == "reasoning_text"
            return try items.part(member.value, kind: isReasoning ? .reasoning : .text, at: part).map(\.repeated)
        case "part" where name == "response.reasoning_summary_part":
            return try items.part(member.value, kind: .reasoning, at: summary).map(\.repeated)
        case "annotation":
            let pointer = "\(part)/annotations/\(index("annotation_index"))"
            return items.reader.words(in: member.value, key: "annotation", kind: .text, at: pointer).map(\.repeated)
        case "logprobs" where items.isEcho(member.value, of: ownText):
            return []
        case "partial_image_b64" where items.isSealed(member.value):
            return [DocumentField(kind: .image, pointer: "\(item)/result", value: member.value)]
        case "delta" where type == "response.audio.delta" && items.isSealed(member.value):
            return [DocumentField(kind: .audio, pointer: "/audio/data", value: member.value)]
        case "delta" where name == "response.shell_call_output_content":
            let pointer = "\(item)/output/\(index("command_index"))"
            return items.reader.texts(in: member.value, kind: .toolResult, at: pointer)
        case "output" where name == "response.shell_call_output_content":
            return items.reader.texts(in: member.value, kind: .toolResult, at: "\(item)/output").map(\.repeated)
        case let key where isError:
            return items.reader.texts(in: member.value, kind: .text, at: JSONText.pointerStep(key)).map(\.repeated)
        case "delta", "text", "refusal", "arguments", "input", "code", "command":
            guard let place = place(of: name) else { break }
            let fields = items.reader.texts(in: member.value, kind: place.kind, at: place.pointer)
            return isPiece && member.key == "delta" ? fields : fields.map(\.repeated)
        default:
            break
        }
        guard place(of: name) != nil || Self.holders.contains(name) || Self.stages.contains(type) else {
            guard items.reader.isLabel(member.value), !member.value.isString else {
                throw .shape(field: "type", expected: "an event whose words can be found")
            }
            return []
        }
        return items.reader.unknown(member, at: "/event").map(\.repeated)
    }
}

// MARK: - Places

extension OpenAIResponseEventReader {
    private func index(_ name: String) -> Int { document.integer(document.root[name]) ?? 0 }

    private var item: String { "/output/\(index("output_index"))" }

    private var part: String { "\(item)/content/\(index("content_index"))" }

    private var summary: String { "\(item)/summary/\(index("summary_index"))" }

    /// The event's own text, piece or whole.
    private var ownText: String { document.string(document.root["delta"] ?? document.root["text"]) ?? "" }

    /// Where the text of an event belongs; nil for events with none of their own.
    private func place(of name: String) -> Place? {
        switch name {
        case "response.output_text": Place(pointer: "\(part)/text", kind: .text)
        case "response.refusal": Place(pointer: "\(part)/refusal", kind: .refusal)
        case "response.reasoning_text": Place(pointer: "\(part)/text", kind: .reasoning)
        case "response.reasoning_summary_text": Place(pointer: "\(summary)/text", kind: .reasoning)
        case "response.function_call_arguments", "response.mcp_call_arguments":
            Place(pointer: "\(item)/arguments", kind: .toolCall)
        case "response.custom_tool_call_input": Place(pointer: "\(item)/input", kind: .toolCall)
        case "response.code_interpreter_call_code": Place(pointer: "\(item)/code", kind: .toolCall)
        case "response.shell_call_command":
            Place(pointer: "\(item)/action/commands/\(index("command_index"))", kind: .toolCall)
        case "response.audio.transcript": Place(pointer: "/audio/transcript", kind: .text)
        default: nil
        }
    }
}
