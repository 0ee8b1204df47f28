import Moderation

extension OpenAIResponsesDialect {
    /// Reads every item of the output, as one choice.
    public func decodeResponse(
        _ body: [UInt8],
        to request: DecodedRequest
    ) throws(DialectError) -> DecodedResponse {
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        let root = reader.document.root
        guard root.members != nil else { throw .shape(field: "response", expected: "an object") }
        guard root["output"]?.elements != nil else { throw .shape(field: "output", expected: "an array") }
        let responseReader = OpenAIResponseReader(
            items: OpenAIItemReader(reader: reader),
            echoed: OpenAIResponseReader.echoes(of: request)
        )
        let turn = Turn(role: .assistant, parts: reader.parts(try responseReader.fields(of: root)))
        return DecodedResponse(
            document: reader.document,
            choices: [DecodedResponse.Choice(index: 0, turn: turn, value: root)]
        )
    }

    /// A blocked answer's output gives way to a message with the reply, and the words beside it go; redacted text loses its
    /// token probabilities, which would tell what was masked.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        let document = response.document
        guard let choice = response.choices.first, let change = changes.first else { return document.bytes }
        switch change {
        case .keep:
            return document.bytes
        case .redact(let redactions):
            var edits = try document.edits(for: redactions)
            for range in OpenAIItemReader.probabilities(below: document.root)
            where !edits.contains(where: { $0.range.overlaps(range) }) {
                edits.append(JSONDocument.Edit(range: range, replacement: "[]"))
            }
            return document.replacing(edits)
        case .refuse(let reply):
            return document.replacing(refusing(choice, in: document, reply: reply))
        }
    }

    private func refusing(
        _ choice: DecodedResponse.Choice,
        in document: JSONDocument,
        reply: String
    ) -> [JSONDocument.Edit] {
        // Words that stand in place of the id are the chatbot's, and the refusal must not repeat them.
        let isName = !choice.turn.parts.contains { $0.pointer == "/id" }
        let id = isName ? document.string(document.root["id"]) ?? "" : ""
        let replacements = [
            "output": "[\(OpenAIResponseObject.message(reply, id: OpenAIResponseObject.messageID(of: id)))]",
            "status": "\"incomplete\"",
            "incomplete_details": "{\"reason\":\"content_filter\"}",
            "error": "null",
        ]
        var edits: [JSONDocument.Edit] = []
        var missing: [String] = []
        for (key, replacement) in replacements.sorted(by: { $0.key < $1.key }) {
            if let value = document.root[key] {
                edits.append(JSONDocument.Edit(range: value.range, replacement: replacement))
            } else if key != "error" {
                missing.append("\"\(key)\":\(replacement),")
            }
        }
        let start = document.root.range.lowerBound + 1
        if !missing.isEmpty { edits.append(JSONDocument.Edit(range: start..<start, replacement: missing.joined())) }
        for part in choice.turn.parts where part.kind.isText {
            guard let value = document.value(at: part.pointer),
                !edits.contains(where: { $0.range.overlaps(value.range) })
            else { continue }
            edits.append(JSONDocument.Edit(range: value.range, replacement: "\"\""))
        }
        return edits
    }
}
