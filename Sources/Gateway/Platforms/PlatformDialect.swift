import Moderation

/// One event of a chat platform as a request, and a bot's answer to it.
struct PlatformDialect: Dialect {
    let platform: any ChatPlatform
    /// What the platform sent.
    let event: JSONDocument

    var name: String { platform.name }

    var fieldNames: FieldNames {
        let paths = platform.words + platform.replies
        return FieldNames(Set(paths.flatMap(\.keys)).union(["elements", "fields", "options", "value"]))
    }

    /// None: a webhook's path is the operator's choice.
    func route(of target: RequestTarget) -> DialectRoute? { nil }

    func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let document = reader.document
        guard document.root.members != nil else { throw .shape(field: "event", expected: "an object") }
        var named: Set<String> = []
        let words = platform.words.flatMap { $0.values(in: document) }
            .flatMap { reader.fields(in: $0.value, at: $0.pointer) }
            .filter { !isIdentifier($0, by: reader) && named.insert($0.pointer).inserted }
        let others = reader.words(in: document.root, key: "", kind: .unknown, at: "").filter {
            !named.contains($0.pointer)
        }
        let listed = others.map { Part(kind: $0.kind, text: document.string($0.value) ?? "", pointer: $0.pointer) }
        return DecodedRequest(
            route: route,
            document: document,
            conversation: Conversation(turns: [
                Turn(role: .system, parts: listed), Turn(role: .user, parts: reader.parts(words)),
            ]),
            model: platform.bot.flatMap { event.text(at: $0) },
            isStreamed: false,
            channel: channel,
            conversationID: platform.thread.lazy.compactMap { event.text(at: $0) }.first.map { "\(channel)/\($0)" }
        )
    }

    func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }

    /// What a bot says: JSON, mere words, or nothing.
    func decodeResponse(_ body: [UInt8], to request: DecodedRequest) throws(DialectError) -> DecodedResponse {
        let start = body.first { !JSONLines.isBlank([$0]) }
        guard let start else { return DecodedResponse(document: event, choices: []) }
        guard start == UInt8(ascii: "{") || start == UInt8(ascii: "[") else { return try words(body) }
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        let replies = platform.replies.flatMap { $0.values(in: reader.document) }
            .flatMap { reader.texts(in: $0.value, kind: .text, at: $0.pointer) }
        let named = Set(replies.map(\.pointer))
        let others = reader.words(in: reader.document.root, key: "", kind: .text, at: "").filter {
            !named.contains($0.pointer)
        }
        return response(reader.document, parts: reader.parts(replies + others))
    }

    /// An answer of mere words, as a document of one string.
    private func words(_ body: [UInt8]) throws(DialectError) -> DecodedResponse {
        guard let text = String(validating: body, as: UTF8.self) else {
            throw .shape(field: "response", expected: "JSON or text")
        }
        let literal = Array(JSONText.quoted(text).utf8)
        let reader = try DocumentReader(literal, surrogates: .replace, isAnswer: true)
        return response(reader.document, parts: [Part(kind: .text, text: text, pointer: "")])
    }

    private func response(_ document: JSONDocument, parts: [Part]) -> DecodedResponse {
        let turn = Turn(role: .assistant, parts: parts)
        let choice = DecodedResponse.Choice(index: 0, turn: turn, value: document.root)
        return DecodedResponse(document: document, choices: [choice])
    }

    func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        guard let choice = response.choices.first, let change = changes.first else { return [] }
        let words = response.document.string(choice.value)
        switch change {
        case .keep:
            return words.map { Array($0.utf8) } ?? response.document.bytes
        case .redact(let redactions):
            guard let words else { return try response.document.replacing(redactions) }
            return Array(redactions.reduce(words) { $0.replacing($1.matches) }.utf8)
        case .refuse(let reply):
            return Array((words == nil ? platform.message(reply, to: event) : reply).utf8)
        }
    }

    /// Workspace and channel, such as `slack/T024/C012`.
    private var channel: String {
        let names = platform.namespace.compactMap { event.text(at: $0) }.map { PlainName.shown($0, limit: 64) }
        return ([name] + names).joined(separator: "/")
    }

    private func isIdentifier(_ field: DocumentField, by reader: DocumentReader) -> Bool {
        let step = field.pointer.split(separator: "/").last.map(String.init) ?? ""
        return platform.identifiers.contains(step) && reader.isLabel(field.value)
    }

    func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        ResponsePayload(bytes: Array(platform.message(reply, to: event).utf8))
    }

    func errorBody(_ error: PublicError) -> [UInt8] { OpenAIChatDialect().errorBody(error) }

    /// None: a bot's answer to a webhook comes whole.
    func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? { nil }
}
