import Gateway
import Moderation
import Testing

/// Ollama's API in examples.
enum Ollama {
    static let head = #""model":"demo:1b","created_at":"2026-11-23T20:00:00.5Z""#
    static let end = #""done":true,"done_reason":"stop","total_duration":9,"prompt_eval_count":4,"eval_count":5"#

    static func chat(_ text: String, stream: Bool? = nil, extra: String = "") -> String {
        let stream = stream.map { ",\"stream\":\($0)" } ?? ""
        return "{\"model\":\"demo:1b\"\(stream)\(extra),"
            + "\"messages\":[{\"role\":\"user\",\"content\":\(JSONText.quoted(text))}]}"
    }

    static func generate(_ text: String, stream: Bool? = nil, extra: String = "") -> String {
        let stream = stream.map { ",\"stream\":\($0)" } ?? ""
        return "{\"model\":\"demo:1b\"\(stream)\(extra),\"prompt\":\(JSONText.quoted(text))}"
    }

    /// The member that says a text, in an answer of either method.
    static func says(_ text: String, chat: Bool) -> String {
        chat
            ? "\"message\":{\"role\":\"assistant\",\"content\":\(JSONText.quoted(text))}"
            : "\"response\":\(JSONText.quoted(text))"
    }

    static func answer(_ text: String, chat: Bool = true) -> String { "{\(head),\(says(text, chat: chat)),\(end)}" }

    static func line(_ members: String) -> String { "{\(head),\(members),\"done\":false}\n" }

    /// A stream that says some pieces.
    static func lines(_ pieces: [String], chat: Bool = true) -> String {
        pieces.map { line(says($0, chat: chat)) }.joined() + answer("", chat: chat) + "\n"
    }

    static func decoded(_ body: String, path: String = "/api/chat") throws -> DecodedRequest {
        let target = try #require(RequestTarget(path))
        let route = try #require(OllamaDialect().route(of: target))
        return try OllamaDialect().decodeRequest(Array(body.utf8), at: route)
    }

    static func decodedResponse(_ body: String, path: String = "/api/chat") throws -> DecodedResponse {
        try OllamaDialect().decodeResponse(Array(body.utf8), to: decoded(chat("Hi"), path: path))
    }

    static func reader(chat: Bool = true) throws -> any StreamReader {
        let request = try decoded(chat ? Self.chat("Hi") : generate("Hi"), path: chat ? "/api/chat" : "/api/generate")
        return try #require(OllamaDialect().makeStreamReader(for: request, mediaType: "application/x-ndjson"))
    }

    /// What a client of a stream, or of a whole answer, gets to see.
    struct Seen {
        var text = ""
        var thinking = ""
        var arguments: [String] = []
        var reason: String?
        var error: String?
        var count: Int?

        init(_ stream: String) throws {
            for line in stream.split(separator: "\n") {
                let document = try JSONDocument(Array(line.utf8))
                let root = document.root
                let message = root["message"] ?? root
                text += document.string(message["content"] ?? message["response"]) ?? ""
                thinking += document.string(message["thinking"]) ?? ""
                for call in message["tool_calls"]?.elements ?? [] {
                    for member in call["function"]?["arguments"]?.members ?? [] {
                        arguments.append(document.string(member.value) ?? "")
                    }
                }
                reason = document.string(root["done_reason"]) ?? reason
                error = document.string(root["error"]) ?? error
                count = document.integer(root["eval_count"]) ?? count
            }
        }
    }
}
