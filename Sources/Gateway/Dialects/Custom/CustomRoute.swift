/// How a streamed answer is cut into events.
public enum StreamFormat: String, Sendable, Hashable, CaseIterable {
    /// Server-sent events with JSON in their data.
    case sse
    /// One JSON document a line.
    case ndjson
}

/// A chatbot's own API, told by where its texts stand.
public struct CustomRoute: Sendable, Hashable {
    /// Path of the route; `*` stands for one segment, whatever it is.
    public var path: String
    /// The person's newest message in a request.
    public var prompt: JSONPath
    /// Earlier messages, oldest first.
    public var history: JSONPath?
    /// The operator's instructions.
    public var system: JSONPath?
    /// The chatbot's text in a whole answer.
    public var reply: JSONPath
    /// How a streamed answer comes; nil where answers come whole.
    public var stream: StreamFormat?
    /// The piece of text in an event of a stream; nil where it stands where the reply does.
    public var delta: JSONPath?
    /// The answer given on a block; nil for an object with nothing but the reply.
    public var refusal: ReplyTemplate?
    /// The event given on a block of a stream; nil for an object with nothing but the reply.
    public var refusalEvent: ReplyTemplate?
    /// The data of a stream's last event; empty where a stream just ends.
    public var end: String

    /// Creates a route.
    ///
    /// - Parameter end: nil for `[DONE]` in server-sent events and none in lines.
    public init(
        path: String,
        prompt: JSONPath,
        history: JSONPath? = nil,
        system: JSONPath? = nil,
        reply: JSONPath,
        stream: StreamFormat? = nil,
        delta: JSONPath? = nil,
        refusal: ReplyTemplate? = nil,
        refusalEvent: ReplyTemplate? = nil,
        end: String? = nil
    ) {
        self.path = path
        self.prompt = prompt
        self.history = history
        self.system = system
        self.reply = reply
        self.stream = stream
        self.delta = delta
        self.refusal = refusal
        self.refusalEvent = refusalEvent
        self.end = end ?? (stream == .sse ? "[DONE]" : "")
    }
}

/// A JSON document with `{reply}` in one of its strings.
public struct ReplyTemplate: Sendable, Hashable {
    /// What stands for the reply.
    public static let placeholder = "{reply}"

    private let document: JSONDocument

    /// Reads a template; nil when it is not JSON, or no string of it holds the placeholder.
    public init?(_ json: String) {
        guard let document = try? JSONDocument(Array(json.utf8)) else { return nil }
        self.document = document
        guard !places.isEmpty else { return nil }
    }

    private var places: [(value: JSONValue, text: String)] {
        document.strings(below: document.root, at: "").compactMap { found in
            guard let text = document.string(found.value), text.contains(Self.placeholder) else { return nil }
            return (found.value, text)
        }
    }

    /// The document with the reply in it, on one line.
    package func filled(with reply: String) -> String {
        let edits = places.map { place in
            let text = place.text.replacing(Self.placeholder, with: reply)
            return JSONDocument.Edit(range: place.value.range, replacement: JSONText.quoted(text))
        }
        return String(decoding: document.replacing(edits).filter { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }
}
