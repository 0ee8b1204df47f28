public import Moderation

/// OpenAI's older text completions, as vLLM, llama.cpp's server and many more still speak them.
public struct OpenAICompletionsDialect: Dialect {
    /// Fields of a request that set how the chatbot works and carry no words to it.
    private static let parameters: Set<String> = [
        "best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "min_p", "model", "n",
        "presence_penalty", "prompt", "repetition_penalty", "seed", "stop", "stream", "stream_options", "suffix",
        "temperature", "top_k", "top_p", "user",
    ]
    /// Most answers that one prompt can ask for here.
    private static let maxAnswers = 128

    private let writer: OpenAIChoiceWriter

    /// Creates the dialect.
    public init() { self.init(filterResults: nil) }

    /// - Parameter filterResults: what a refused choice says of content filters, as a JSON object.
    init(filterResults: String?) {
        writer = OpenAIChoiceWriter(form: .text, filterResults: filterResults)
    }

    /// `openai-completions`.
    public var name: String { "openai-completions" }

    /// `/v1/completions`.
    public func route(of target: RequestTarget) -> DialectRoute? {
        target.canonical == "/v1/completions" ? DialectRoute(name: target.canonical) : nil
    }

    /// What stands in requests and answers.
    public var fieldNames: FieldNames {
        ["choices", "finish_reason", "index", "logprobs", "prompt", "stop_reason", "suffix", "text", "tokens"]
    }

    /// OpenAI's error object.
    public func errorBody(_ error: PublicError) -> [UInt8] { OpenAIChatDialect().errorBody(error) }

    /// A stream of completions.
    public func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)? {
        let isStream = mediaType == "text/event-stream" || (request.isStreamed && !mediaType.contains("json"))
        return isStream ? OpenAIChatStreamReader(writer: writer) : nil
    }

    /// A `text_completion`, or its stream, with the reply for each text that was asked for.
    public func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload {
        writer.refusal(reply, to: request, id: id, choiceCount: request.choiceCount)
    }
}

// MARK: - Requests

extension OpenAICompletionsDialect {
    /// Reads every prompt and the suffix; prompts given as numbers of tokens are listed.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "request", expected: "an object") }
        try reader.checkSpelling(of: members, known: ["prompt", "suffix", "model", "stream", "n"])
        guard let prompt = document.root["prompt"] else {
            throw .shape(field: "prompt", expected: "a string or an array")
        }
        var turns: [Turn] = []
        let others = reader.unscannedParts(of: members, parameters: Self.parameters, tools: [])
        if !others.isEmpty { turns.append(Turn(role: .system, parts: others)) }
        var fields = try Self.inputs(prompt, at: "/prompt", of: reader)
        if let suffix = document.root["suffix"] { fields += reader.texts(in: suffix, kind: .text, at: "/suffix") }
        turns.append(Turn(role: .user, parts: reader.parts(fields)))
        let prompts = prompt.elements.map { $0.contains { $0.kind != .number } ? $0.count : 1 } ?? 1
        let answers = min(max(1, document.integer(document.root["n"]) ?? 1), Self.maxAnswers)
        return DecodedRequest(
            route: route,
            document: document,
            conversation: Conversation(turns: turns),
            model: document.string(document.root["model"]) ?? route.model,
            isStreamed: document.root["stream"]?.kind == .bool(true),
            choiceCount: max(1, prompts * answers),
            wantsUsage: document.root["stream_options"]?["include_usage"]?.kind == .bool(true)
        )
    }

    /// A string, an array of strings, or tokens by their numbers; null is none.
    static func inputs(
        _ value: JSONValue,
        at pointer: String,
        of reader: DocumentReader
    ) throws(DialectError) -> [DocumentField] {
        func isTokens(_ value: JSONValue) -> Bool {
            guard let elements = value.elements, !elements.isEmpty else { return false }
            return elements.allSatisfy { $0.kind == .number }
        }
        if value.isNull { return [] }
        if value.isString { return [DocumentField(kind: .text, pointer: pointer, value: value)] }
        let listed = DocumentField(kind: .unknown, pointer: pointer, value: value)
        if isTokens(value) { return [listed] }
        var fields: [DocumentField] = []
        for (index, element) in (value.elements ?? []).enumerated() {
            let place = "\(pointer)/\(index)"
            if element.isString {
                fields.append(DocumentField(kind: .text, pointer: place, value: element))
            } else if isTokens(element) {
                fields.append(DocumentField(kind: .unknown, pointer: place, value: element))
            } else {
                throw .shape(field: String(pointer.dropFirst()), expected: "a string or an array of strings or tokens")
            }
        }
        guard !fields.isEmpty else {
            throw .shape(field: String(pointer.dropFirst()), expected: "a string or an array of strings or tokens")
        }
        return fields
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }
}

// MARK: - Answers

extension OpenAICompletionsDialect {
    /// Reads every choice with its text.
    public func decodeResponse(_ body: [UInt8], to request: DecodedRequest) throws(DialectError) -> DecodedResponse {
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "response", expected: "an object") }
        try reader.checkSpelling(of: members, known: ["choices"])
        guard let choices = document.root["choices"]?.elements, !choices.isEmpty else {
            throw .shape(field: "choices", expected: "an array with at least one choice")
        }
        let others = OpenAIMessageReader(reader: reader)
        var decoded: [DecodedResponse.Choice] = []
        for (position, choice) in choices.enumerated() {
            guard let members = choice.members else { throw .shape(field: "choices", expected: "an array of objects") }
            try reader.checkSpelling(of: members, known: ["text", "message", "delta"])
            let pointer = "/choices/\(position)"
            var fields: [DocumentField] = []
            for member in members {
                switch member.key {
                case "logprobs" where Self.isEcho(in: choice, reader): break
                case "text", "message", "logprobs":
                    fields += reader.texts(in: member.value, kind: .text, at: "\(pointer)/\(member.key)")
                default: fields += others.choiceFields(of: member, at: pointer)
                }
            }
            let turn = Turn(role: .assistant, parts: reader.parts(fields))
            let index = document.integer(choice["index"]) ?? position
            decoded.append(DecodedResponse.Choice(index: index, turn: turn, value: choice))
        }
        decoded[0].turn.parts += reader.parts(others.envelopeFields(of: members))
        return DecodedResponse(document: document, choices: decoded)
    }

    /// Whether a choice's token probabilities spell its text, and nothing else.
    static func isEcho(in choice: JSONValue, _ reader: DocumentReader) -> Bool {
        guard let logprobs = choice["logprobs"], let tokens = logprobs["tokens"]?.elements else { return false }
        return reader.isEcho(logprobs, spelling: tokens, of: [reader.document.string(choice["text"]) ?? ""])
    }

    /// Blocked choices give way to a refusal; redacted ones lose their token probabilities.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        try writer.rewrite(response, changes: changes)
    }
}
