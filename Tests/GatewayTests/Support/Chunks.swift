import Gateway

/// One chunk of a streamed answer, as an upstream sends it.
func chunk(_ delta: String, choice: Int = 0, finish: String = "null", extra: String = "") -> String {
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"demo\",\"choices\":["
        + "{\"index\":\(choice),\"delta\":\(delta)\(extra),\"finish_reason\":\(finish)}]}\n\n"
}

func textChunk(_ text: String, choice: Int = 0, key: String = "content") -> String {
    chunk("{\"\(key)\":\(JSONText.quoted(text))}", choice: choice)
}

let roleChunk = chunk("{\"role\":\"assistant\",\"content\":\"\"}")
let finishChunk = chunk("{}", finish: "\"stop\"")
let doneChunk = "data: [DONE]\n\n"

/// A whole stream that says some pieces.
func stream(of pieces: [String]) -> String {
    roleChunk + pieces.map { textChunk($0) }.joined() + finishChunk + doneChunk
}

/// What a client of a stream gets to see.
struct SeenStream {
    var content: [Int: String] = [:]
    var reasoning = ""
    var arguments = ""
    var finish: [Int: String] = [:]
    var isDone = false
    var errorCode: String?

    /// Reads a stream as a client does.
    init(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("data:") {
            let data = line.dropFirst(5).drop { $0 == " " }
            guard data != "[DONE]" else {
                isDone = true
                continue
            }
            let document = try JSONDocument(Array(data.utf8))
            if let error = document.root["error"] { errorCode = document.string(error["code"]) }
            for choice in document.root["choices"]?.elements ?? [] {
                let index = document.integer(choice["index"]) ?? 0
                content[index, default: ""] += document.string(choice["delta"]?["content"]) ?? ""
                reasoning += document.string(choice["delta"]?["reasoning_content"]) ?? ""
                for call in choice["delta"]?["tool_calls"]?.elements ?? [] {
                    arguments += document.string(call["function"]?["arguments"]) ?? ""
                }
                if let reason = document.string(choice["finish_reason"]) { finish[index] = reason }
            }
        }
    }
}
