import Moderation

/// Anthropic's Messages API.
public struct AnthropicDialect: Dialect {
    /// Where tokens are counted: the request is the same, and the answer holds no words.
    static let countPath = "/v1/messages/count_tokens"

    /// Creates the dialect.
    public init() {}

    /// `anthropic`.
    public var name: String { "anthropic" }

    /// `/v1/messages` and `/v1/messages/count_tokens`.
    public func route(of target: RequestTarget) -> DialectRoute? {
        ["/v1/messages", Self.countPath].contains(target.canonical) ? DialectRoute(name: target.canonical) : nil
    }

    /// What stands in requests and answers.
    public var fieldNames: FieldNames { Self.names }

    private static let names: FieldNames = [
        "cache_control", "caller", "citations", "cited_text", "container", "content", "context",
        "context_management", "data", "description", "document_title", "encrypted_content", "encrypted_index",
        "explanation", "file_id", "id", "input", "input_schema", "mcp_servers", "messages", "name",
        "output_config", "page_age", "retrieved_at", "role", "server_name", "signature", "source", "stderr",
        "stdout", "stop_details", "stop_reason", "stop_sequence", "system", "text", "thinking", "title",
        "tool_name", "tool_references", "tool_use_id", "tools", "toolset_name", "type", "url", "usage",
    ]

    /// Anthropic's error object.
    public func errorBody(_ error: PublicError) -> [UInt8] { Array(Self.error(error).utf8) }

    /// The object of an error, whose type follows from the status.
    static func error(_ error: PublicError) -> String {
        let type =
            switch error.status {
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 503: "overloaded_error"
            case 504: "timeout_error"
            case 500...: "api_error"
            default: "invalid_request_error"
            }
        return "{\"type\":\"error\",\"error\":{\"type\":\"\(type)\",\"message\":\(JSONText.quoted(error.message))}}"
    }

    /// A stream of message events.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? {
        let isStream = mediaType == "text/event-stream" || (request.isStreamed && !mediaType.contains("json"))
        return isStream ? AnthropicStreamReader() : nil
    }
}

// MARK: - Saying no

extension AnthropicDialect {
    /// What is counted where nothing is passed on.
    static let noTokens = Array("{\"input_tokens\":0}".utf8)

    /// A message, or its stream, that stops with `refusal` and says the reply: agents ask again when it says nothing.
    ///
    /// Tokens of a prompt that is refused are counted as none.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        if request.route.name == Self.countPath { return ResponsePayload(bytes: Self.noTokens) }
        let refusal = AnthropicRefusal(id: "msg_\(id)", model: request.model ?? "gatehouse")
        guard request.isStreamed else { return ResponsePayload(bytes: Array(refusal.message(reply).utf8)) }
        let stream = refusal.start + refusal.end(reply, block: 0)
        return ResponsePayload(contentType: "text/event-stream", bytes: Array(stream.utf8))
    }
}

/// A message that says no, whole or in events.
struct AnthropicRefusal: Sendable {
    var id: String
    var model: String
    /// Tokens that the chatbot counted, as far as it said.
    var inputTokens = 0
    var outputTokens = 0

    private static let stopDetails = "{\"type\":\"refusal\",\"category\":null,\"explanation\":null}"

    private func message(content: String, stopReason: String, stopDetails: String) -> String {
        "{\"id\":\(JSONText.quoted(id)),\"type\":\"message\",\"role\":\"assistant\",\"model\":\(JSONText.quoted(model)),"
            + "\"content\":\(content),\"stop_reason\":\(stopReason),\"stop_sequence\":null,"
            + "\"stop_details\":\(stopDetails),\"usage\":{\"input_tokens\":\(inputTokens),\"output_tokens\":\(outputTokens)}}"
    }

    /// The message as a whole.
    func message(_ reply: String) -> String {
        let block = "{\"type\":\"text\",\"text\":\(JSONText.quoted(reply))}"
        return message(content: "[\(block)]", stopReason: "\"refusal\"", stopDetails: Self.stopDetails)
    }

    /// The event that begins a stream.
    var start: String {
        let message = message(content: "[]", stopReason: "null", stopDetails: "null")
        return Self.event("message_start", "\"message\":\(message)")
    }

    /// The event that ends a block.
    static func stop(ofBlock index: Int) -> String { event("content_block_stop", "\"index\":\(index)") }

    /// The events that say the reply in a block of its own and end the stream.
    func end(_ reply: String, block: Int) -> String {
        let text = JSONText.quoted(reply)
        let delta = "{\"stop_reason\":\"refusal\",\"stop_sequence\":null,\"stop_details\":\(Self.stopDetails)}"
        return Self.event(
            "content_block_start",
            "\"index\":\(block),\"content_block\":{\"type\":\"text\",\"text\":\"\"}"
        )
            + Self.event(
                "content_block_delta",
                "\"index\":\(block),\"delta\":{\"type\":\"text_delta\",\"text\":\(text)}"
            )
            + Self.stop(ofBlock: block)
            + Self.event("message_delta", "\"delta\":\(delta),\"usage\":{\"output_tokens\":\(outputTokens)}")
            + Self.event("message_stop", nil)
    }

    private static func event(_ type: String, _ members: String?) -> String {
        "event: \(type)\ndata: {\"type\":\"\(type)\"\(members.map { "," + $0 } ?? "")}\n\n"
    }
}
