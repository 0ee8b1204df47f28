import Moderation

/// Finds the text in Gemini's `Content`: a message, of a request, an answer, or a piece of a streamed one.
///
/// Words below a field that it doesn't know are read like others; a request's that holds none becomes a part of kind
/// `unknown`, so that coverage lists it.
struct GeminiContentReader {
    /// One part of a content.
    struct ContentPart {
        var fields: [DocumentField]
        /// Whether it brings the result of a tool.
        var isToolResult: Bool
    }

    private static let partKeys = [
        "text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall", "functionResponse",
        "executableCode", "codeExecutionResult", "toolCall", "toolResponse", "videoMetadata", "mediaResolution",
    ]
    private static let mediaKeys = ["data", "fileUri", "mimeType", "displayName"]

    let objects: GeminiObjectReader
    /// How many function calls the candidate's stream has begun; nil where the content is whole.
    var callsBegun: Int?

    private var reader: DocumentReader { objects.reader }

    init(reader: DocumentReader, callsBegun: Int? = nil) {
        objects = GeminiObjectReader(reader: reader)
        self.callsBegun = callsBegun
    }

    /// The role that a content names.
    func role(of content: JSONValue) -> Role {
        switch reader.document.string(content["role"]) {
        case "model": .assistant
        case "function", "tool": .tool
        default: .user
        }
    }

    /// The parts of a content, in document order.
    ///
    /// - Parameter pointer: where the content stands, or would stand in a whole answer.
    mutating func parts(of content: JSONValue, role: Role, at pointer: String) throws(DialectError) -> [ContentPart] {
        var parts: [ContentPart] = []
        for member in try objects.members(of: content, field: "content", known: ["parts", "role"]) {
            switch member.name {
            case "parts":
                let place = pointer + JSONText.pointerStep(member.member.key)
                for item in try objects.items(of: member.value, field: "parts", at: place) {
                    parts.append(try part(item.value, role: role, parts: place, at: item.pointer))
                }
            case "role":
                parts.append(ContentPart(fields: objects.label(member.member, at: pointer), isToolResult: false))
            default:
                parts.append(ContentPart(fields: reader.unknown(member.member, at: pointer), isToolResult: false))
            }
        }
        return parts
    }
}

// MARK: - Parts

extension GeminiContentReader {
    private mutating func part(
        _ part: JSONValue,
        role: Role,
        parts: String,
        at pointer: String
    ) throws(DialectError) -> ContentPart {
        let members = try objects.members(of: part, field: "parts", known: Self.partKeys)
        let isThought = members.contains { $0.name == "thought" && $0.value.kind == .bool(true) }
        let isToolResult = members.contains { $0.name == "functionResponse" }
        let call = members.first { $0.name == "functionCall" }?.value
        let pointer = place(of: call, isThought: isThought, parts: parts) ?? pointer
        let said: PartKind = isThought ? .reasoning : role == .tool || isToolResult ? .toolResult : .text
        var fields: [DocumentField] = []
        for member in members {
            // In a stream both spellings of a field are one string.
            let key = callsBegun == nil ? member.member.key : member.name
            let place = pointer + JSONText.pointerStep(key)
            switch member.name {
            case "text":
                fields += reader.texts(in: member.value, kind: said, at: place)
            case "thoughtSignature":
                fields += objects.bytes(member.member, at: pointer)
            case "inlineData", "fileData":
                fields += try medium(member.value, at: place)
            case "functionCall":
                fields += try functionCall(member.value, at: place)
            case "functionResponse":
                fields += try toolResult(member.value, at: place)
            case "executableCode", "toolCall":
                fields += try labelled(member.value, kind: .toolCall, at: place)
            case "codeExecutionResult", "toolResponse":
                fields += try labelled(member.value, kind: .toolResult, at: place)
            case "videoMetadata", "mediaResolution":
                fields += reader.texts(in: member.value, kind: .text, at: place).filter { !reader.isLabel($0.value) }
            case "thought":
                fields += objects.label(member.member, at: pointer)
            default:
                fields += reader.unknown(member.member, at: pointer)
            }
        }
        return ContentPart(fields: fields, isToolResult: isToolResult)
    }

    /// Where a streamed part stands: thoughts are one string and answers are another, in however many pieces they come;
    /// each function call is for itself, and one without a name continues the one before.
    private mutating func place(of call: JSONValue?, isThought: Bool, parts: String) -> String? {
        guard let begun = callsBegun else { return nil }
        guard let call else { return "\(parts)/\(isThought ? 0 : 1)" }
        let begins = begun == 0 || call["name"].map { !$0.isNull } ?? false
        callsBegun = begins ? begun + 1 : begun
        return "\(parts)/\((callsBegun ?? 0) + 1)"
    }

