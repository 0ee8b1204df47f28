public import Moderation

extension OpenAIChatDialect {
    /// Fields of a request that set how the chatbot works and carry no words to it.
    private static let parameters: Set<String> = [
        "audio", "frequency_penalty", "function_call", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens",
        "messages", "metadata", "min_p", "modalities", "model", "n", "parallel_tool_calls", "presence_penalty",
        "prompt_cache_key", "prompt_cache_retention", "reasoning_effort", "repetition_penalty", "safety_identifier",
        "seed",
        "service_tier", "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "top_k",
        "top_logprobs",
        "top_p", "user", "verbosity",
    ]

    /// Reads the messages with every text, tool call and medium in them, and lists tool definitions and unknown fields.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "request", expected: "an object") }
        let messageReader = OpenAIMessageReader(reader: reader)
        try reader.checkSpelling(of: members, known: ["messages", "model", "stream", "tools", "functions", "n"])
        guard let messages = document.root["messages"]?.elements else {
            throw .shape(field: "messages", expected: "an array")
        }
        guard !messages.isEmpty else { throw .shape(field: "messages", expected: "an array with at least one message") }

        var turns: [Turn] = []
        let operatorParts = reader.unscannedParts(
            of: members,
            parameters: Self.parameters,
            tools: ["tools", "functions", "response_format"]
        )
        if !operatorParts.isEmpty { turns.append(Turn(role: .system, parts: operatorParts)) }
        for (index, message) in messages.enumerated() {
            guard message.members != nil else { throw .shape(field: "messages", expected: "an array of objects") }
            guard let name = document.string(message["role"]) else { throw .shape(field: "role", expected: "a string") }
            let role = role(named: name)
            let fields = try messageReader.fields(of: message, role: role, at: "/messages/\(index)")
            turns.append(Turn(role: role, parts: reader.parts(fields)))
        }
        return DecodedRequest(
            route: route,
            document: document,
            conversation: Conversation(turns: turns),
            model: document.string(document.root["model"]),
            isStreamed: document.root["stream"]?.kind == .bool(true),
            choiceCount: max(1, document.integer(document.root["n"]) ?? 1),
            wantsUsage: document.root["stream_options"]?["include_usage"]?.kind == .bool(true)
        )
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }

    /// A name that nobody knows is taken for a person's: what it says is judged.
    private func role(named name: String) -> Role {
        switch name {
        case "system", "developer": .system
        case "assistant": .assistant
        case "tool", "function": .tool
        default: .user
        }
    }
}
