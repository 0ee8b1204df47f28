import Moderation

/// Reads a stream of Anthropic's message events.
struct AnthropicStreamReader: StreamReader {
    private var events = ServerSentEvents()
    private var refused = AnthropicRefusal(id: "msg_gatehouse", model: "gatehouse")
    /// How many citations each block has; each is a string of its own.
    private var citations: [Int: Int] = [:]
    /// What the client was given.
    private var given = AnthropicGiven()

    mutating func read(_ bytes: [UInt8]) throws(DialectError) -> [StreamEvent] {
        try decode(events.events(completedBy: bytes))
    }

    mutating func finish() throws(DialectError) -> [StreamEvent] { try decode(events.events(completedBy: nil)) }

    func rewrite(_ event: StreamEvent, texts: [Int: String]) -> [UInt8] { event.rewritten(texts: texts, echo: "null") }

    mutating func released(_ event: StreamEvent) { given.note(event) }

    var keepAlive: [UInt8] { ServerSentEvents.keepAlive }

    func refusal(_ reply: String, choice: Int, isOpen: Bool) -> [UInt8] {
        let start = given.isStarted ? "" : refused.start
        let stops = given.open.sorted().map(AnthropicRefusal.stop).joined()
        return Array((start + stops + refused.end(reply, block: given.next)).utf8)
    }

    func failure(_ error: PublicError) -> [UInt8] {
        Array("event: error\ndata: \(AnthropicDialect.error(error))\n\n".utf8)
    }
}

/// Which events of a message a client was given, so that what is added fits behind them.
struct AnthropicGiven: Sendable {
    private(set) var isStarted = false
    /// Blocks that have begun and not ended.
    private(set) var open: Set<Int> = []
    /// The number of a block to come.
    private(set) var next = 0

    mutating func note(_ event: StreamEvent) {
        guard let document = try? JSONDocument(event.payload, surrogates: .replace) else { return }
        let index = document.integer(document.root["index"]) ?? 0
        switch document.string(document.root["type"]) {
        case "message_start":
            isStarted = true
            next = max(next, document.root["message"]?["content"]?.elements?.count ?? 0)
        case "content_block_start":
            open.insert(index)
            next = max(next, index + 1)
        case "content_block_stop":
            open.remove(index)
        default:
            break
        }
    }
}

// MARK: - Events

extension AnthropicStreamReader {
    private mutating func decode(_ events: [ServerSentEvent]) throws(DialectError) -> [StreamEvent] {
        var decoded: [StreamEvent] = []
        for event in events { decoded.append(try decode(event)) }
        return decoded
    }

    private mutating func decode(_ event: ServerSentEvent) throws(DialectError) -> StreamEvent {
        guard let data = event.data else { return StreamEvent(bytes: event.bytes) }
        let reader = try DocumentReader(data, surrogates: .replace, isAnswer: true)
        let (document, root) = (reader.document, reader.document.root)
        guard let members = root.members, let type = document.string(root["type"]) else {
            throw .shape(field: "event", expected: "an object with a type")
        }
        try reader.checkSpelling(of: members, known: ["type", "index", "message", "content_block", "delta"])
        guard event.names.allSatisfy({ $0 == type }) else { throw .shape(field: "type", expected: "the event's name") }
        guard let key = Self.inner[type] else {
            // An event of another kind, which might say anything anywhere.
            throw .shape(field: "type", expected: "the type of one of Anthropic's events")
        }
        let contentReader = AnthropicContentReader(reader: reader)
        var decoded = StreamEvent(bytes: event.bytes, preamble: event.otherLines, payload: data, choices: [0])
        decoded.isEnd = type == "message_stop"
        decoded.isError = type == "error"
        let skipped = decoded.isError ? nil : key
        decoded.add(contentReader.fields(of: root, at: "", skipping: skipped).map(\.repeated), of: 0, by: reader)
        guard let key, !decoded.isError else { return decoded }
        guard let inner = root[key], inner.members != nil else { throw .shape(field: key, expected: "an object") }
        decoded.add(try fields(of: inner, in: type, root: root, by: contentReader), of: 0, by: reader)
        if type == "message_start" { refused = AnthropicRefusal(of: inner, by: reader) }
        if type == "message_delta", document.string(inner["stop_reason"]) != nil { decoded.finished = [0] }
        return decoded
    }

    /// Where each type of event says what it has to say.
    private static let inner: [String: String?] = [
        "message_start": "message", "content_block_start": "content_block", "content_block_delta": "delta",
        "message_delta": "delta", "error": "error", "content_block_stop": nil, "message_stop": nil, "ping": nil,
    ]

    /// What an event says, where it would stand in a whole message.
    private mutating func fields(
        of inner: JSONValue,
        in type: String,
        root: JSONValue,
        by contentReader: AnthropicContentReader
    ) throws(DialectError) -> [DocumentField] {
        switch type {
        case "message_start": return contentReader.fields(of: inner, at: "")
        case "message_delta": return contentReader.fields(of: inner, at: "").map(\.repeated)
        default: break
        }
        guard let index = contentReader.reader.document.integer(root["index"]), index >= 0 else {
            throw .shape(field: "index", expected: "a number")
        }
        let block = "/content/\(index)"
        guard type == "content_block_delta" else { return contentReader.fields(of: inner, at: block) }
        var fields = contentReader.fields(of: inner, at: block, skipping: "citation").map { field in
            var field = field
            // A tool's input comes as pieces of its JSON.
            if field.pointer == block + "/partial_json" { field.pointer = block + "/input" }
            return field
        }
        if let citation = inner["citation"] {
            fields += contentReader.fields(of: citation, at: "\(block)/citations/\(citations[index, default: 0])")
            citations[index, default: 0] += 1
        }
        return fields
    }
}

extension ServerSentEvent {
    /// What it calls itself, as often as it does; clients go by the last.
    fileprivate var names: [Substring] {
        String(decoding: otherLines, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("event:") }
            .map { $0.dropFirst("event:".count).drop { $0 == " " } }
    }
}
