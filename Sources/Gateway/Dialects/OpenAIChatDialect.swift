import Foundation
import Moderation

/// OpenAI's chat completions, as OpenAI, vLLM, llama.cpp's server, Ollama and many more speak it.
public struct OpenAIChatDialect: Dialect {
    /// Creates the dialect.
    public init() {}

    /// `openai-chat`.
    public var name: String { "openai-chat" }

    /// `/v1/chat/completions`.
    public func route(of target: RequestTarget) -> DialectRoute? {
        target.canonical == "/v1/chat/completions" ? DialectRoute(name: target.canonical) : nil
    }

    /// What stands in requests and answers, with what chatbots' servers are known to add.
    public var fieldNames: FieldNames {
        [
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
    }

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
        return isStream ? OpenAIChatStreamReader() : nil
    }
}

// MARK: - Saying no

extension OpenAIChatDialect {
    /// A `chat.completion`, or its stream, whose assistant message is the reply.
    ///
    /// The reply stands in `content`, and `refusal` stays null: an empty assistant message makes agent frameworks ask
    /// again, and a filled `refusal` is raised as an error by some.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        let usage = "\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}"
        let envelope = OpenAIChatEnvelope(
            id: "chatcmpl-\(id)",
            created: Int(Date().timeIntervalSince1970),
            model: request.model ?? "gatehouse"
        )
        guard request.isStreamed else {
            let choice = Self.refusedChoice(index: 0, reply: reply)
            let body = "{\(envelope.members(object: "chat.completion")),\"choices\":[\(choice)],\(usage)}"
            return ResponsePayload(bytes: Array(body.utf8))
        }
        var stream = envelope.refusalChunks(reply, choice: 0, isOpen: false)
        if request.wantsUsage {
            stream += "data: {\(envelope.members(object: "chat.completion.chunk")),\"choices\":[],\(usage)}\n\n"
        }
        stream += "data: [DONE]\n\n"
        return ResponsePayload(contentType: "text/event-stream", bytes: Array(stream.utf8))
    }

    /// A choice that says no and nothing else of what the chatbot said.
    static func refusedChoice(index: Int, reply: String) -> String {
        let message = "{\"role\":\"assistant\",\"content\":\(JSONText.quoted(reply)),\"refusal\":null}"
        return "{\"index\":\(index),\"message\":\(message),\"logprobs\":null,\"finish_reason\":\"content_filter\"}"
    }
}

/// What every object of one answer repeats.
struct OpenAIChatEnvelope: Sendable {
    var id: String
    /// Seconds since 1970.
    var created: Int
    var model: String

    func members(object: String) -> String {
        "\"id\":\(JSONText.quoted(id)),\"object\":\"\(object)\",\"created\":\(created),"
            + "\"model\":\(JSONText.quoted(model))"
    }

    /// The reply and the end of a choice, as two chunks.
    ///
    /// The role is only said once: SDKs join what is said twice.
    func refusalChunks(_ reply: String, choice: Int, isOpen: Bool) -> String {
        let role = isOpen ? "" : "\"role\":\"assistant\","
        let head = members(object: "chat.completion.chunk")
        func chunk(delta: String, finish: String) -> String {
            "data: {\(head),\"choices\":[{\"index\":\(choice),\"delta\":\(delta),\"finish_reason\":\(finish)}]}\n\n"
        }
        return chunk(delta: "{\(role)\"content\":\(JSONText.quoted(reply))}", finish: "null")
            + chunk(delta: "{}", finish: "\"content_filter\"")
    }
}
