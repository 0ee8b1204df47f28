import Foundation

/// Ollama's own API: `/api/chat`, `/api/generate`, and the two that embed.
public struct OllamaDialect: Dialect {
    /// Creates the dialect.
    public init() {}

    /// `ollama`.
    public var name: String { "ollama" }

    /// `/api/chat`, `/api/generate`, `/api/embed` and `/api/embeddings`.
    public func route(of target: RequestTarget) -> DialectRoute? {
        OllamaMethod(rawValue: target.canonical).map { DialectRoute(name: $0.rawValue) }
    }

    /// What stands in requests and answers.
    public var fieldNames: FieldNames { Self.names }

    private static let names: FieldNames = [
        "_debug_info", "arguments", "content", "context", "created_at", "description", "done_reason", "error",
        "format", "function", "id", "image", "images", "input", "logprobs", "message", "messages", "model", "name",
        "options", "parameters", "prompt", "remote_host", "remote_model", "rendered_template", "response", "role",
        "suffix", "system", "template", "thinking", "tool_call_id", "tool_calls", "tool_name", "tools", "type",
    ]

    /// Ollama's error object.
    public func errorBody(_ error: PublicError) -> [UInt8] {
        Array("{\"error\":\(JSONText.quoted(error.message))}".utf8)
    }

    /// A stream of JSON lines.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? {
        guard let method = OllamaMethod(rawValue: request.route.name), method.generates else { return nil }
        let isLines = ["application/x-ndjson", "application/ndjson", "application/jsonl"].contains(mediaType)
        return isLines || request.isStreamed ? OllamaStreamReader(method: method, model: request.model) : nil
    }
}

/// Ollama's moderated paths.
enum OllamaMethod: String, Sendable {
    case chat = "/api/chat"
    case generate = "/api/generate"
    case embed = "/api/embed"
    case embeddings = "/api/embeddings"

    /// Whether its answers say something.
    var generates: Bool { self == .chat || self == .generate }

    /// The members that say a text in an answer.
    func saying(_ text: String) -> String {
        self == .generate
            ? "\"response\":\(JSONText.quoted(text))"
            : "\"message\":{\"role\":\"assistant\",\"content\":\(JSONText.quoted(text))}"
    }
}

// MARK: - Saying no

extension OllamaDialect {
    /// An ordinary answer whose text is the reply: Ollama has no word for a refusal.
    ///
    /// A method that answers without words gives an error.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        guard let method = OllamaMethod(rawValue: request.route.name), method.generates else {
            return ResponsePayload(status: 400, bytes: Array("{\"error\":\(JSONText.quoted(reply))}".utf8))
        }
        let envelope = OllamaEnvelope(method: method, model: request.model ?? "gatehouse")
        guard request.isStreamed else { return ResponsePayload(bytes: Array(envelope.refused(reply).utf8)) }
        return ResponsePayload(
            contentType: "application/x-ndjson",
            bytes: Array(envelope.refusalLines(reply).utf8)
        )
    }
}

/// What every object of one answer repeats.
struct OllamaEnvelope: Sendable {
    /// Numbers that Ollama gives at the end.
    static let countKeys = [
        "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count", "eval_duration",
    ]

    var method: OllamaMethod
    var model: String
    /// RFC 3339.
    var createdAt = Date().formatted(.iso8601)
    /// The numbers as members.
    var counts = Self.countKeys.map { "\"\($0)\":0" }.joined(separator: ",")

    init(method: OllamaMethod, model: String) {
        self.method = method
        self.model = model
    }

    private var head: String { "\"model\":\(JSONText.quoted(model)),\"created_at\":\(JSONText.quoted(createdAt))" }

    /// A whole answer, or the last line of a streamed one.
    func refused(_ reply: String) -> String {
        "{\(head),\(method.saying(reply)),\"done\":true,\"done_reason\":\"stop\",\(counts)}"
    }

    /// The reply and the end, as two lines: some clients pass over the text of a last line, which Ollama leaves empty.
    func refusalLines(_ reply: String) -> String {
        "{\(head),\(method.saying(reply)),\"done\":false}\n\(refused(""))\n"
    }
}
