import Foundation
import Moderation

/// OpenAI's Responses API, as OpenAI, Azure, vLLM and llama.cpp's server speak it.
///
/// Only what is posted is judged: an answer that is fetched later by its id is passed on as it comes.
public struct OpenAIResponsesDialect: Dialect {
    private static let paths: Set<String> = ["/v1/responses", "/v1/responses/compact"]

    /// Creates the dialect.
    public init() {}

    /// `openai-responses`.
    public var name: String { "openai-responses" }

    /// `/v1/responses`, and `/v1/responses/compact`, whose requests and answers look alike.
    public func route(of target: RequestTarget) -> DialectRoute? {
        Self.paths.contains(target.canonical) ? DialectRoute(name: target.canonical) : nil
    }

    /// What stands in requests, answers and events.
    public var fieldNames: FieldNames { Self.names }

    private static let names: FieldNames = [
        "action", "annotation", "annotations", "arguments", "audio", "call_id", "code", "command", "commands",
        "content",
        "conversation", "delta", "detail", "diff", "encrypted_content", "env", "error", "file_data", "file_id",
        "file_url", "filename", "id", "image_url", "include", "input", "input_audio", "instructions", "item",
        "logprobs", "logs", "message", "metadata", "name", "operation", "output", "outputs", "part",
        "partial_image_b64", "path", "pattern", "previous_response_id", "prompt", "queries", "query", "reason",
        "reasoning", "refusal", "response", "result", "results", "revised_prompt", "role", "server_label",
        "status",
        "stderr", "stdout", "summary", "text", "title", "tool_choice", "tools", "transcript", "type", "url",
        "variables",
    ]

    /// OpenAI's error object.
    public func errorBody(_ error: PublicError) -> [UInt8] { OpenAIChatDialect().errorBody(error) }

    /// A stream of `response.*` events.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? {
        let isStream = mediaType == "text/event-stream" || (request.isStreamed && !mediaType.contains("json"))
        return isStream ? OpenAIResponsesStreamReader(echoed: OpenAIResponseReader.echoes(of: request)) : nil
    }

    /// A `response` that is incomplete for its content, or its stream, with the reply as the chatbot's message.
    ///
    /// The reply is an `output_text` part: of a `refusal` part, `output_text` of the official clients shows nothing, and
    /// agent frameworks raise it as an error.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        let object = OpenAIResponseObject(
            id: "resp_\(id)",
            created: "\(Int(Date().timeIntervalSince1970))",
            model: request.model ?? "gatehouse",
            usage: OpenAIResponseObject.noUsage
        )
        guard request.isStreamed else { return ResponsePayload(bytes: Array(object.refused(reply).utf8)) }
        var writer = OpenAIResponseEventWriter(object: object)
        let events = writer.beginning() + writer.refusal(reply, index: 0)
        return ResponsePayload(contentType: "text/event-stream", bytes: Array(events.utf8))
    }
}
