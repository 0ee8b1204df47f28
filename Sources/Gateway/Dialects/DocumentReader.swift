import Moderation

/// A string of a document, or something else in it that coverage lists.
struct DocumentField {
    var kind: PartKind
    /// RFC 6901 pointer.
    var pointer: String
    var value: JSONValue
    /// Whether a stream says it anew in each event, rather than piece by piece.
    var isRepeated = false

    /// The field as one that a stream says anew.
    var repeated: DocumentField {
        var field = self
        field.isRepeated = true
        return field
    }
}

/// Finds words in a JSON document of any chat API; what every dialect shares.
///
/// Words below a field that nobody knows are read like others; a request's that holds none becomes a part of kind
/// `unknown`, so that coverage lists it.
struct DocumentReader {
    let document: JSONDocument
    /// Whether the chatbot wrote it, so that every string is one that a person might be shown.
    var isAnswer = false

    /// Names whose values are an API's labels rather than anyone's words.
    private static let labelKeys: Set<String> = [
        "type", "id", "role", "tool_call_id", "index", "cache_control", "detail", "format", "status", "expires_at",
        "media_type", "tool_use_id", "ttl",
    ]
    /// Names of a request's fields that dialects read by themselves.
    private static let spokenKeys: Set<String> = [
        "content", "contents", "generateContentRequest", "generate_content_request", "generationConfig",
        "generation_config", "images", "input", "instructions", "messages", "prompt", "requests", "suffix", "system",
        "systemInstruction", "system_instruction", "template", "title",
    ]
    /// Names under which media stand, or where they are to be had, and what only the chatbot's maker can read.
    private static let mediaKeys: Set<String> = [
        "url", "data", "file_data", "file_id", "b64_json", "signature", "encrypted_content", "encrypted_index",
    ]

    /// Reads a document as every reader would.
    init(_ bytes: [UInt8], surrogates: JSONDocument.LoneSurrogates, isAnswer: Bool) throws(DialectError) {
        do {
            document = try JSONDocument(bytes, surrogates: surrogates)
        } catch {
            throw .json(error)
        }
        self.isAnswer = isAnswer
    }

    /// The fields as parts of a turn.
    func parts(_ fields: [DocumentField]) -> [Part] {
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
            guard let match = known.first(where: { Self.isAlike(member.key, $0) }),
                !match.utf8.elementsEqual(member.key.utf8)
            else { continue }
            throw .shape(field: match, expected: "spelled exactly so")
        }
    }

    /// Whether a key is a name of ASCII letters but for case.
    private static func isAlike(_ key: String, _ name: String) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        if key.utf8.allSatisfy({ $0 < 0x80 }) { return key.utf8.elementsEqual(name.utf8) { lower($0) == lower($1) } }
        // Both ways, since case folding joins letters that one way alone keeps apart.
        return key.uppercased().lowercased() == name.lowercased()
    }
}

// MARK: - Words

extension DocumentReader {
    /// Every string below a value, whatever the names are.
    func texts(in value: JSONValue, kind: PartKind, at pointer: String) -> [DocumentField] {
        document.strings(below: value, at: pointer).map {
            DocumentField(kind: kind, pointer: $0.pointer, value: $0.value)
        }
    }

    /// The members that could hold words: all but those that are null and whose key says nothing.
    func spoken(_ members: [JSONMember]) -> [JSONMember] {
        members.filter { !$0.value.isNull || !document.keyWords(of: $0, at: "").isEmpty }
    }

    /// The key of a member, where it says something.
    func keys(of member: JSONMember, kind: PartKind, at pointer: String) -> [DocumentField] {
        document.keyWords(of: member, at: pointer).map {
            DocumentField(kind: kind, pointer: $0.pointer, value: $0.value)
        }
    }

