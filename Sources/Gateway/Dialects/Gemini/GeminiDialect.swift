/// Google's Gemini API, as `generativelanguage.googleapis.com` and Vertex AI speak it.
///
/// Google's servers take each field in two spellings, `systemInstruction` and `system_instruction`; so does the dialect.
public struct GeminiDialect: Dialect {
    /// Creates the dialect.
    public init() {}

    /// `gemini`.
    public var name: String { "gemini" }

    /// What stands in requests and answers, in both spellings.
    public var fieldNames: FieldNames { Self.names }

    private static let names: FieldNames = [
        "args", "blockReasonMessage", "block_reason_message", "cachedContent", "cached_content", "candidates",
        "citationMetadata", "citationSources", "citation_metadata", "citations", "code", "codeExecutionResult",
        "code_execution_result", "content", "contents", "continuationToken", "continuation_token", "data",
        "displayName", "display_name", "error", "executableCode", "executable_code", "fileData", "fileUri",
        "file_data", "file_uri", "finishMessage", "finishReason", "finish_message", "finish_reason",
        "functionCall",
        "functionDeclarations", "functionResponse", "function_call", "function_declarations", "function_response",
        "generateContentRequest", "generate_content_request", "generationConfig", "generation_config",
        "groundingChunks", "groundingMetadata", "groundingSupports", "grounding_chunks", "grounding_metadata",
        "grounding_supports", "id", "inlineData", "inline_data", "jsonPath", "json_path", "language", "message",
        "mimeType", "mime_type", "modelVersion", "model_version", "name", "outcome", "output", "partialArgs",
        "partial_args", "parts", "promptFeedback", "prompt_feedback", "renderedContent", "rendered_content",
        "requests", "response", "responseId", "responseJsonSchema", "responseSchema", "response_id",
        "response_json_schema", "response_schema", "retrievedContext", "retrieved_context", "role",
        "safetyRatings",
        "safety_ratings", "searchEntryPoint", "search_entry_point", "segment", "stringValue", "string_value",
        "systemInstruction", "system_instruction", "text", "thought", "thoughtSignature", "thought_signature",
        "title", "toolCall", "toolConfig", "toolResponse", "tool_call", "tool_config", "tool_response", "tools",
        "uri", "urlContextMetadata", "url_context_metadata", "usageMetadata", "usage_metadata", "videoMetadata",
        "video_metadata", "web", "webSearchQueries", "web_search_queries",
    ]

    /// Google's error object; the code for programs is the reason of its `ErrorInfo`.
    public func errorBody(_ error: PublicError) -> [UInt8] {
        let info =
            "{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\","
            + "\"reason\":\(JSONText.quoted(error.code.uppercased())),\"domain\":\"gatehouse\"}"
        let members = [
            "\"code\":\(error.status)",
            "\"message\":\(JSONText.quoted(error.message))",
            "\"status\":\"\(Self.statusName(of: error.status))\"",
            "\"details\":[\(info)]",
        ]
        return Array("{\"error\":{\(members.joined(separator: ","))}}".utf8)
    }

    /// The name that Google gives an HTTP status (`google.rpc.Code`).
    private static func statusName(of status: Int) -> String {
        switch status {
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 429: "RESOURCE_EXHAUSTED"
        case 499: "CANCELLED"
        case 408, 504: "DEADLINE_EXCEEDED"
        case 400..<500: "INVALID_ARGUMENT"
        case 500: "INTERNAL"
        default: "UNAVAILABLE"
        }
    }

    /// A stream of responses, as server-sent events or as the items of one JSON array.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? {
        if mediaType == "text/event-stream" { return GeminiStreamReader(.events, model: request.model) }
        guard request.isStreamed else { return nil }
        let isArray = mediaType.contains("json") || !GeminiRoute.asksForEvents(request.route)
        return GeminiStreamReader(isArray ? .array : .events, model: request.model)
    }
}

// MARK: - Saying no

extension GeminiDialect {
    /// A response whose one candidate says the reply, with `SAFETY` both as its end and as the prompt's block.
    ///
    /// Google itself gives no candidate when it blocks a prompt. Then `response.text` is null in its SDKs, and agent
    /// frameworks take it for an empty answer and ask again. A method that answers without words gives an error.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        guard GeminiRoute.generates(request.route) else {
            let error = PublicError(
                status: 400,
                type: "invalid_request_error",
                code: "content_policy_violation",
                message: reply
            )
            return ResponsePayload(status: error.status, bytes: errorBody(error))
        }
        let envelope = GeminiEnvelope(id: id, model: request.model ?? "gatehouse")
        let body = envelope.refusedResponse(reply, isPromptBlocked: true)
        guard request.isStreamed else { return ResponsePayload(bytes: Array(body.utf8)) }
        guard GeminiRoute.asksForEvents(request.route) else { return ResponsePayload(bytes: Array("[\(body)]".utf8)) }
        return ResponsePayload(contentType: "text/event-stream", bytes: Array("data: \(body)\n\n".utf8))
    }
}

/// What every response of one answer repeats.
struct GeminiEnvelope: Sendable {
    var id: String
    var model: String
    /// The `usageMetadata` object.
    var usage = "{\"promptTokenCount\":0,\"candidatesTokenCount\":0,\"totalTokenCount\":0}"

    /// A response that says no and nothing else of what the chatbot said.
    func refusedResponse(_ reply: String, candidate index: Int = 0, isPromptBlocked: Bool = false) -> String {
        let feedback = isPromptBlocked ? "\"promptFeedback\":{\"blockReason\":\"SAFETY\"}," : ""
        return "{\"candidates\":[\(Self.refusedCandidate(reply, index: index))],\(feedback)\"usageMetadata\":\(usage),"
            + "\"modelVersion\":\(JSONText.quoted(model)),\"responseId\":\(JSONText.quoted(id))}"
    }

    /// A candidate that says no and nothing else of what the chatbot said.
    static func refusedCandidate(_ reply: String, index: Int) -> String {
        "{\"content\":{\"parts\":[{\"text\":\(JSONText.quoted(reply))}],\"role\":\"model\"},"
            + "\"finishReason\":\"SAFETY\",\"index\":\(index)}"
    }
}
