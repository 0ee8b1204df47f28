/// A `response` of the gateway's own.
struct OpenAIResponseObject: Sendable {
    /// What an answer that no chatbot gave costs.
    static let noUsage =
        "{\"input_tokens\":0,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":0,"
        + "\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":0}"

    var id: String
    /// Seconds since 1970, as a JSON number.
    var created: String
    var model: String
    /// Token counts as JSON; null where only the chatbot knows them.
    var usage = "null"

    /// The object while it has no output yet.
    var begun: String { object(status: "in_progress", details: "null", output: "", usage: "null") }

    /// The object with the reply for its output.
    ///
    /// - Parameter earlier: items that stand before it.
    func refused(_ reply: String, after earlier: [String] = []) -> String {
        object(
            status: "incomplete",
            details: "{\"reason\":\"content_filter\"}",
            output: (earlier + [Self.message(reply, id: Self.messageID(of: id))]).joined(separator: ","),
            usage: usage
        )
    }

    private func object(status: String, details: String, output: String, usage: String) -> String {
        let members = [
            "\"id\":\(JSONText.quoted(id))", "\"object\":\"response\"", "\"created_at\":\(created)",
            "\"status\":\"\(status)\"", "\"error\":null", "\"incomplete_details\":\(details)", "\"instructions\":null",
            "\"metadata\":{}", "\"model\":\(JSONText.quoted(model))", "\"output\":[\(output)]",
            "\"parallel_tool_calls\":true", "\"temperature\":null", "\"tool_choice\":\"auto\"", "\"tools\":[]",
            "\"top_p\":null", "\"usage\":\(usage)",
        ]
        return "{\(members.joined(separator: ","))}"
    }

    /// The id of the message with the reply.
    static func messageID(of response: String) -> String { "msg_\(response)" }

    /// The chatbot's message with a reply.
    static func message(_ reply: String, id: String) -> String {
        item(id: id, status: "completed", content: part(reply))
    }

    /// A message item.
    static func item(id: String, status: String, content: String) -> String {
        "{\"id\":\(JSONText.quoted(id)),\"type\":\"message\",\"role\":\"assistant\",\"status\":\"\(status)\","
            + "\"content\":[\(content)]}"
    }

    /// A part of a message.
    static func part(_ text: String) -> String {
        "{\"type\":\"output_text\",\"text\":\(JSONText.quoted(text)),\"annotations\":[],\"logprobs\":[]}"
    }
}

/// Writes events of a streamed response, numbered one after the other.
struct OpenAIResponseEventWriter {
    var object: OpenAIResponseObject
    /// The number of the next event.
    var sequence = 0

    /// An event with some members beside its type and number.
    mutating func event(_ type: String, _ members: String) -> String {
        defer { sequence += 1 }
        return "event: \(type)\ndata: {\"type\":\"\(type)\",\"sequence_number\":\(sequence),\(members)}\n\n"
    }

    /// The events that a stream begins with.
    mutating func beginning() -> String {
        event("response.created", "\"response\":\(object.begun)")
            + event("response.in_progress", "\"response\":\(object.begun)")
    }

    /// The reply as an item of its own, and the end of the stream.
    ///
    /// - Parameter earlier: items of the answer that the end says again before the reply.
    mutating func refusal(_ reply: String, index: Int, after earlier: [String] = []) -> String {
        let id = OpenAIResponseObject.messageID(of: object.id)
        let place = "\"output_index\":\(index)"
        let inPart = "\"item_id\":\(JSONText.quoted(id)),\(place),\"content_index\":0"
        let text = JSONText.quoted(reply)
        func item(_ status: String, _ content: String) -> String {
            "\(place),\"item\":\(OpenAIResponseObject.item(id: id, status: status, content: content))"
        }
        return event("response.output_item.added", item("in_progress", ""))
            + event("response.content_part.added", "\(inPart),\"part\":\(OpenAIResponseObject.part(""))")
            + event("response.output_text.delta", "\(inPart),\"delta\":\(text),\"logprobs\":[]")
            + event("response.output_text.done", "\(inPart),\"text\":\(text),\"logprobs\":[]")
            + event("response.content_part.done", "\(inPart),\"part\":\(OpenAIResponseObject.part(reply))")
            + event("response.output_item.done", item("completed", OpenAIResponseObject.part(reply)))
            + event("response.incomplete", "\"response\":\(object.refused(reply, after: earlier))")
    }
}
