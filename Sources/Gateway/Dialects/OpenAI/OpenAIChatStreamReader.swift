import Moderation

/// Reads a stream of chat completion chunks, or of the older text completions.
struct OpenAIChatStreamReader: StreamReader {
    let writer: OpenAIChoiceWriter
    private var events = ServerSentEvents()
    private var envelope = OpenAIChatEnvelope(id: "chatcmpl-gatehouse", created: 0, model: "gatehouse")
    private var hasEnvelope = false

    init(writer: OpenAIChoiceWriter) {
        self.writer = writer
    }

    mutating func read(_ bytes: [UInt8]) throws(DialectError) -> [StreamEvent] {
        try decode(events.events(completedBy: bytes))
    }

    mutating func finish() throws(DialectError) -> [StreamEvent] { try decode(events.events(completedBy: nil)) }

    func rewrite(_ event: StreamEvent, texts: [Int: String]) -> [UInt8] { event.rewritten(texts: texts, echo: "null") }

    var keepAlive: [UInt8] { ServerSentEvents.keepAlive }

    func refusal(_ reply: String, choice: Int, isOpen: Bool) -> [UInt8] {
        let chunks = writer.refusalChunks(reply, of: envelope, choice: choice, isOpen: isOpen)
        return Array((chunks + "data: [DONE]\n\n").utf8)
    }

    func failure(_ error: PublicError) -> [UInt8] {
        Array("data: ".utf8) + OpenAIChatDialect().errorBody(error) + Array("\n\n".utf8)
    }
}

// MARK: - Chunks

extension OpenAIChatStreamReader {
    private mutating func decode(_ events: [ServerSentEvent]) throws(DialectError) -> [StreamEvent] {
        var decoded: [StreamEvent] = []
        for event in events { decoded.append(try decode(event)) }
        return decoded
    }

    private mutating func decode(_ event: ServerSentEvent) throws(DialectError) -> StreamEvent {
        guard let data = event.data else { return StreamEvent(bytes: event.bytes) }
        if event.isDone { return StreamEvent(bytes: event.bytes, isEnd: true) }
        let reader = try DocumentReader(data, surrogates: .replace, isAnswer: true)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "chunk", expected: "an object") }
        let messageReader = OpenAIMessageReader(reader: reader, isDelta: true)
        try reader.checkSpelling(of: members, known: ["choices"])
        noteEnvelope(by: reader)

        var chunk = StreamEvent(bytes: event.bytes, preamble: event.otherLines, payload: data)
        chunk.isError = document.root["error"].map { !$0.isNull } ?? false
        chunk.add(messageReader.envelopeFields(of: members), of: 0, by: reader)
        guard let choices = document.root["choices"], !choices.isNull else {
            // An event of another kind, which might say anything anywhere.
            guard chunk.isError || !messageReader.hasMoreThanEnvelope(members) else {
                throw .shape(field: "choices", expected: "an array")
            }
            return chunk
        }
        guard let elements = choices.elements else { throw .shape(field: "choices", expected: "an array") }
        for (position, choice) in elements.enumerated() {
            try decode(choice, position: position, by: messageReader, into: &chunk)
        }
        return chunk
    }

    private func decode(
        _ choice: JSONValue,
        position: Int,
        by messageReader: OpenAIMessageReader,
        into chunk: inout StreamEvent
    ) throws(DialectError) {
        let reader = messageReader.reader
        guard let members = choice.members else { throw .shape(field: "choices", expected: "an array of objects") }
        try reader.checkSpelling(of: members, known: ["delta", "message", "text"])
        let index = reader.document.integer(choice["index"]) ?? position
        let pointer = "/choices/\(index)"
        chunk.choices.append(index)
        var fields: [DocumentField] = []
        for member in reader.spoken(members) {
            switch member.key {
            case "delta", "message":
                fields += try messageReader.fields(of: member.value, role: .assistant, at: pointer + "/message")
            case "logprobs":
                chunk.echoes.append(member.value.range)
                if writer.form == .message {
                    fields += messageReader.probabilityFields(member.value, of: choice, at: pointer)
                } else if !OpenAICompletionsDialect.isEcho(in: choice, reader) {
                    fields += reader.texts(in: member.value, kind: .text, at: pointer + "/logprobs")
                }
            default:
                if member.key == "finish_reason" { chunk.finished.append(index) }
                fields += messageReader.choiceFields(of: member, at: pointer)
            }
        }
        chunk.add(fields, of: index, by: reader)
    }

    /// Takes id, time and model from the first chunk that says them, so that what is added looks like the rest.
    ///
    /// Words that stand there instead are the chatbot's, and a refusal must not repeat them.
    private mutating func noteEnvelope(by reader: DocumentReader) {
        let document = reader.document
        func label(_ key: String) -> String? {
            document.root[key].flatMap { reader.isLabel($0) ? document.string($0) : nil }
        }
        guard !hasEnvelope, let id = label("id") else { return }
        hasEnvelope = true
        envelope = OpenAIChatEnvelope(
            id: id,
            created: document.integer(document.root["created"]) ?? 0,
            model: label("model") ?? "gatehouse"
        )
    }
}
