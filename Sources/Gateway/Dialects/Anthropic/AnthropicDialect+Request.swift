public import Moderation

extension AnthropicDialect {
    /// Fields of a request that set how the chatbot works and carry no words to it.
    private static let parameters: Set<String> = [
        "cache_control", "container", "diagnostics", "inference_geo", "max_tokens", "messages", "metadata", "model",
        "service_tier", "speed", "stop_sequences", "stream", "system", "temperature", "thinking", "tool_choice",
        "top_k", "top_p", "user_profile_id", "workspace_id",
    ]

    /// Reads the instructions and the messages with every text, tool call, result and medium in them, and lists tool
    /// definitions and unknown fields.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "request", expected: "an object") }
        try reader.checkSpelling(of: members, known: ["messages", "model", "stream", "system", "tools"])
        guard let messages = document.root["messages"]?.elements else {
            throw .shape(field: "messages", expected: "an array")
        }
        guard !messages.isEmpty else { throw .shape(field: "messages", expected: "an array with at least one message") }

        let contentReader = AnthropicContentReader(reader: reader)
        var operatorParts = reader.unscannedParts(
            of: members,
            parameters: Self.parameters,
            tools: ["tools", "output_config", "output_format"]
        )
        if let system = document.root["system"], !system.isNull {
            let blocks = try contentReader.blocks(in: system, field: "system", at: "/system")
            operatorParts += reader.parts(blocks.flatMap(\.fields))
        }
        var turns = operatorParts.isEmpty ? [] : [Turn(role: .system, parts: operatorParts)]
        for (index, message) in messages.enumerated() {
            turns += try self.turns(of: message, at: "/messages/\(index)", by: contentReader)
        }
        return DecodedRequest(
            route: route,
            document: document,
            conversation: Conversation(turns: turns),
            model: document.string(document.root["model"]),
            isStreamed: document.root["stream"]?.kind == .bool(true)
        )
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }

    /// One message as turns: the results of tools stand in a person's messages, and are no person's words.
    private func turns(
        of message: JSONValue,
        at pointer: String,
        by contentReader: AnthropicContentReader
    ) throws(DialectError) -> [Turn] {
        let reader = contentReader.reader
        guard let members = message.members else { throw .shape(field: "messages", expected: "an array of objects") }
        try reader.checkSpelling(of: members, known: ["role", "content"])
        guard let name = reader.document.string(message["role"]) else {
            throw .shape(field: "role", expected: "a string")
        }
        guard let content = message["content"] else {
            throw .shape(field: "content", expected: "a string or an array of objects")
        }
        let role = role(named: name)
        let others = contentReader.fields(of: message, at: pointer, skipping: "content")
        var turns = [Turn(role: role, parts: reader.parts(others))]
        for block in try contentReader.blocks(in: content, field: "content", at: pointer + "/content") {
            let speaker = block.type.hasSuffix("tool_result") ? Role.tool : role
            if turns[turns.count - 1].role != speaker { turns.append(Turn(role: speaker, parts: [])) }
            turns[turns.count - 1].parts += reader.parts(block.fields)
        }
        // An empty turn beside others says nothing, but would stand between what is new and what is not.
        return turns.count > 1 && turns[0].parts.isEmpty ? Array(turns.dropFirst()) : turns
    }

    /// A name that nobody knows is taken for a person's: what it says is judged.
    private func role(named name: String) -> Role {
        switch name {
        case "system": .system
        case "assistant": .assistant
        default: .user
        }
    }
}

extension AnthropicContentReader {
    /// Types of block that need no listing when they hold no words.
    private static let spokenTypes: Set<String> = ["text", "thinking", "tool_use", "server_tool_use", "tool_result"]

    /// What a string or an array of blocks holds, block by block.
    fileprivate func blocks(
        in content: JSONValue,
        field: String,
        at pointer: String
    ) throws(DialectError) -> [(type: String, fields: [DocumentField])] {
        if content.isString { return [("text", [DocumentField(kind: .text, pointer: pointer, value: content)])] }
        guard let blocks = content.elements else {
            throw .shape(field: field, expected: "a string or an array of objects")
        }
        var found: [(type: String, fields: [DocumentField])] = []
        for (index, block) in blocks.enumerated() {
            guard block.members != nil else { throw .shape(field: field, expected: "a string or an array of objects") }
            let (type, place) = (type(of: block), "\(pointer)/\(index)")
            var fields = fields(of: block, at: place)
            if fields.isEmpty, !Self.spokenTypes.contains(type) {
                fields = [DocumentField(kind: .unknown, pointer: place, value: block)]
            }
            found.append((type, fields))
        }
        return found
    }
}
