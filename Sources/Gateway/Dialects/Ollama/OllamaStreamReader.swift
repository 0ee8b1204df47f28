import Moderation

/// Reads a stream of JSON lines.
struct OllamaStreamReader: StreamReader {
    private var lines = JSONLines()
    private var callsBegun = 0
    /// The newest line that the client was given.
    private var shown: [UInt8] = []
    private var isClosed = false
    private let method: OllamaMethod
    private let model: String

    init(method: OllamaMethod, model: String?) {
        self.method = method
        self.model = model ?? "gatehouse"
    }

    mutating func read(_ bytes: [UInt8]) throws(DialectError) -> [StreamEvent] {
        do {
            return try decode(lines.read(bytes))
        } catch let error as DialectError {
            throw error
        } catch {
            throw .shape(field: "stream", expected: "lines of at most 1 MiB")
        }
    }

    mutating func finish() throws(DialectError) -> [StreamEvent] { try decode(lines.finish()) }

    func rewrite(_ event: StreamEvent, texts: [Int: String]) -> [UInt8] {
        guard !texts.isEmpty else { return event.bytes }
        guard let document = try? JSONDocument(event.payload, surrogates: .replace) else { return [] }
        return document.replacing(event.edits(texts: texts))
    }

    mutating func released(_ event: StreamEvent) {
        if !event.payload.isEmpty { shown = event.payload }
        if event.isEnd { isClosed = true }
    }

    /// Ollama's clients take every line for an object.
    var keepAlive: [UInt8] { [] }

    func refusal(_ reply: String, choice: Int, isOpen: Bool) -> [UInt8] {
        guard !isClosed else { return [] }
        var envelope = OllamaEnvelope(method: method, model: model)
        if let reader = try? DocumentReader(shown, surrogates: .replace, isAnswer: true) {
            envelope.repeatLabels(of: reader)
        }
        return Array(envelope.refusalLines(reply).utf8)
    }

    func failure(_ error: PublicError) -> [UInt8] {
        isClosed ? [] : OllamaDialect().errorBody(error) + [0x0A]
    }

    private mutating func decode(_ lines: [[UInt8]]) throws(DialectError) -> [StreamEvent] {
        var events: [StreamEvent] = []
        for line in lines { events.append(try decode(line)) }
        return events
    }

    private mutating func decode(_ line: [UInt8]) throws(DialectError) -> StreamEvent {
        guard !JSONLines.isBlank(line) else { return StreamEvent(bytes: line) }
        let reader = try DocumentReader(line, surrogates: .replace, isAnswer: true)
        var answerReader = OllamaAnswerReader(reader: reader, callsBegun: callsBegun)
        let root = reader.document.root
        var event = StreamEvent(bytes: line, payload: line)
        event.add(try answerReader.fields(), of: 0, by: reader)
        callsBegun = answerReader.callsBegun
        event.choices = [0]
        event.echoes = OllamaEnvelope.echoes(in: reader.document)
        event.isError = root["error"].map { !$0.isNull } ?? false
        event.isEnd = root["done"]?.kind == .bool(true)
        if event.isEnd { event.finished = [0] }
        return event
    }
}

extension OllamaEnvelope {
    /// Values of an answer that repeat its text in another form: token probabilities, and tokens to send again.
    static func echoes(in answer: JSONDocument) -> [Range<Int>] {
        let context = answer.root["context"].flatMap { answer.strings(below: $0, at: "").isEmpty ? $0 : nil }
        return [answer.root["logprobs"], context].compactMap { $0?.range }
    }

    /// Takes name, time and numbers from an object of the same answer, but nothing that was read as words: that might
    /// have been masked.
    mutating func repeatLabels(of reader: DocumentReader) {
        let (document, root) = (reader.document, reader.document.root)
        if let value = root["model"], reader.isLabel(value) { model = document.string(value) ?? model }
        if let value = root["created_at"], reader.isLabel(value) { createdAt = document.string(value) ?? createdAt }
        let numbers = Self.countKeys.map { key in
            let value = root[key].flatMap { $0.kind == .number ? $0 : nil }
            return "\"\(key)\":\(value.map { String(decoding: document.bytes[$0.range], as: UTF8.self) } ?? "0")"
        }
        counts = numbers.joined(separator: ",")
    }
}
