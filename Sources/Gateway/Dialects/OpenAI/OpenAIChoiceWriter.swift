import Foundation
import Moderation

/// Writes what APIs with `choices` say no with: chat completions and the older text completions.
struct OpenAIChoiceWriter: Sendable, Hashable {
    /// What a choice carries.
    enum Form: Sendable {
        /// A chat message.
        case message
        /// A text.
        case text
    }

    var form: Form
    /// What content filters found, as a JSON object, where the API says so.
    var filterResults: String?

    /// A choice that says no and nothing else of what the chatbot said.
    ///
    /// The reply stands in `content`, and `refusal` stays null: an empty assistant message makes agent frameworks ask
    /// again, and a filled `refusal` is raised as an error by some.
    func refusedChoice(index: Int, reply: String) -> String {
        let reply = JSONText.quoted(reply)
        let said =
            switch form {
            case .message: "\"message\":{\"role\":\"assistant\",\"content\":\(reply),\"refusal\":null}"
            case .text: "\"text\":\(reply)"
            }
        return "{\"index\":\(index),\(said),\"logprobs\":null,\"finish_reason\":\"content_filter\"\(filtered)}"
    }

    /// An answer, whole or streamed, whose choices are the reply.
    func refusal(_ reply: String, to request: DecodedRequest, id: String, choiceCount: Int = 1) -> ResponsePayload {
        let usage = "\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}"
        let envelope = OpenAIChatEnvelope(
            id: "\(form == .message ? "chatcmpl" : "cmpl")-\(id)",
            created: Int(Date().timeIntervalSince1970),
            model: request.model ?? "gatehouse"
        )
        guard request.isStreamed else {
            let choices = (0..<choiceCount).map { refusedChoice(index: $0, reply: reply) }.joined(separator: ",")
            let object = form == .message ? "chat.completion" : "text_completion"
            let body = "{\(envelope.members(object: object)),\"choices\":[\(choices)],\(usage)}"
            return ResponsePayload(bytes: Array(body.utf8))
        }
        var stream = (0..<choiceCount).map { refusalChunks(reply, of: envelope, choice: $0, isOpen: false) }.joined()
        if request.wantsUsage {
            stream += "data: {\(envelope.members(object: chunkObject)),\"choices\":[],\(usage)}\n\n"
        }
        stream += "data: [DONE]\n\n"
        return ResponsePayload(contentType: "text/event-stream", bytes: Array(stream.utf8))
    }

    /// The reply and the end of a choice, as two chunks.
    ///
    /// The role is only said once: SDKs join what is said twice.
    func refusalChunks(_ reply: String, of envelope: OpenAIChatEnvelope, choice: Int, isOpen: Bool) -> String {
        let head = envelope.members(object: chunkObject)
        func chunk(said: String, finish: String) -> String {
            "data: {\(head),\"choices\":[{\"index\":\(choice),\(said),\"finish_reason\":\(finish)}]}\n\n"
        }
        let reply = JSONText.quoted(reply)
        let finish = "\"content_filter\"\(filtered)"
        switch form {
        case .message:
            let role = isOpen ? "" : "\"role\":\"assistant\","
            return chunk(said: "\"delta\":{\(role)\"content\":\(reply)}", finish: "null")
                + chunk(said: "\"delta\":{}", finish: finish)
        case .text:
            return chunk(said: "\"text\":\(reply),\"logprobs\":null", finish: "null")
                + chunk(said: "\"text\":\"\",\"logprobs\":null", finish: finish)
        }
    }

    /// Blocked choices give way to a refusal, with the words that were judged as theirs; redacted ones lose their token
    /// probabilities, which would tell what was masked.
    func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8] {
        var all: [JSONDocument.Edit] = []
        for (choice, change) in zip(response.choices, changes) {
            switch change {
            case .keep:
                break
            case .refuse(let reply):
                let text = refusedChoice(index: choice.index, reply: reply)
                all.append(JSONDocument.Edit(range: choice.value.range, replacement: text))
                for part in choice.turn.parts where part.kind.isText {
                    guard let value = response.document.value(at: part.pointer),
                        !choice.value.range.contains(value.range.lowerBound)
                    else { continue }
                    all.append(JSONDocument.Edit(range: value.range, replacement: "\"\""))
                }
            case .redact(let redactions):
                let echo = choice.value["logprobs"].flatMap { $0.isNull ? nil : $0.range }
                all += try response.document.edits(for: redactions, dropping: echo.map { [$0] } ?? [])
            }
        }
        return response.document.replacing(all)
    }

    private var chunkObject: String { form == .message ? "chat.completion.chunk" : "text_completion" }

    private var filtered: String { filterResults.map { ",\"content_filter_results\":\($0)" } ?? "" }
}

/// What every object of one answer repeats.
struct OpenAIChatEnvelope: Sendable {
    var id: String
    /// Seconds since 1970.
    var created: Int
    var model: String

    func members(object: String) -> String {
        "\"id\":\(JSONText.quoted(id)),\"object\":\"\(object)\",\"created\":\(created),"
            + "\"model\":\(JSONText.quoted(model))"
    }
}
