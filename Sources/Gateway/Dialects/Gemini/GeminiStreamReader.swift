import Moderation

/// Reads a stream of responses, which come as server-sent events or as the items of one JSON array.
///
/// The end of a stream is where the bytes end. Servers say `STOP` in every response, or before the first word, so it only
/// counts when no words follow.
struct GeminiStreamReader: StreamReader {
    /// How responses are put one behind the other.
    enum Framing: Sendable {
        case events, array
    }

    /// Events held after a `STOP`, at most.
    private static let mostHeld = 64

    private let framing: Framing
    private var events = ServerSentEvents()
    private var items = JSONArrayItems()
    private var callsBegun: [Int: Int]? = [:]
    /// A response that says `STOP`, and what came behind it.
    private var held: [StreamEvent] = []
    private var stopped: Set<Int> = []
    /// The newest response that the client was given.
    private var shown: [UInt8] = []
    private var isClosed = false
    private let model: String

    init(_ framing: Framing, model: String?) {
        self.framing = framing
        self.model = model ?? "gatehouse"
    }

    mutating func read(_ bytes: [UInt8]) throws(DialectError) -> [StreamEvent] {
        var ready: [StreamEvent] = []
        for event in try frames(bytes) { try take(event, into: &ready) }
        return ready
    }

    mutating func finish() throws(DialectError) -> [StreamEvent] {
        var ready: [StreamEvent] = []
        for event in try frames(nil) { try take(event, into: &ready) }
        return ready + flush(isFinished: true)
    }

    func rewrite(_ event: StreamEvent, texts: [Int: String]) -> [UInt8] {
        guard !texts.isEmpty else { return event.bytes }
        guard let document = try? JSONDocument(event.payload, surrogates: .replace) else { return [] }
        let payload = document.replacing(event.edits(texts: texts))
        guard framing == .events else { return event.preamble + payload }
        // Line ends stand only between values here: strict JSON has none inside strings.
        let line = payload.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        return event.preamble + Array("data: ".utf8) + line + Array("\n\n".utf8)
    }

    mutating func released(_ event: StreamEvent) {
        if !event.payload.isEmpty { shown = event.payload }
        if event.isEnd { isClosed = true }
    }

    /// An empty line, which both framings take for nothing; Google's SDK does not know comments.
    var keepAlive: [UInt8] { [0x0A] }

    func refusal(_ reply: String, choice: Int, isOpen: Bool) -> [UInt8] {
        last(envelope.refusedResponse(reply, candidate: choice))
    }

    func failure(_ error: PublicError) -> [UInt8] {
        last(String(decoding: GeminiDialect().errorBody(error), as: UTF8.self))
    }

    /// A response that ends the stream.
    private func last(_ response: String) -> [UInt8] {
        guard !isClosed else { return [] }
        switch framing {
        case .events: return Array("data: \(response)\n\n".utf8)
        case .array: return Array("\(shown.isEmpty ? "[" : ",\n")\(response)]".utf8)
        }
    }

    /// What the newest response repeated of the ones before it: labels and counts, nothing that is anyone's words.
    private var envelope: GeminiEnvelope {
        var envelope = GeminiEnvelope(id: "gatehouse", model: model)
        guard let reader = try? DocumentReader(shown, surrogates: .replace, isAnswer: true) else { return envelope }
        let root = reader.document.root
        if let id = root["responseId"], reader.isLabel(id) { envelope.id = reader.document.string(id) ?? envelope.id }
        if let model = root["modelVersion"], reader.isLabel(model) {
            envelope.model = reader.document.string(model) ?? envelope.model
        }
        let counts = (root["usageMetadata"]?.members ?? []).filter { $0.value.kind == .number }
        if !counts.isEmpty {
            let members = counts.map { count in
                "\(JSONText.quoted(count.key)):\(String(decoding: reader.document.bytes[count.value.range], as: UTF8.self))"
            }
            envelope.usage = "{\(members.joined(separator: ","))}"
        }
        return envelope
    }
}

// MARK: - Responses

extension GeminiStreamReader {
    /// Cuts bytes into events that are not read yet; without bytes, what is left at the end.
    private mutating func frames(_ bytes: [UInt8]?) throws(DialectError) -> [StreamEvent] {
        do {
            switch framing {
            case .events:
                return try (bytes.map { try events.read($0) } ?? events.finish()).map { event in
                    StreamEvent(bytes: event.bytes, preamble: event.otherLines, payload: event.data ?? [])
                }
            case .array:
                return try (bytes.map { try items.read($0) } ?? items.finish()).map { piece in
                    StreamEvent(bytes: piece.bytes, preamble: piece.lead, payload: piece.item, isEnd: piece.isEnd)
                }
            }
        } catch {
            let name = framing == .events ? "server-sent events" : "an array of objects"
            throw .shape(field: "stream", expected: "\(name) of at most 1 MiB")
        }
    }

    /// Reads an event, and lets it go unless it says, or follows, what may be the stream's last word.
    private mutating func take(_ frame: StreamEvent, into ready: inout [StreamEvent]) throws(DialectError) {
        var event = frame
        // Google has no such mark; servers that translate from OpenAI's API may leave it in.
        if event.payload == Array("[DONE]".utf8) {
            event.payload = []
            event.isEnd = true
        }
        let isStop = event.payload.isEmpty ? false : try decode(&event)
        let isOver = event.isEnd || event.isError
        if !event.texts.isEmpty || isOver || held.count >= Self.mostHeld { ready += flush(isFinished: isOver) }
        if isStop || !held.isEmpty { held.append(event) } else { ready.append(event) }
    }

    /// The held events; where the stream is over, the first of them finishes every candidate that has stopped.
    private mutating func flush(isFinished: Bool) -> [StreamEvent] {
        defer { held = [] }
        if isFinished, !held.isEmpty { held[0].finished = Set(held[0].finished).union(stopped).sorted() }
        return held
    }

    /// Reads the response in an event, and says whether a candidate stops in it.
    private mutating func decode(_ event: inout StreamEvent) throws(DialectError) -> Bool {
        let reader = try DocumentReader(event.payload, surrogates: .replace, isAnswer: true)
        let answer = try GeminiCandidateReader(reader: reader).answer(callsBegun: &callsBegun)
        event.isError = answer.isError
        event.add(answer.others, of: 0, by: reader)
        var isStop = false
        for candidate in answer.candidates ?? [] {
            event.choices.append(candidate.index)
            event.add(candidate.fields, of: candidate.index, by: reader)
            if let echo = candidate.echo { event.echoes.append(echo.range) }
            switch candidate.finishReason {
            case nil: break
            case "STOP":
                isStop = true
                stopped.insert(candidate.index)
            default: event.finished.append(candidate.index)
            }
        }
        return isStop
    }
}
