import Moderation

/// OpenAI's chat completions, as OpenAI, vLLM, llama.cpp's server, Ollama and many more speak it.
public struct OpenAIChatDialect: Dialect {
    let writer: OpenAIChoiceWriter
    private let isAnywhere: Bool

    /// Creates the dialect.
    public init() { self.init(filterResults: nil) }

    /// The dialect wherever a path ends in `/chat/completions`, as many providers have it.
    static let anywhere = OpenAIChatDialect(filterResults: nil, isAnywhere: true)

    /// - Parameters:
    ///   - filterResults: what a refused choice says of content filters, as a JSON object.
    ///   - isAnywhere: whether it answers wherever a path ends in `/chat/completions`.
    init(filterResults: String?, isAnywhere: Bool = false) {
        self.isAnywhere = isAnywhere
        writer = OpenAIChoiceWriter(form: .message, filterResults: filterResults)
    }

    /// `openai-chat`.
    public var name: String { "openai-chat" }

    /// `/v1/chat/completions`.
    public func route(of target: RequestTarget) -> DialectRoute? {
        if target.canonical == "/v1/chat/completions" { return DialectRoute(name: target.canonical) }
        guard isAnywhere, target.canonical.hasSuffix("/chat/completions") else { return nil }
        return DialectRoute(name: "*/chat/completions", path: target.path)
    }

    /// What stands in requests and answers, with what chatbots' servers are known to add.
    public var fieldNames: FieldNames { Self.names }

    private static let names: FieldNames = [
        "annotations", "arguments", "audio", "cache_control", "choices", "citations", "content", "context",
        "custom",
        "data", "delta", "detail", "file", "file_data", "file_id", "filename", "finish_reason", "format",
        "function",
        "function_call", "functions", "id", "image", "image_url", "images", "index", "input", "input_audio",
        "input_file", "input_text", "logprobs", "message", "messages", "name", "output_text", "parameters",
        "prediction", "reasoning", "reasoning_content", "reasoning_details", "reasoning_text", "refusal",
        "response_format", "role", "search_results", "snippet", "stop_reason", "summary", "text", "thinking",
        "title",
        "tool_call_id", "tool_calls", "tools", "transcript", "type", "url", "url_citation", "video_url",
        "web_search_options",
    ]

    /// OpenAI's error object.
    public func errorBody(_ error: PublicError) -> [UInt8] {
        let members = [
            "\"message\":\(JSONText.quoted(error.message))",
            "\"type\":\(JSONText.quoted(error.type))",
            "\"param\":null",
            "\"code\":\(JSONText.quoted(error.code))",
        ]
        return Array("{\"error\":{\(members.joined(separator: ","))}}".utf8)
    }

    /// A stream of chat completion chunks.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? {
        let isStream = mediaType == "text/event-stream" || (request.isStreamed && !mediaType.contains("json"))
        return isStream ? OpenAIChatStreamReader(writer: writer) : nil
    }
}

// MARK: - Saying no

extension OpenAIChatDialect {
    /// A `chat.completion`, or its stream, whose assistant message is the reply.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        writer.refusal(reply, to: request, id: id)
    }
}
