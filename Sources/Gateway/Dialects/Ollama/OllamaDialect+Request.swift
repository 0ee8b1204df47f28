public import Moderation

extension OllamaDialect {
    /// Fields of a request that carry words.
    private static let wordKeys = ["messages", "prompt", "suffix", "template", "system", "input", "images"]
    /// Fields that set how the chatbot works and carry no words to it, and those that are read.
    private static let parameters = Set(
        wordKeys + [
            "model", "stream", "raw", "options", "keep_alive", "think", "truncate", "shift", "logprobs", "top_logprobs",
            "dimensions", "width", "height", "steps",
        ]
    )

    /// Reads messages, prompts and pictures, and lists tool definitions, tokens of an earlier answer and unknown fields.
    public func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest {
        let reader = try DocumentReader(body, surrogates: .reject, isAnswer: false)
        let document = reader.document
        guard let members = document.root.members else { throw .shape(field: "request", expected: "an object") }
        let known = Self.wordKeys + ["model", "stream", "tools", "context", "format"]
        try reader.checkSpelling(of: members, known: known)
        var parameters = Self.parameters
        if let format = document.root["format"], reader.isLabel(format) { parameters.insert("format") }
        var turns: [Turn] = []
        let operatorParts = reader.unscannedParts(of: members, parameters: parameters, tools: ["tools", "format"])
        if !operatorParts.isEmpty { turns.append(Turn(role: .system, parts: operatorParts)) }
        if let system = document.root["system"] {
            turns.append(Turn(role: .system, parts: reader.parts(reader.texts(in: system, kind: .text, at: "/system"))))
        }
        if let messages = document.root["messages"] { turns += try self.turns(of: messages, by: reader) }
        let said = members.filter { ["prompt", "suffix", "template", "input", "images"].contains($0.key) }
        let words = said.flatMap { self.words(of: $0, by: reader) }
        if !words.isEmpty { turns.append(Turn(role: .user, parts: reader.parts(words))) }
        let method = OllamaMethod(rawValue: route.name)
        return DecodedRequest(
            route: route,
            document: document,
            conversation: Conversation(turns: turns),
            model: document.string(document.root["model"]),
            isStreamed: method?.generates == true && document.root["stream"]?.kind != .bool(false)
        )
    }

    /// Replaces matches in the strings that the redactions point at.
    public func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8] {
        try request.document.replacing(redactions)
    }

    private func turns(of messages: JSONValue, by reader: DocumentReader) throws(DialectError) -> [Turn] {
        guard let elements = messages.elements else { throw .shape(field: "messages", expected: "an array") }
        var turns: [Turn] = []
        var messageReader = OllamaAnswerReader(reader: reader)
        for (index, message) in elements.enumerated() {
            let role = role(named: reader.document.string(message["role"]))
            messageReader.callsBegun = 0
            let fields = try messageReader.fields(ofMessage: message, role: role, at: "/messages/\(index)")
            turns.append(Turn(role: role, parts: reader.parts(fields)))
        }
        return turns
    }

    /// A template is the client's own, and says to the chatbot whatever stands in it.
    private func words(of member: JSONMember, by reader: DocumentReader) -> [DocumentField] {
        if member.key == "images" { return OllamaAnswerReader(reader: reader).images(member, at: "") }
        return reader.texts(in: member.value, kind: .text, at: JSONText.pointerStep(member.key))
    }

    /// A name that nobody knows is taken for a person's: what it says is judged.
    private func role(named name: String?) -> Role {
        switch name {
        case "system": .system
        case "assistant": .assistant
        case "tool": .tool
        default: .user
        }
    }
}
