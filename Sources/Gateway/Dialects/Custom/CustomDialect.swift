import Moderation

/// Any chatbot's API, read by the paths that an operator names.
public struct CustomDialect: Dialect {
    let settings: CustomRoute
    /// Segments of the path as routes are matched: canonical, lower case.
    private let segments: [Substring]

    /// Creates the dialect of one route.
    public init(_ settings: CustomRoute) {
        self.settings = settings
        segments = (RequestTarget(settings.path)?.canonical ?? settings.path).split(separator: "/")
    }

    /// `custom`.
    public var name: String { "custom" }

    /// The names that stand in the route's paths.
    public var fieldNames: FieldNames {
        let paths = [settings.prompt, settings.history, settings.system, settings.reply, settings.delta]
        return FieldNames(Set(paths.compactMap { $0?.keys }.joined()))
    }

    /// The route's path; what stands for its `*` is forwarded in the sender's letters.
    public func route(of target: RequestTarget) -> DialectRoute? {
        let found = target.canonical.split(separator: "/")
        guard found.count == segments.count, zip(segments, found).allSatisfy({ $0 == "*" || $0 == $1 }) else {
            return nil
        }
        return DialectRoute(
            name: "/" + segments.joined(separator: "/"),
            path: segments.contains("*") ? target.path : settings.path
        )
    }

    /// Where the piece of text stands in an event of a stream.
    var delta: JSONPath { settings.delta ?? settings.reply }

    /// OpenAI's error object, which a bot of no known API may as well have.
    public func errorBody(_ error: PublicError) -> [UInt8] { OpenAIChatDialect().errorBody(error) }

    /// The template that the operator wrote, or the reply at its path.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        guard request.isStreamed, let stream = settings.stream else {
            return ResponsePayload(bytes: Array(refusal(reply).utf8))
        }
        let reader = CustomStreamReader(dialect: self, format: stream)
        return ResponsePayload(
            contentType: stream == .sse ? "text/event-stream" : "application/x-ndjson",
            bytes: reader.refusal(reply, choice: 0, isOpen: false)
        )
    }

    /// A whole answer that says no.
    func refusal(_ reply: String) -> String {
        settings.refusal?.filled(with: reply) ?? settings.reply.document(holding: JSONText.quoted(reply))
    }

    /// A reader where the route streams, unless the answer says that it is whole.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? {
        guard let format = settings.stream else { return nil }
        let isStream =
            switch mediaType {
            case "text/event-stream", "application/x-ndjson", "application/ndjson", "application/jsonl": true
            // Lines are often called JSON.
            case "application/json": format == .ndjson && request.isStreamed
            default: request.isStreamed
            }
        return isStream ? CustomStreamReader(dialect: self, format: format) : nil
    }
}
