import Gateway

/// An event of OpenAI's Responses API, as an upstream sends it.
func responseEvent(_ type: String, _ number: Int, _ members: String) -> String {
    "event: \(type)\ndata: {\"type\":\"\(type)\",\"sequence_number\":\(number),\(members)}\n\n"
}

/// A `response` object.
func responseObject(status: String = "completed", output: String, extra: String = "") -> String {
    "{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":7,\"status\":\"\(status)\",\"error\":null,"
        + "\"incomplete_details\":null,\"instructions\":null,\"model\":\"demo\",\"output\":[\(output)],"
        + "\"parallel_tool_calls\":true,\"tool_choice\":\"auto\",\"tools\":[],\"text\":{\"format\":{\"type\":\"text\"}},"
        + "\"truncation\":\"disabled\",\"usage\":{\"total_tokens\":3},\"metadata\":{}\(extra)}"
}

/// A part with text, and token probabilities that spell it.
func responsePart(_ text: String, spelled: Bool = false) -> String {
    let logprobs = spelled ? "{\"token\":\(JSONText.quoted(text)),\"logprob\":-0.1,\"top_logprobs\":[]}" : ""
    return "{\"type\":\"output_text\",\"text\":\(JSONText.quoted(text)),\"annotations\":[],\"logprobs\":[\(logprobs)]}"
}

/// A message item.
func responseMessage(_ parts: String, status: String = "completed") -> String {
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"status\":\"\(status)\",\"content\":[\(parts)]}"
}

/// The pieces of a streamed message: the events up to the last piece, and those that close it.
func responseEvents(_ pieces: [String], spelled: Bool = false) -> (open: [String], close: [String]) {
    let place = "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0"
    let begun = responseObject(status: "in_progress", output: "")
    var open = [
        responseEvent("response.created", 0, "\"response\":\(begun)"),
        responseEvent("response.in_progress", 1, "\"response\":\(begun)"),
        responseEvent(
            "response.output_item.added",
            2,
            "\"output_index\":0,\"item\":\(responseMessage("", status: "in_progress"))"
        ),
        responseEvent("response.content_part.added", 3, "\(place),\"part\":\(responsePart(""))"),
    ]
    for piece in pieces {
        let text = JSONText.quoted(piece)
        let logprobs = spelled ? "{\"token\":\(text),\"logprob\":-0.1,\"top_logprobs\":[]}" : ""
        open.append(
            responseEvent(
                "response.output_text.delta",
                open.count,
                "\(place),\"delta\":\(text),\"logprobs\":[\(logprobs)],\"obfuscation\":\"aB3dE\""
            )
        )
    }
    let (whole, number) = (pieces.joined(), open.count)
    let part = responsePart(whole, spelled: spelled)
    let close = [
        responseEvent(
            "response.output_text.done",
            number,
            "\(place),\"text\":\(JSONText.quoted(whole)),\"logprobs\":[]"
        ),
        responseEvent("response.content_part.done", number + 1, "\(place),\"part\":\(part)"),
        responseEvent(
            "response.output_item.done",
            number + 2,
            "\"output_index\":0,\"item\":\(responseMessage(part))"
        ),
        responseEvent(
            "response.completed",
            number + 3,
            "\"response\":\(responseObject(output: responseMessage(part)))"
        ),
    ]
    return (open, close)
}

/// What a client of a streamed response gets to see.
struct SeenResponse {
    var text = ""
    var types: [String] = []
    var numbers: [Int] = []
    /// Text of the last event's output.
    var final = ""
    var status: String?
    var errorCode: String?

    init(_ bytes: [UInt8]) throws {
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        where line.hasPrefix("data:") {
            let document = try JSONDocument(Array(line.dropFirst(5).drop { $0 == " " }.utf8))
            let root = document.root
            let type = document.string(root["type"]) ?? ""
            types.append(type)
            numbers.append(document.integer(root["sequence_number"]) ?? -1)
            if type == "response.output_text.delta" { text += document.string(root["delta"]) ?? "" }
            if let error = root["error"] { errorCode = document.string(error["code"]) }
            guard let output = root["response"]?["output"]?.elements else { continue }
            status = document.string(root["response"]?["status"])
            final = output.flatMap { $0["content"]?.elements ?? [] }.compactMap { document.string($0["text"]) }.joined()
        }
    }
}
