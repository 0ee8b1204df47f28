public import Moderation

extension CustomDialect {
    /// Reads what the paths name; every other string that holds words is taken for a document's, labels are listed.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let document = reader.document
        let prompt = try reader.fields(at: settings.prompt)
        guard !prompt.isEmpty else {
            throw .shape(
                field: settings.prompt.description,
                expected: "there, with the person's message: a string, or a list or object with strings in it"
            )
        }
        var named = Set(prompt.map(\.pointer))
        var turns: [Turn] = []
        if let system = settings.system {
            let fields = try reader.fields(at: system).filter { named.insert($0.pointer).inserted }
            if !fields.isEmpty { turns.append(Turn(role: .system, parts: reader.parts(fields))) }
        }
        turns += try earlierTurns(by: reader, named: &named)
        turns.append(Turn(role: .user, parts: reader.parts(prompt)))
        let others = reader.words(in: document.root, key: "", kind: .toolResult, at: "")
            .filter { !named.contains($0.pointer) }
            .map { field in
                var field = field
                if field.kind == .toolResult, reader.isLabel(field.value) { field.kind = .parameter }
                return field
            }
        if !others.isEmpty { turns.insert(Turn(role: .system, parts: reader.parts(others)), at: 0) }
        let asksForStream = document.root["stream"].flatMap { if case .bool(let asks) = $0.kind { asks } else { nil } }
        return DecodedRequest(
            route: route,
            document: document,
            conversation: Conversation(turns: turns),
            model: document.string(document.root["model"]),
            isStreamed: settings.stream != nil && asksForStream ?? true
        )
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }

    /// The history: each message by its own role where it says one; else person and chatbot take turns, the chatbot last.
    private func earlierTurns(
        by reader: DocumentReader,
        named: inout Set<String>
    ) throws(DialectError) -> [Turn] {
        guard let history = settings.history else { return [] }
        try reader.checkSpelling(along: history)
        var messages: [(role: Role?, parts: [Part])] = []
        for (pointer, value) in history.values(in: reader.document) {
            let fields = reader.fields(in: value, at: pointer).filter { named.insert($0.pointer).inserted }
            guard !fields.isEmpty else { continue }
            let parent = value.members == nil ? reader.document.value(at: Self.parent(of: pointer)) : value
            messages.append((role(of: parent, in: reader.document), reader.parts(fields)))
        }
        return messages.enumerated().map { index, message in
            let isAnswer = (messages.count - index) % 2 == 1
            return Turn(role: message.role ?? (isAnswer ? .assistant : .user), parts: message.parts)
        }
    }

    private static func parent(of pointer: String) -> String {
        pointer.lastIndex(of: "/").map { String(pointer[..<$0]) } ?? ""
    }

    private func role(of message: JSONValue?, in document: JSONDocument) -> Role? {
        for key in ["role", "sender", "author", "from", "speaker"] {
            switch document.string(message?[key])?.lowercased() {
            case "user", "human", "person", "customer", "client", "visitor": return .user
            case "assistant", "bot", "ai", "model", "agent", "chatbot": return .assistant
            case "system", "developer": return .system
            case "tool", "function": return .tool
            default: continue
            }
        }
        return nil
    }
}

// MARK: - Fields that a path names

extension DocumentReader {
    /// The words that a path names.
    ///
    /// - Throws: ``DialectError`` for a document with a key that a lenient reader would take for one of the path's.
    func fields(at path: JSONPath) throws(DialectError) -> [DocumentField] {
        try checkSpelling(along: path)
        return path.values(in: document).flatMap { fields(in: $0.value, at: $0.pointer) }
    }

    /// The words of a value that a path names: a string is text whatever its name.
    func fields(in value: JSONValue, at pointer: String) -> [DocumentField] {
        value.isString
            ? [DocumentField(kind: .text, pointer: pointer, value: value)]
            : words(in: value, key: "", kind: .text, at: pointer)
    }

    /// Refuses a document with a key beside the path that a lenient reader would take for one of the path's.
    func checkSpelling(along path: JSONPath) throws(DialectError) {
        for (depth, step) in path.steps.enumerated() {
            guard case .key(let key) = step else { continue }
            for (_, value) in path.values(in: document, depth: depth) {
                try checkSpelling(of: value.members ?? [], known: [key])
            }
        }
    }
}
