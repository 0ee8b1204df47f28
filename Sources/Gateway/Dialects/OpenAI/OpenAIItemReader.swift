import Moderation

/// Finds the text in an item of OpenAI's Responses API: a message, a tool call, a tool's result, reasoning.
///
/// Items of a request, of an answer and of a streamed answer's events look alike. Items that nobody knows are read all the
/// same; a request's that holds no words is listed.
struct OpenAIItemReader {
    /// Fields that carry an API's labels.
    private static let labels: Set<String> = ["id", "call_id", "type", "status", "role", "phase", "detail", "object"]
    /// Fields of a tool call under which what the tool answered stands.
    private static let results: Set<String> = ["output", "outputs", "results", "result", "error", "logs"]
    /// Fields under which a medium or a sealed text stands, or where it is to be had.
    private static let media: [String: PartKind] = [
        "image_url": .image, "partial_image_b64": .image, "input_audio": .audio, "file_data": .file, "file_url": .file,
        "file_id": .file, "encrypted_content": .unknown,
    ]
    /// Every name whose misspelling would hide words.
    private static let known = [
        "type", "role", "content", "output", "arguments", "summary", "text", "refusal", "input",
    ]
    /// Items that the chatbot or its maker wrote but that are no tool call's.
    private static let others: Set<String> = ["program", "image_generation_call", "mcp_approval_request"]

    let reader: DocumentReader

    private var document: JSONDocument { reader.document }

    /// Who speaks in a request's item.
    func role(of item: JSONValue) -> Role {
        let type = document.string(item["type"]) ?? ""
        if type.isEmpty || type == "message" {
            switch document.string(item["role"]) ?? "" {
            case "system", "developer": return .system
            case "assistant": return .assistant
            default: return .user
            }
        }
        return switch kind(ofItem: type) {
        case .reasoning, .toolCall: .assistant
        case .toolResult: .tool
        default: .user
        }
    }

    /// The fields of an item, in document order.
    func fields(of item: JSONValue, at pointer: String) throws(DialectError) -> [DocumentField] {
        guard let members = item.members else { throw .shape(field: "item", expected: "an object") }
        try reader.checkSpelling(of: members, known: Self.known)
        let type = document.string(item["type"]) ?? ""
        let kind = kind(ofItem: type)
        var fields: [DocumentField] = []
        for member in reader.spoken(members) {
            let place = pointer + JSONText.pointerStep(member.key)
            switch member.key {
            case "content", "summary":
                fields += try parts(member.value, kind: kind, at: place)
            case "output" where kind == .toolResult:
                fields += try parts(member.value, kind: kind, at: place)
            case "tools" where !reader.isAnswer:
                fields.append(DocumentField(kind: .toolDefinition, pointer: place, value: member.value))
            case "result" where isSealed(member.value):
                fields.append(DocumentField(kind: .image, pointer: place, value: member.value))
            case let key where kind == .toolCall && Self.results.contains(key):
                fields += words(of: member, kind: .toolResult, at: pointer)
            default:
                fields += words(of: member, kind: kind, at: pointer)
            }
        }
        if !reader.isAnswer, fields.isEmpty, type != "message", !type.isEmpty || item["content"] == nil {
            // Something kept elsewhere, which its id stands for.
            fields.append(DocumentField(kind: .unknown, pointer: pointer, value: item))
        }
        return fields
    }

    /// One part of a message, of a tool's result or of reasoning: its text is read whatever the part calls itself.
    func part(_ part: JSONValue, kind: PartKind, at pointer: String) throws(DialectError) -> [DocumentField] {
        guard let members = part.members else { throw .shape(field: "content", expected: "an array of content parts") }
        try reader.checkSpelling(of: members, known: Self.known)
        var fields: [DocumentField] = []
        for member in reader.spoken(members) {
            switch member.key {
            case "refusal": fields += words(of: member, kind: .refusal, at: pointer)
            case "logprobs" where isEcho(member.value, of: document.string(part["text"]) ?? ""): break
            default: fields += words(of: member, kind: kind, at: pointer)
            }
        }
        if fields.isEmpty, !reader.isAnswer, part["text"] == nil, part["refusal"] == nil {
            fields.append(DocumentField(kind: .unknown, pointer: pointer, value: part))
        }
        return fields
    }

    /// All words of a member; labels and media are listed or passed over.
    func words(of member: JSONMember, kind: PartKind, at pointer: String) -> [DocumentField] {
        let place = pointer + JSONText.pointerStep(member.key)
        if Self.labels.contains(member.key), isName(member.value) { return [] }
        if let medium = Self.media[member.key] {
            guard reader.isAnswer else { return reader.medium(member, kind: medium, at: pointer) }
            if isSealed(member.value) { return [DocumentField(kind: medium, pointer: place, value: member.value)] }
        }
        return reader.keys(of: member, kind: kind, at: place)
            + reader.words(in: member.value, key: member.key, kind: kind, at: place)
    }

    /// Whether a string is one long word, as bytes written in letters are.
    func isSealed(_ value: JSONValue) -> Bool {
        value.isString && value.range.count > 256 && reader.isOneWord(value)
    }

    /// Whether a value is a label, or an id in which a server keeps what it knows.
    func isName(_ value: JSONValue) -> Bool { reader.isLabel(value) || isSealed(value) }
}

// MARK: - Token probabilities

extension OpenAIItemReader {
    /// Whether token probabilities spell the text that they stand beside, and nothing else.
    func isEcho(_ logprobs: JSONValue, of text: String) -> Bool {
        guard let tokens = logprobs.elements else { return false }
        return reader.isEcho(logprobs, spelling: tokens.map { $0["token"] }, of: [text])
    }

    /// Where token probabilities stand; they go when the text changes.
    static func probabilities(below value: JSONValue) -> [Range<Int>] {
        switch value.kind {
        case .array(let elements):
            elements.flatMap { probabilities(below: $0) }
        case .object(let members):
            members.flatMap { member in
                member.key == "logprobs" && !member.value.isNull
                    ? [member.value.range] : probabilities(below: member.value)
            }
        case .string, .number, .bool, .null:
            []
        }
    }
}

// MARK: - Kinds

extension OpenAIItemReader {
    /// What the words of an item are.
    private func kind(ofItem type: String) -> PartKind {
        switch type {
        case "reasoning": .reasoning
        case "mcp_list_tools": .toolResult
        case _ where type.hasSuffix("_output"): .toolResult
        case _ where type.hasSuffix("_call") || Self.others.contains(type): .toolCall
        default: .text
        }
    }

    /// A string, or parts of several kinds.
    private func parts(_ value: JSONValue, kind: PartKind, at pointer: String) throws(DialectError) -> [DocumentField] {
        switch value.kind {
        case .string:
            return [DocumentField(kind: kind, pointer: pointer, value: value)]
        case .array(let elements):
            var fields: [DocumentField] = []
            for (index, element) in elements.enumerated() {
                let place = "\(pointer)/\(index)"
                guard !element.isString else {
                    fields.append(DocumentField(kind: kind, pointer: place, value: element))
                    continue
                }
                fields += try part(element, kind: kind, at: place)
            }
            return fields
        case .object:
            return try part(value, kind: kind, at: pointer)
        case .number, .bool, .null:
            throw .shape(field: "content", expected: "a string or an array of content parts")
        }
    }
}
