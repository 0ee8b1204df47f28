public import Moderation

extension GeminiDialect {
    /// Fields of a request that carry words, and those that set how the chatbot works.
    private static let keys = [
        "contents", "content", "systemInstruction", "generateContentRequest", "requests", "title", "tools",
        "generationConfig", "model",
    ]
    private static let parameters = GeminiObjectReader.spellings(
        keys + [
            "toolConfig", "safetySettings", "labels", "store", "serviceTier", "taskType", "outputDimensionality",
            "embedContentConfig", "modelArmorConfig",
        ]
    )
    .subtracting(["tools"])
    private static let generationParameters = GeminiObjectReader.spellings([
        "temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "responseLogprobs",
        "logprobs", "presencePenalty", "frequencyPenalty", "seed", "responseMimeType", "responseModalities",
        "speechConfig", "thinkingConfig", "imageConfig", "mediaResolution", "routingConfig", "modelSelectionConfig",
        "audioTimestamp", "enableEnhancedCivicAnswers",
    ])

    /// Reads instructions and contents with every text, call and medium in them, and lists tools and unknown fields.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let request = try GeminiRequestReader(
            reader: reader,
            parameters: Self.parameters,
            generationParameters: Self.generationParameters,
            keys: Self.keys
        )
        .read(reader.document.root, at: "")
        guard request.hasContents else { throw .shape(field: "contents", expected: "an array") }
        return DecodedRequest(
            route: route,
            document: reader.document,
            conversation: Conversation(turns: request.turns),
            model: route.model,
            isStreamed: route.isStreamed,
            choiceCount: max(1, request.candidateCount)
        )
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }
}

/// Reads a request, and the requests that some methods have inside theirs.
private struct GeminiRequestReader {
    struct Request {
        var turns: [Turn] = []
        var hasContents = false
        var candidateCount = 1

        mutating func add(_ other: Request) {
            turns += other.turns
            hasContents = hasContents || other.hasContents
        }
    }

    let reader: DocumentReader
    let parameters: Set<String>
    let generationParameters: Set<String>
    let keys: [String]

    func read(_ value: JSONValue, at pointer: String) throws(DialectError) -> Request {
        let objects = GeminiObjectReader(reader: reader)
        let members = try objects.members(of: value, field: "request", known: keys)
        var request = Request()
        let operatorParts = unscanned(members.map(\.member), parameters: parameters, at: pointer)
        if !operatorParts.isEmpty { request.turns.append(Turn(role: .system, parts: operatorParts)) }
        // Instructions stand before what they are about, wherever they stand in the document.
        let instructions = members.filter { $0.name == "systemInstruction" }
        for member in instructions + members.filter({ $0.name != "systemInstruction" }) {
            let place = pointer + JSONText.pointerStep(member.member.key)
            switch member.name {
            case "systemInstruction":
                request.turns += try turns(of: member.value, role: .system, at: place)
            case "content":
                request.hasContents = true
                request.turns += try turns(of: member.value, role: nil, at: place)
            case "contents":
                let items = try objects.items(of: member.value, field: "contents", at: place)
                request.hasContents = request.hasContents || !items.isEmpty
                for item in items { request.turns += try turns(of: item.value, role: nil, at: item.pointer) }
            case "requests", "generateContentRequest":
                for item in try objects.items(of: member.value, field: member.name, at: place) {
                    request.add(try read(item.value, at: item.pointer))
                }
            case "title":
                let fields = reader.texts(in: member.value, kind: .text, at: place)
                request.turns.append(Turn(role: .user, parts: reader.parts(fields)))
            case "generationConfig":
                let known = ["candidateCount"]
                let settings = try objects.members(of: member.value, field: member.name, known: known)
                let count = settings.first { $0.name == "candidateCount" }?.value
                request.candidateCount = reader.document.integer(count) ?? 1
                let parts = unscanned(settings.map(\.member), parameters: generationParameters, at: place)
                if !parts.isEmpty { request.turns.insert(Turn(role: .system, parts: parts), at: 0) }
            default:
                break
            }
        }
        return request
    }

    /// The turns of a content: what tools gave back is for itself, whoever is said to speak.
    private func turns(of content: JSONValue, role: Role?, at pointer: String) throws(DialectError) -> [Turn] {
        var contents = GeminiContentReader(reader: reader)
        let role = role ?? contents.role(of: content)
        var turns: [Turn] = []
        for part in try contents.parts(of: content, role: role, at: pointer) where !part.fields.isEmpty {
            let speaker = part.isToolResult && role != .system ? .tool : role
            let parts = reader.parts(part.fields)
            if turns.last?.role == speaker {
                turns[turns.count - 1].parts += parts
            } else {
                turns.append(Turn(role: speaker, parts: parts))
            }
        }
        return turns
    }

    private func unscanned(_ members: [JSONMember], parameters: Set<String>, at pointer: String) -> [Part] {
        reader.unscannedParts(of: members, parameters: parameters, tools: ["tools"]).map { part in
            var part = part
            part.pointer = pointer + part.pointer
            return part
        }
    }
}
