import Foundation
import Hummingbird

extension ScriptedAPI {
    /// Ollama's chat and generate.
    static let ollama = ScriptedAPI { path, body in
        switch path {
        case "/api/chat": (body["messages"] as? [[String: Any]])?.last?["content"] as? String
        case "/api/generate": body["prompt"] as? String
        default: nil
        }
    } answer: { text, path, body in
        let isChat = path == "/api/chat"
        guard body["stream"] as? Bool == false else {
            return stream(
                try ScriptedChatbot.pieces(of: text).map { try ollamaLine($0, isChat: isChat, isEnd: false) }
                    + [try ollamaLine("", isChat: isChat, isEnd: true)],
                type: "application/x-ndjson"
            )
        }
        return try json(ollamaAnswer(text, isChat: isChat, isEnd: true))
    }

    private static func ollamaLine(_ text: String, isChat: Bool, isEnd: Bool) throws -> String {
        let answer = ollamaAnswer(text, isChat: isChat, isEnd: isEnd)
        return String(decoding: try JSONSerialization.data(withJSONObject: answer), as: UTF8.self) + "\n"
    }

    private static func ollamaAnswer(_ text: String, isChat: Bool, isEnd: Bool) -> [String: Any] {
        var answer: [String: Any] = ["model": "scripted", "created_at": "2026-11-23T20:00:00.5Z", "done": isEnd]
        answer[isChat ? "message" : "response"] = isChat ? ["role": "assistant", "content": text] : text
        if isEnd { answer.merge(["done_reason": "stop", "eval_count": 5, "total_duration": 9]) { $1 } }
        return answer
    }
}