    /// A field that nobody knows: its name, where that says something, and all words below it.
    ///
    /// A request's is listed when there are none, so that it isn't passed over in silence.
    func unknown(_ member: JSONMember, at pointer: String) -> [DocumentField] {
        let place = pointer + JSONText.pointerStep(member.key)
        let fields =
            keys(of: member, kind: .text, at: place)
            + words(in: member.value, key: member.key, kind: .text, at: place)
        guard fields.isEmpty, !isAnswer, !Self.labelKeys.contains(member.key) else { return fields }
        return [DocumentField(kind: .unknown, pointer: place, value: member.value)]
    }

    /// Image, sound or file: listed, and in an answer what it says in words is read.
    func medium(_ member: JSONMember, kind: PartKind, at pointer: String) -> [DocumentField] {
        let place = pointer + JSONText.pointerStep(member.key)
        let listed = DocumentField(kind: kind, pointer: place, value: member.value)
        return [listed] + (isAnswer ? words(in: member.value, key: member.key, kind: .text, at: place) : [])
    }

    /// Every string below a value that may hold words.
    ///
    /// - Parameter key: the name of the member whose value it is or stands in.
    func words(in value: JSONValue, key: String, kind: PartKind, at pointer: String) -> [DocumentField] {
        switch value.kind {
        case .string:
            let isLabel = Self.labelKeys.contains(key) && isLabel(value)
            if isLabel, !isAnswer { return [] }
            if let medium = mediumKind(of: value, key: key) {
                return [DocumentField(kind: medium, pointer: pointer, value: value)]
            }
            return [DocumentField(kind: kind, pointer: pointer, value: value, isRepeated: isLabel)]
        case .array(let elements):
            return elements.enumerated().flatMap { words(in: $1, key: key, kind: kind, at: "\(pointer)/\($0)") }
        case .object(let members):
            return members.flatMap { member in
                let place = pointer + JSONText.pointerStep(member.key)
                return keys(of: member, kind: kind, at: place)
                    + words(in: member.value, key: member.key, kind: kind, at: place)
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

    /// Whether a string's literal has neither space nor escapes, and no letter beyond ASCII.
    func isOneWord(_ value: JSONValue) -> Bool { document.isOneWord(value.range) }
}

// MARK: - Beside the words

extension DocumentReader {
    /// Strings of a setting that are more than a label.
    func settings(in member: JSONMember, at pointer: String) -> [DocumentField] {
        document.strings(below: member.value, at: pointer).filter { !isLabel($0.value) }.map {
            DocumentField(kind: .parameter, pointer: $0.pointer, value: $0.value)
        }
    }

    /// What a request holds beside its messages: tool definitions, and whatever else could hold words, which are taken for
    /// those of documents.
    ///
    /// - Parameters:
    ///   - parameters: names of fields that set how the chatbot works, listed where they hold more than labels, and of those
    ///     that are read elsewhere.
    ///   - tools: names of fields that hold tool definitions, or say what form an answer shall have.
    func unscannedParts(of members: [JSONMember], parameters: Set<String>, tools: Set<String>) -> [Part] {
        func text(_ value: JSONValue) -> String { String(decoding: document.bytes[value.range], as: UTF8.self) }
        var parts: [Part] = []
        for member in members {
            let pointer = JSONText.pointerStep(member.key)
            guard !parameters.contains(member.key) else {
                if !Self.spokenKeys.contains(member.key) { parts += self.parts(settings(in: member, at: pointer)) }
                continue
            }
            parts += self.parts(keys(of: member, kind: .toolResult, at: pointer))
            switch member.value.kind {
            case .array(let elements) where tools.contains(member.key):
                for (index, tool) in elements.enumerated() {
                    parts.append(Part(kind: .toolDefinition, text: text(tool), pointer: "\(pointer)/\(index)"))
                }
            case .object where tools.contains(member.key):
                parts.append(Part(kind: .toolDefinition, text: text(member.value), pointer: pointer))
            case .string, .array, .object:
                let fields = words(in: member.value, key: member.key, kind: .toolResult, at: pointer)
                    .filter { !isLabel($0.value) }
                parts += self.parts(fields)
                guard fields.isEmpty else { break }
                parts.append(Part(kind: .unknown, text: text(member.value), pointer: pointer))
            case .number, .bool, .null:
                break
            }
        }
        return parts
    }
}
