import Moderation

/// Reads a stream of JSON documents whose piece of text stands at a path; every other string is read as well.
struct CustomStreamReader: StreamReader {
    let dialect: CustomDialect
    let format: StreamFormat

    private var events = ServerSentEvents()
    private var lines = JSONLines()
    /// The reply so far.
    private var said = ""
    /// What each string beside the text said last.
    private var latest: [String: String] = [:]
    /// The `event` line of the newest event with text that the client was given.
    private var eventLine = ""

    init(dialect: CustomDialect, format: StreamFormat) {
        self.dialect = dialect
        self.format = format
    }

    mutating func read(_ bytes: [UInt8]) throws(DialectError) -> [StreamEvent] {
        switch format {
        case .sse: try decode(framed { try events.read(bytes) })
        case .ndjson: try decode(framed { try lines.read(bytes) })
        }
    }

    mutating func finish() throws(DialectError) -> [StreamEvent] {
        switch format {
        case .sse: try decode(framed { try events.finish() })
        case .ndjson: try decode(lines.finish())
        }
    }

    func rewrite(_ event: StreamEvent, texts: [Int: String]) -> [UInt8] {
        guard !texts.isEmpty else { return event.bytes }
        guard let document = try? JSONDocument(event.payload, surrogates: .replace) else { return [] }
        let edits = texts.map { index, text in
            JSONDocument.Edit(range: event.texts[index].range, replacement: JSONText.quoted(text))
        }
        // Line ends stand only between values here: strict JSON has none inside strings.
        let payload = document.replacing(edits).map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        return event.preamble + framed(payload)
    }

    mutating func released(_ event: StreamEvent) {
        guard event.texts.contains(where: { $0.field.pointer == replyPointer(0) }) else { return }
        let lines = String(decoding: event.preamble, as: UTF8.self).split(separator: "\n")
        eventLine = lines.last { $0.hasPrefix("event:") }.map { $0 + "\n" } ?? ""
    }

    /// A comment; lines have none.
    var keepAlive: [UInt8] { format == .sse ? ServerSentEvents.keepAlive : [] }

    func refusal(_ reply: String, choice: Int, isOpen: Bool) -> [UInt8] {
        let event =
            dialect.settings.refusalEvent?.filled(with: reply)
            ?? dialect.delta.document(holding: JSONText.quoted(reply))
        let end = dialect.settings.end
        return Array(eventLine.utf8) + framed(Array(event.utf8)) + (end.isEmpty ? [] : framed(Array(end.utf8)))
    }

    func failure(_ error: PublicError) -> [UInt8] { framed(dialect.errorBody(error)) }
}

// MARK: - Framing

extension CustomStreamReader {
    /// A document as an event of the stream.
    private func framed(_ payload: [UInt8]) -> [UInt8] {
        switch format {
        case .sse: Array("data: ".utf8) + payload + [0x0A, 0x0A]
        case .ndjson: payload + [0x0A]
        }
    }

    private func framed<Frame>(_ cut: () throws -> [Frame]) throws(DialectError) -> [Frame] {
        do {
            return try cut()
        } catch {
            let kind = format == .sse ? "server-sent events" : "lines of JSON"
            throw .shape(field: "stream", expected: "\(kind) of at most 1 MiB")
        }
    }

    private mutating func decode(_ events: [ServerSentEvent]) throws(DialectError) -> [StreamEvent] {
        var decoded: [StreamEvent] = []
        for event in events {
            decoded.append(try decode(bytes: event.bytes, preamble: event.otherLines, payload: event.data ?? []))
        }
        return decoded
    }

    private mutating func decode(_ lines: [[UInt8]]) throws(DialectError) -> [StreamEvent] {
        var decoded: [StreamEvent] = []
        for line in lines { decoded.append(try decode(bytes: line, preamble: [], payload: line)) }
        return decoded
    }
}

// MARK: - Events

extension CustomStreamReader {
    private mutating func decode(
        bytes: [UInt8],
        preamble: [UInt8],
        payload: [UInt8]
    ) throws(DialectError) -> StreamEvent {
        guard !JSONLines.isBlank(payload) else { return StreamEvent(bytes: bytes) }
        guard !isEnd(payload) else { return StreamEvent(bytes: bytes, finished: [0], isEnd: true) }
        let reader = try DocumentReader(payload, surrogates: .replace, isAnswer: true)
        var event = StreamEvent(bytes: bytes, preamble: preamble, payload: payload, choices: [0])
        let (pieces, rest) = try reader.answerFields(replyAt: dialect.delta)
        event.add(named(pieces), of: 0, by: reader)
        said += pieces.first.flatMap { reader.document.string($0.value) } ?? ""
        // The whole reply, said again at the end.
        let restated =
            dialect.settings.delta == nil
            ? []
            : try reader.answerFields(replyAt: dialect.settings.reply).reply
                .filter { reply in !pieces.contains { $0.pointer == reply.pointer } }
        event.add(
            named(restated).map { reader.document.string($0.value) == said ? $0.repeated : $0 },
            of: 0,
            by: reader
        )
        let known = Set(restated.map(\.pointer))
        event.add(rest.filter { !known.contains($0.pointer) }.compactMap { note($0, by: reader) }, of: 0, by: reader)
        event.isError =
            switch reader.document.root["error"]?.kind {
            case .object, .array: true
            case .string: reader.document.string(reader.document.root["error"]) != ""
            default: false
            }
        return event
    }

    private func isEnd(_ payload: [UInt8]) -> Bool {
        func bare(_ text: String) -> String { text.filter { !$0.isWhitespace } }
        let found = bare(String(decoding: payload, as: UTF8.self))
        return found == bare(dialect.settings.end) || (format == .sse && found == "[DONE]")
    }

    /// Fields under the names that they would have in a whole answer, so that a piece and the whole are told to be one.
    private func named(_ fields: [DocumentField]) -> [DocumentField] {
        fields.enumerated().map { DocumentField(kind: .text, pointer: replyPointer($0), value: $1.value) }
    }

    private func replyPointer(_ index: Int) -> String {
        let pointer = dialect.settings.reply.steps.reduce(into: "") { pointer, step in
            switch step {
            case .key(let key): pointer += JSONText.pointerStep(key)
            case .index(let index): pointer += "/\(max(0, index))"
            case .every: pointer += "/0"
            }
        }
        return index == 0 ? pointer : "\(pointer)/\(index)"
    }

    /// A string beside the text: one that stays as it was is no news; times and UUIDs, new in each event, are no words.
    private mutating func note(_ field: DocumentField, by reader: DocumentReader) -> DocumentField? {
        guard field.kind.isText, let text = reader.document.string(field.value) else { return field }
        guard !isStamp(text) else { return nil }
        var field = field
        field.isRepeated = latest[field.pointer] == nil || latest[field.pointer] == text
        latest[field.pointer] = text
        return field
    }

    /// Whether a text is a UUID or a time as ISO 8601 writes it.
    private func isStamp(_ text: String) -> Bool {
        switch text.utf8.count {
        case 36:
            let uuid = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/
            return text.wholeMatch(of: uuid) != nil
        case 19...35:
            let time = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?/
            return text.wholeMatch(of: time) != nil
        default:
            return false
        }
    }
}
