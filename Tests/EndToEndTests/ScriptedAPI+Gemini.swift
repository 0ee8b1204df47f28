import Foundation
import Hummingbird

extension ScriptedAPI {
    /// Google's Gemini: whole, as server-sent events, or as the items of an array.
    static func gemini(asArray: Bool = false) -> ScriptedAPI {
        ScriptedAPI { path, body in
            guard path.lowercased().hasSuffix("generatecontent") else { return nil }
            let contents = body["contents"] as? [[String: Any]]
            return ((contents?.last?["parts"] as? [[String: Any]])?.last?["text"] as? String)
        } answer: { text, path, _ in
            guard path.hasSuffix(":streamGenerateContent") else {
                return try json(geminiResponse(text, finish: "STOP"))
            }
            let pieces = ScriptedChatbot.pieces(of: text)
            let responses = try pieces.enumerated().map { position, piece in
                let response = geminiResponse(piece, finish: position == pieces.count - 1 ? "STOP" : nil)
                return String(decoding: try JSONSerialization.data(withJSONObject: response), as: UTF8.self)
            }
            guard asArray else { return stream(responses.map { "data: \($0)\r\n\r\n" }) }
            return stream(["[\(responses.joined(separator: "\n,\r\n"))\n]\n"], type: "application/json; charset=UTF-8")
        }
    }

    private static func geminiResponse(_ text: String, finish: String?) -> [String: Any] {
        var candidate: [String: Any] = ["content": ["parts": [["text": text]], "role": "model"], "index": 0]
        candidate["finishReason"] = finish
        return [
            "candidates": [candidate],
            "usageMetadata": ["promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3],
            "modelVersion": "scripted", "responseId": "1",
        ]
    }
}