    private func functionCall(_ call: JSONValue, at pointer: String) throws(DialectError) -> [DocumentField] {
        var fields: [DocumentField] = []
        let known = ["id", "name", "args", "partialArgs", "willContinue"]
        for member in try objects.members(of: call, field: "functionCall", known: known) {
            let place = pointer + JSONText.pointerStep(member.member.key)
            switch member.name {
            case "id":
                fields += objects.label(member.member, at: pointer)
            case "partialArgs":
                for item in try objects.items(of: member.value, field: "partialArgs", at: place) {
                    fields += try partialArgument(item.value, ofCallAt: pointer, at: item.pointer)
                }
            default:
                fields += reader.keys(of: member.member, kind: .toolCall, at: place)
                fields += reader.texts(in: member.value, kind: .toolCall, at: place)
            }
        }
        return fields
    }

    /// A piece of an argument that a stream says piece by piece; its path says which argument it continues.
    private func partialArgument(
        _ argument: JSONValue,
        ofCallAt call: String,
        at pointer: String
    ) throws(DialectError) -> [DocumentField] {
        var fields: [DocumentField] = []
        let members = try objects.members(of: argument, field: "partialArgs", known: ["jsonPath", "stringValue"])
        let path = reader.document.string(members.first { $0.name == "jsonPath" }?.value) ?? ""
        for member in members {
            let place = pointer + JSONText.pointerStep(member.member.key)
            switch member.name {
            case "jsonPath" where reader.isLabel(member.value):
                break
            case "stringValue" where callsBegun != nil:
                let argument = "\(call)/args\(JSONText.pointerStep(path))"
                fields += reader.texts(in: member.value, kind: .toolCall, at: argument)
            default:
                fields += reader.keys(of: member.member, kind: .toolCall, at: place)
                fields += reader.texts(in: member.value, kind: .toolCall, at: place)
            }
        }
        return fields
    }

    private func toolResult(_ result: JSONValue, at pointer: String) throws(DialectError) -> [DocumentField] {
        var fields: [DocumentField] = []
        let known = ["id", "name", "response", "parts", "scheduling", "willContinue"]
        for member in try objects.members(of: result, field: "functionResponse", known: known) {
            let place = pointer + JSONText.pointerStep(member.member.key)
            switch member.name {
            case "id", "scheduling":
                fields += objects.label(member.member, at: pointer)
            case "parts":
                for item in try objects.items(of: member.value, field: "parts", at: place) {
                    let known = ["inlineData", "fileData"]
                    for member in try objects.members(of: item.value, field: "parts", known: known) {
                        let place = item.pointer + JSONText.pointerStep(member.member.key)
                        fields +=
                            known.contains(member.name)
                            ? try medium(member.value, at: place)
                            : reader.keys(of: member.member, kind: .toolResult, at: place)
                                + reader.texts(in: member.value, kind: .toolResult, at: place)
                    }
                }
            default:
                fields += reader.keys(of: member.member, kind: .toolResult, at: place)
                fields += reader.texts(in: member.value, kind: .toolResult, at: place)
            }
        }
        return fields
    }

    /// Every string of an object but its labels.
    private func labelled(
        _ value: JSONValue,
        kind: PartKind,
        at pointer: String
    ) throws(DialectError) -> [DocumentField] {
        let labels = ["id", "language", "outcome", "toolType"]
        var fields: [DocumentField] = []
        for member in try objects.members(of: value, field: "parts", known: labels) {
            if labels.contains(member.name), reader.isLabel(member.value) { continue }
            let place = pointer + JSONText.pointerStep(member.member.key)
            fields += reader.keys(of: member.member, kind: kind, at: place)
            fields += reader.texts(in: member.value, kind: kind, at: place)
        }
        return fields
    }

    /// Image, sound or file: listed, and what is said in words beside its bytes is read.
    private func medium(_ value: JSONValue, at pointer: String) throws(DialectError) -> [DocumentField] {
        let members = try objects.members(of: value, field: "inlineData", known: Self.mediaKeys)
        let type = reader.document.string(members.first { $0.name == "mimeType" }?.value)?.lowercased() ?? ""
        let kind: PartKind = type.hasPrefix("image/") ? .image : type.hasPrefix("audio/") ? .audio : .file
        var fields = [DocumentField(kind: kind, pointer: pointer, value: value)]
        for member in members {
            switch member.name {
            case "data", "fileUri":
                // An answer could spell words in places meant for media, but not in one long word.
                if reader.isOneWord(member.value), !reader.isAnswer || member.value.range.count > 256 { continue }
            case "mimeType":
                if reader.isLabel(member.value) { continue }
            default:
                break
            }
            let place = pointer + JSONText.pointerStep(member.member.key)
            fields += reader.keys(of: member.member, kind: .text, at: place)
            fields += reader.texts(in: member.value, kind: .text, at: place)
        }
        return fields
    }
}
