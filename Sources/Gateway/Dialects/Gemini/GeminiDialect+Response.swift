import Moderation

extension GeminiDialect {
    /// Reads every candidate with its text, thoughts, calls and sources.
    ///
    /// An answer without candidates, such as a count of tokens, is one choice if it says anything, and none if not.
    public func decodeResponse(
        _ body: [UInt8],
        to request: DecodedRequest
    ) throws(DialectError) -> DecodedResponse {
        let reader = try DocumentReader(body, surrogates: .replace, isAnswer: true)
        var callsBegun: [Int: Int]?
        let answer = try GeminiCandidateReader(reader: reader).answer(callsBegun: &callsBegun)
        var choices = (answer.candidates ?? []).map { candidate in
            DecodedResponse.Choice(
                index: candidate.index,
                turn: Turn(role: .assistant, parts: reader.parts(candidate.fields)),
                value: candidate.value
            )
        }
        if choices.isEmpty, !answer.others.isEmpty {
            let turn = Turn(role: .assistant, parts: [])
            choices.append(DecodedResponse.Choice(index: 0, turn: turn, value: reader.document.root))
        }
        if !choices.isEmpty { choices[0].turn.parts += reader.parts(answer.others) }
        return DecodedResponse(document: reader.document, choices: choices)
    }

    /// Blocked candidates give way to a refusal, with the words that were judged as theirs; redacted ones lose their
    /// token probabilities, which would tell what was masked.
    public func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        let document = response.document
        var edits: [JSONDocument.Edit] = []
        for (choice, change) in zip(response.choices, changes) {
            switch change {
            case .keep:
                break
            case .refuse(let reply) where choice.value == document.root:
                return Array(GeminiEnvelope(id: "gatehouse", model: "gatehouse").refusedResponse(reply).utf8)
            case .refuse(let reply):
                let text = GeminiEnvelope.refusedCandidate(reply, index: choice.index)
                edits.append(JSONDocument.Edit(range: choice.value.range, replacement: text))
                for part in choice.turn.parts where part.kind.isText {
                    guard let value = document.value(at: part.pointer),
                        !choice.value.range.contains(value.range.lowerBound)
                    else { continue }
                    edits.append(JSONDocument.Edit(range: value.range, replacement: "\"\""))
                }
            case .redact(let redactions):
                let echo = choice.value["logprobsResult"] ?? choice.value["logprobs_result"]
                edits += try document.edits(for: redactions, dropping: echo.map { [$0.range] } ?? [])
            }
        }
        return document.replacing(edits)
    }
}
