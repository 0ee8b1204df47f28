public import Moderation

extension OpenAIResponsesDialect {
    /// Fields of a request that set how the chatbot works and carry no words to it.
    ///
    /// Not among them is what names words that are kept elsewhere (`previous_response_id`, `conversation`): it is listed.
    private static let parameters: Set<String> = [
        "access_programs", "background", "background_options", "context_management", "image", "include", "input",
        "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model", "moderation",
        "parallel_tool_calls",
        "prompt", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning",
        "safety_identifier",
        "service_tier", "store", "stream", "stream_options", "temperature", "tool_choice", "top_logprobs", "top_p",
        "truncation", "user",
    ]

    /// Reads instructions, a prompt template's variables and every item of the input; lists tool definitions, fields that
    /// nobody knows, and what is kept elsewhere.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "request", expected: "an object") }
        try reader.checkSpelling(
            of: members,
            known: ["input", "instructions", "prompt", "model", "stream", "tools", "background"]
        )
        var turns: [Turn] = []
        func add(_ role: Role, _ fields: [DocumentField]) {
            if !fields.isEmpty { turns.append(Turn(role: role, parts: reader.parts(fields))) }
        }
        let operatorParts = reader.unscannedParts(of: members, parameters: Self.parameters, tools: ["tools", "text"])
        if !operatorParts.isEmpty { turns.append(Turn(role: .system, parts: operatorParts)) }
        if let instructions = document.root["instructions"] {
            add(.system, reader.texts(in: instructions, kind: .text, at: "/instructions"))
        }
        if let prompt = members.first(where: { $0.key == "prompt" }) {
            add(.user, reader.unknown(prompt, at: ""))
        }
        try decodeInput(by: OpenAIItemReader(reader: reader), add: add)
        guard !turns.isEmpty || document.root["input"] != nil else {
            throw .shape(field: "input", expected: "a string or an array of items")
        }
        return DecodedRequest(
            route: route,
            document: document,
            conversation: Conversation(turns: turns),
            model: document.string(document.root["model"]) ?? route.model,
            isStreamed: document.root["stream"]?.kind == .bool(true),
            conversationID: Self.conversationID(in: document)
        )
    }

    /// The id of the kept conversation that the request goes on with: a string, or an object's `id`.
    ///
    /// A `previous_response_id` names only the turn before, not what all turns have in common.
    private static func conversationID(in document: JSONDocument) -> String? {
        guard let conversation = document.root["conversation"] else { return nil }
        return document.string(conversation) ?? document.string(conversation["id"])
    }

    private func decodeInput(
        by reader: OpenAIItemReader,
        add: (Role, [DocumentField]) -> Void
    ) throws(DialectError) {
        guard let input = reader.reader.document.root["input"], !input.isNull else { return }
        if input.isString { return add(.user, [DocumentField(kind: .text, pointer: "/input", value: input)]) }
        guard let items = input.elements else {
            throw .shape(field: "input", expected: "a string or an array of items")
        }
        for (index, item) in items.enumerated() {
            let fields = try reader.fields(of: item, at: "/input/\(index)")
            let role = reader.role(of: item)
            // What a tool answered stands in the same item as the call of a tool that the chatbot's server ran.
            let results = role == .assistant ? fields.filter { $0.kind == .toolResult } : []
            add(role, role == .assistant ? fields.filter { $0.kind != .toolResult } : fields)
            add(.tool, results)
        }
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }
}
