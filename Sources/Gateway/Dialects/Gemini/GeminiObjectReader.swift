import Moderation

/// A member of an object under the name that the API documents.
struct GeminiMember {
    /// In camel case where the API knows it; the sender's key otherwise.
    var name: String
    var member: JSONMember

    var value: JSONValue { member.value }
}

/// Reads Google's JSON for protocol buffers: each known field has two spellings, and a list of one may be its item.
struct GeminiObjectReader {
    let reader: DocumentReader

    /// The members of an object that could hold words.
    ///
    /// - Parameters:
    ///   - field: what the object is called.
    ///   - known: names in camel case.
    /// - Throws: ``DialectError`` for another shape, for a known name in a third spelling, and for one that is there in
    ///   both of its spellings: readers differ in which of them counts.
    func members(of value: JSONValue, field: String, known: [String]) throws(DialectError) -> [GeminiMember] {
        guard let members = value.members else { throw .shape(field: field, expected: "an object") }
        var found: [GeminiMember] = []
        for member in members {
            let folded = Self.folded(member.key)
            guard let name = known.first(where: { Self.folded($0) == folded }) else {
                found.append(GeminiMember(name: member.key, member: member))
                continue
            }
            guard [name, Self.snakeCased(name)].contains(where: { $0.utf8.elementsEqual(member.key.utf8) }) else {
                throw .shape(field: name, expected: "spelled exactly so")
            }
            guard !found.contains(where: { $0.name == name }) else { throw .shape(field: name, expected: "given once") }
            found.append(GeminiMember(name: name, member: member))
        }
        return found.filter { !reader.spoken([$0.member]).isEmpty }
    }

    /// The items of a list, each with its pointer.
    func items(of value: JSONValue, field: String, at pointer: String) throws(DialectError) -> [(
        value: JSONValue, pointer: String
    )] {
        switch value.kind {
        case .array(let elements): elements.enumerated().map { ($1, "\(pointer)/\($0)") }
        case .object: [(value, pointer)]
        case .string, .number, .bool, .null: throw .shape(field: field, expected: "an array")
        }
    }

    /// A known field's names in both spellings.
    static func spellings(_ names: [String]) -> Set<String> { Set(names + names.map(snakeCased)) }

    private static func snakeCased(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }

    /// Both ways, since case folding joins letters that one way alone keeps apart.
    private static func folded(_ name: String) -> String { name.filter { $0 != "_" }.uppercased().lowercased() }
}

// MARK: - Words

extension GeminiObjectReader {
    /// The words below a value, but not those that are constants of the API, such as `HARM_CATEGORY_HARASSMENT`.
    func unlabelled(_ member: JSONMember, at pointer: String) -> [DocumentField] {
        let place = pointer + JSONText.pointerStep(member.key)
        return reader.words(in: member.value, key: member.key, kind: .text, at: place).filter { !isConstant($0.value) }
    }

    /// A field that holds a label; one that holds more is read.
    func label(_ member: JSONMember, at pointer: String) -> [DocumentField] {
        reader.isLabel(member.value) ? [] : reader.unknown(member, at: pointer)
    }

    /// Opaque bytes of the chatbot's, in base64, are listed; what is too short to be that is read.
    func bytes(_ member: JSONMember, at pointer: String) -> [DocumentField] {
        guard member.value.isString, member.value.range.count >= 64, isBase64(member.value) else {
            return reader.texts(in: member.value, kind: .text, at: pointer + JSONText.pointerStep(member.key))
        }
        let place = pointer + JSONText.pointerStep(member.key)
        return [DocumentField(kind: reader.isAnswer ? .file : .unknown, pointer: place, value: member.value)]
    }

    /// A string in capitals.
    private func isConstant(_ value: JSONValue) -> Bool {
        reader.isLabel(value)
            && reader.document.bytes[value.range].dropFirst().dropLast().allSatisfy { byte in
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }

    private func isBase64(_ value: JSONValue) -> Bool {
        reader.document.bytes[value.range].dropFirst().dropLast().allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
                true
            default: false
            }
        }
    }
}
