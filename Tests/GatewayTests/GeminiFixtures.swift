import Gateway
import Moderation
import Testing

/// Runs a stream through the gate as the gateway does, cut into pieces of one size, and returns what the client gets.
func playStream(_ text: String, cut size: Int, by start: any StreamReader, choices: Int = 1) async throws -> String {
    let moderator = try makeModerator()
    let conversation = Conversation(turns: [Turn(role: .user, parts: [])])
    let windows = StreamWindows(firstBytes: 8, growth: 2, maxBytes: 64, holdBackBytes: 20)
    var reader = start
    var gate = StreamGate(windows: windows, expectedChoices: choices)
    var out: [UInt8] = []

    func settle() async throws {
        while let window = gate.nextWindow() {
            gate.judged(window, try await moderator.judge(Subject(response: window.turn, to: conversation)))
            out += gate.release(by: &reader)
        }
        out += gate.release(by: &reader)
        if gate.needsRecord {
            gate.recorded()
            out += gate.release(by: &reader)
        }
    }

    do {
        let bytes = Array(text.utf8)
        for position in stride(from: 0, to: bytes.count, by: size) where gate.stop == nil {
            gate.receive(try reader.read(Array(bytes[position..<min(bytes.count, position + size)])))
            try await settle()
        }
        if gate.stop == nil {
            gate.receive(try reader.finish())
            gate.end()
            try await settle()
        }
    } catch is DialectError {
        gate.end()
        try await settle()
        let error = PublicError(status: 502, type: "t", code: "upstream_unreadable", message: "Unreadable.")
        out += reader.failure(error)
    }
    if case .blocked(let choice) = gate.stop {
        let refusal = gate.refusal(of: choice)
        out += reader.refusal(refusal.reply, choice: choice, isOpen: refusal.isOpen)
    }
    return String(decoding: out, as: UTF8.self)
}

/// A stream's text in pieces of some size.
func pieces(of text: String, size: Int) -> [String] {
    let characters = Array(text)
    return stride(from: 0, to: characters.count, by: size).map {
        String(characters[$0..<min(characters.count, $0 + size)])
    }
}

/// Gemini's API in examples.
enum Gemini {
    static let path = "/v1beta/models/gemini-demo:generateContent"
    static let eventsPath = "/v1beta/models/gemini-demo:streamGenerateContent?alt=sse"
    static let arrayPath = "/v1beta/models/gemini-demo:streamGenerateContent"

    static func request(_ text: String, extra: String = "") -> String {
        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\(JSONText.quoted(text))}]}]\(extra)}"
    }

    /// One response, whole or streamed.
    static func response(_ candidates: String..., others: String = "") -> String {
        "{\"candidates\":[\(candidates.joined(separator: ","))],\"usageMetadata\":{\"promptTokenCount\":2,"
            + "\"totalTokenCount\":9,\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":2}]},"
            + "\"modelVersion\":\"gemini-demo-001\",\"responseId\":\"abc\"\(others)}"
    }

    static func candidate(_ parts: String..., index: Int = 0, finish: String? = nil, extra: String = "") -> String {
        let finish = finish.map { ",\"finishReason\":\"\($0)\"" } ?? ""
        return "{\"content\":{\"parts\":[\(parts.joined(separator: ","))],\"role\":\"model\"}\(finish)\(extra),"
            + "\"index\":\(index)}"
    }

    static func text(_ text: String) -> String { "{\"text\":\(JSONText.quoted(text))}" }

    /// A stream that says some pieces, `STOP` with the last.
    static func responses(_ pieces: [String]) -> [String] {
        pieces.enumerated().map { position, piece in
            response(candidate(text(piece), finish: position == pieces.count - 1 ? "STOP" : nil))
        }
    }

    static func events(_ responses: [String]) -> String { responses.map { "data: \($0)\r\n\r\n" }.joined() }

    static func array(_ responses: [String]) -> String { "[" + responses.joined(separator: "\n,\r\n") + "\n]\n" }

    static func decoded(_ body: String, path: String = Gemini.path) throws -> DecodedRequest {
        let target = try #require(RequestTarget(path))
        let route = try #require(GeminiDialect().route(of: target))
        return try GeminiDialect().decodeRequest(Array(body.utf8), at: route)
    }

    static func decodedResponse(_ body: String) throws -> DecodedResponse {
        try GeminiDialect().decodeResponse(Array(body.utf8), to: decoded(request("Hi")))
    }

    static func reader(events: Bool) throws -> any StreamReader {
        let request = try decoded(request("Hi"), path: events ? eventsPath : arrayPath)
        let type = events ? "text/event-stream" : "application/json"
        return try #require(GeminiDialect().makeStreamReader(for: request, mediaType: type))
    }

    /// What a client of a stream gets to see.
    struct Seen {
        var texts: [Int: String] = [:]
        var thoughts = ""
        var arguments: [String] = []
        var finish: [Int: String] = [:]
        var errorStatus: String?
        var usage: Int?

        init(_ stream: String) throws {
            let payloads: [JSONDocument] =
                if stream.hasPrefix("[") {
                    try [JSONDocument(Array(stream.utf8))]
                } else {
                    try stream.split(whereSeparator: \.isNewline).map { line in
                        try JSONDocument(Array("[\(line.dropFirst(line.hasPrefix("data: ") ? 6 : 0))]".utf8))
                    }
                }
            for document in payloads {
                for response in document.root.elements ?? [] { note(response, of: document) }
            }
        }

        private mutating func note(_ response: JSONValue, of document: JSONDocument) {
            if let error = response["error"] { errorStatus = document.string(error["status"]) }
            usage = document.integer(response["usageMetadata"]?["totalTokenCount"]) ?? usage
            for candidate in response["candidates"]?.elements ?? [] {
                let index = document.integer(candidate["index"]) ?? 0
                for part in candidate["content"]?["parts"]?.elements ?? [] {
                    let text = document.string(part["text"]) ?? ""
                    if part["thought"] != nil { thoughts += text } else { texts[index, default: ""] += text }
                    for member in part["functionCall"]?["args"]?.members ?? [] {
                        arguments.append(document.string(member.value) ?? "")
                    }
                }
                if let reason = document.string(candidate["finishReason"]) { finish[index] = reason }
            }
        }
    }
}
