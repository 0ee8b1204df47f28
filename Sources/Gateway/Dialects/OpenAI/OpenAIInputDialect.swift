public import Moderation

/// OpenAI's APIs that take an `input` and answer with numbers: embeddings, and moderations.
///
/// No answer of theirs can say no, so a blocked input is an error.
public struct OpenAIInputDialect: Dialect {
    /// `/v1/embeddings`.
    public static let embeddings = OpenAIInputDialect(name: "openai-embeddings", path: "/v1/embeddings")

    /// `/v1/moderations`; ``ModerationsRoute`` answers it.
    static let moderations = OpenAIInputDialect(name: "openai-moderations", path: "/v1/moderations")

    /// Fields of a request that are read elsewhere or carry no words.
    private static let parameters: Set<String> = ["dimensions", "encoding_format", "input", "model", "user"]
    /// Fields of an answer that carry no words.
    private static let answerLabels: Set<String> = ["object", "model", "id"]

    /// Such as `openai-embeddings`.
    public let name: String
    /// Where it answers.
    let path: String

    /// The path of the API, and nothing else.
    public func route(of target: RequestTarget) -> DialectRoute? {
        target.canonical == path ? DialectRoute(name: path) : nil
    }

    /// What stands in requests and answers.
    public var fieldNames: FieldNames {
        ["content", "data", "embedding", "image_url", "index", "input", "messages", "object", "text", "type", "url"]
    }

    /// Reads every string of the input, each as a turn of its own; parts of one message are one turn.
    ///
    /// What nobody knows stands with the first.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "request", expected: "an object") }
        try reader.checkSpelling(of: members, known: ["input", "model"])
        guard let input = members.first(where: { $0.key == "input" }), !input.value.isNull else {
            throw .shape(field: "input", expected: "a string or an array")
        }
        var turns: [[DocumentField]] = []
        if input.value.elements?.contains(where: { $0.members != nil }) == true {
            turns = [try parts(input.value, by: OpenAIItemReader(reader: reader))]
        } else {
            turns = try OpenAICompletionsDialect.inputs(input.value, at: "/input", of: reader).map { [$0] }
        }
        let others = members.filter { $0.key != "input" }.flatMap { member in
            Self.parameters.contains(member.key)
                ? reader.settings(in: member, at: JSONText.pointerStep(member.key)) : reader.unknown(member, at: "")
        }
        turns[0] += others
        return DecodedRequest(
            route: route,
            document: document,
            conversation: Conversation(turns: turns.map { Turn(role: .user, parts: reader.parts($0)) }),
            model: document.string(document.root["model"]) ?? route.model,
            isStreamed: false
        )
    }

    /// Texts and images that are one input together.
    private func parts(_ input: JSONValue, by reader: OpenAIItemReader) throws(DialectError) -> [DocumentField] {
        var fields: [DocumentField] = []
        for (index, part) in (input.elements ?? []).enumerated() {
            fields += try reader.part(part, kind: .text, at: "/input/\(index)")
        }
        return fields
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }

    /// Reads whatever could hold words; numbers, also those written in base64, can't.
    public func decodeResponse(_ body: [UInt8], to request: DecodedRequest) throws(DialectError) -> DecodedResponse {
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        let document = reader.document
        guard document.root.members != nil else { throw .shape(field: "response", expected: "an object") }
        let fields = document.strings(below: document.root, at: "").filter { string in
            let key = string.pointer.split(separator: "/").last.map(String.init) ?? ""
            if Self.answerLabels.contains(key), reader.isLabel(string.value) { return false }
            return key != "embedding" || !isNumbers(document.bytes[string.value.range].dropFirst().dropLast())
        }.map { DocumentField(kind: .text, pointer: $0.pointer, value: $0.value) }
        let turn = Turn(role: .assistant, parts: reader.parts(fields))
        let choice = DecodedResponse.Choice(index: 0, turn: turn, value: document.root)
        return DecodedResponse(document: document, choices: fields.isEmpty ? [] : [choice])
    }

    /// Whether a string is numbers of four bytes each, written in base64.
    private func isNumbers(_ text: ArraySlice<UInt8>) -> Bool {
        let digits = text.prefix { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        let padding = text.dropFirst(digits.count)
        return padding.count < 3 && padding.allSatisfy { $0 == UInt8(ascii: "=") } && text.count % 4 == 0
            && digits.count * 3 / 4 % 4 == 0
    }

    /// Blocked words give way to nothing: the numbers are all that was asked for.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        let document = response.document
        guard let choice = response.choices.first, let change = changes.first else { return document.bytes }
        switch change {
        case .keep:
            return document.bytes
        case .redact(let redactions):
            return try document.replacing(redactions)
        case .refuse:
            return document.replacing(
                choice.turn.parts.compactMap { part in
                    document.value(at: part.pointer).map { JSONDocument.Edit(range: $0.range, replacement: "\"\"") }
                }
            )
        }
    }

    /// OpenAI's error for content that it does not take.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        let error = GatewayError.promptBlocked(.content, reply: reply).publicError
        return ResponsePayload(status: error.status, bytes: errorBody(error))
    }

    /// OpenAI's error object.
    public func errorBody(_ error: PublicError) -> [UInt8] { OpenAIChatDialect().errorBody(error) }

    /// These APIs don't stream.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? { nil }
}
