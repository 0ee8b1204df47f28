import Moderation

/// Reads a stream of `response.*` events.
///
/// Texts grow by `.delta` events and are said again, whole, by `.done` events, by the items and parts that are added or done,
/// and by the last event: all of them name the same place of the answer.
struct OpenAIResponsesStreamReader: StreamReader {
    /// What an event does to the client's view of the stream.
    private struct Step: Sendable, Hashable {
        var sequence: Int?
        var begins: OpenAIResponseBeginning?
        var opens: OpenAIGivenItem?
        var closes: Int?
    }

    private var events = ServerSentEvents()
    private let echoed: Set<String>
    /// Steps of the events that were read and not yet released, in order.
    private var steps: [Step] = []
    private var beginning: OpenAIResponseBeginning?
    /// Items that the client was given.
    private var items: [Int: OpenAIGivenItem] = [:]
    private var sequence = 0

    /// - Parameter echoed: every string of the request, which events may repeat.
    init(echoed: Set<String>) {
        self.echoed = echoed
    }

    mutating func read(_ bytes: [UInt8]) throws(DialectError) -> [StreamEvent] {
        try decode(events.events(completedBy: bytes))
    }

    mutating func finish() throws(DialectError) -> [StreamEvent] { try decode(events.events(completedBy: nil)) }

    func rewrite(_ event: StreamEvent, texts: [Int: String]) -> [UInt8] { event.rewritten(texts: texts, echo: "[]") }

    var keepAlive: [UInt8] { ServerSentEvents.keepAlive }

    mutating func released(_ event: StreamEvent) {
        guard !steps.isEmpty else { return }
        let step = steps.removeFirst()
        if let number = step.sequence { sequence = number + 1 }
        if let begins = step.begins { beginning = begins }
        if let item = step.opens { items[item.index] = item }
        if let index = step.closes { items[index]?.isOpen = false }
    }

    /// Closes the messages and reasoning that the client was given the beginning of, and says the reply in a message of its
    /// own.
    ///
    /// What they are closed with has no text, here and in the last event: what was said so far is withdrawn. The call of a
    /// tool is left open and not said again, since a client takes a closed one for complete and runs it.
    func refusal(_ reply: String, choice: Int, isOpen: Bool) -> [UInt8] {
        var writer = writer
        var text = beginning == nil ? writer.beginning() : ""
        let given = items.values.sorted { $0.index < $1.index }
        for item in given where item.isOpen {
            guard let closed = item.closed else { continue }
            text += writer.event("response.output_item.done", "\"output_index\":\(item.index),\"item\":\(closed)")
        }
        let next = (given.last?.index ?? -1) + 1
        return Array((text + writer.refusal(reply, index: next, after: given.compactMap(\.closed))).utf8)
    }

    /// The API's `error` event, with the error object that the official clients look for.
    func failure(_ error: PublicError) -> [UInt8] {
        var writer = writer
        let body = String(decoding: OpenAIChatDialect().errorBody(error), as: UTF8.self)
        let members =
            "\"code\":\(JSONText.quoted(error.code)),\"message\":\(JSONText.quoted(error.message)),\"param\":null,"
            + body.dropFirst().dropLast()
        return Array(writer.event("error", members).utf8)
    }

    private var writer: OpenAIResponseEventWriter {
        let begun = beginning ?? OpenAIResponseBeginning(id: "resp_gatehouse", created: "0", model: "gatehouse")
        let object = OpenAIResponseObject(id: begun.id, created: begun.created, model: begun.model)
        return OpenAIResponseEventWriter(object: object, sequence: sequence)
    }
}

/// How a streamed response called itself when it began.
struct OpenAIResponseBeginning: Sendable, Hashable {
    var id: String
    /// Seconds since 1970, as a JSON number.
    var created: String
    var model: String
}

/// An item of a streamed response that the client was given, at least its beginning.
struct OpenAIGivenItem: Sendable, Hashable {
    var index: Int
    /// Whether it did not end yet.
    var isOpen = true
    var id: String
    var type: String

    /// The item cut short, without its text; nil for one that is better left open.
    var closed: String? {
        switch type {
        case "message":
            OpenAIResponseObject.item(id: id, status: "incomplete", content: "")
        case "reasoning":
            "{\"id\":\(JSONText.quoted(id)),\"type\":\"reasoning\",\"status\":\"incomplete\",\"summary\":[]}"
        default:
            nil
        }
    }
}

// MARK: - Events

extension OpenAIResponsesStreamReader {
    private mutating func decode(_ events: [ServerSentEvent]) throws(DialectError) -> [StreamEvent] {
        var decoded: [StreamEvent] = []
        for event in events { decoded.append(try decode(event)) }
        return decoded
    }

    private mutating func decode(_ event: ServerSentEvent) throws(DialectError) -> StreamEvent {
        var decoded = StreamEvent(bytes: event.bytes, isEnd: event.isDone)
        var step = Step()
        if let data = event.data, !event.isDone {
            let reader = try DocumentReader(data, surrogates: .replace, isAnswer: true)
            let document = reader.document
            guard document.root.members != nil else { throw .shape(field: "event", expected: "an object") }
            let eventReader = OpenAIResponseEventReader(items: OpenAIItemReader(reader: reader), echoed: echoed)
            decoded.preamble = event.otherLines
            decoded.payload = data
            decoded.choices = [0]
            try eventReader.read(into: &decoded)
            step = Self.step(of: document)
        }
        steps.append(step)
        return decoded
    }

    private static func step(of document: JSONDocument) -> Step {
        let root = document.root
        var step = Step(sequence: document.integer(root["sequence_number"]))
        let index = document.integer(root["output_index"]) ?? 0
        switch document.string(root["type"]) {
        case let type? where OpenAIResponseEventReader.beginnings.contains(type):
            let created = root["response"]?["created_at"]
            let isNumber = created?.kind == .number
            step.begins = OpenAIResponseBeginning(
                id: document.string(root["response"]?["id"]) ?? "resp_gatehouse",
                created: isNumber
                    ? created.map { String(decoding: document.bytes[$0.range], as: UTF8.self) } ?? "0" : "0",
                model: document.string(root["response"]?["model"]) ?? "gatehouse"
            )
        case "response.output_item.added":
            let item = root["item"]
            step.opens = OpenAIGivenItem(
                index: index,
                id: document.string(item?["id"]) ?? "",
                type: document.string(item?["type"]) ?? ""
            )
        case "response.output_item.done":
            step.closes = index
        default:
            break
        }
        return step
    }
}
