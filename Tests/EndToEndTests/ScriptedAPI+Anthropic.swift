import Foundation
import Hummingbird

extension ScriptedAPI {
    /// Anthropic's messages; with tools at hand it calls the first with the text.
    static let anthropic = ScriptedAPI { path, body in
        guard path.hasPrefix("/v1/messages"), let messages = body["messages"] as? [[String: Any]] else { return nil }
        if let text = messages.last?["content"] as? String { return text }
        let block = (messages.last?["content"] as? [[String: Any]])?.last
        return (block?["text"] ?? block?["content"]) as? String
    } answer: { text, path, body in
        guard path == "/v1/messages" else { return try json(["input_tokens": 7]) }
        let tool = (body["tools"] as? [[String: Any]])?.first?["name"] as? String
        var block: [String: Any] = ["type": "text", "text": text]
        if let tool { block = ["type": "tool_use", "id": "toolu_1", "name": tool, "input": ["text": text]] }
        let stopReason = tool == nil ? "end_turn" : "tool_use"
        var message: [String: Any] = [
            "id": "msg_1", "type": "message", "role": "assistant", "model": "scripted", "content": [block],
            "stop_reason": stopReason, "stop_sequence": NSNull(), "usage": ["input_tokens": 3, "output_tokens": 5],
        ]
        guard body["stream"] as? Bool == true else { return try json(message) }

        message.merge(["content": [Any](), "stop_reason": NSNull()]) { $1 }
        block[tool == nil ? "text" : "input"] = tool == nil ? "" as Any : [String: Any]()
        let input = String(decoding: try JSONSerialization.data(withJSONObject: ["text": text]), as: UTF8.self)
        let deltas = ScriptedChatbot.pieces(of: tool == nil ? text : input).map { piece in
            tool == nil
                ? ["type": "text_delta", "text": piece] : ["type": "input_json_delta", "partial_json": piece]
        }
        var events: [[String: Any]] = [
            ["type": "message_start", "message": message],
            ["type": "content_block_start", "index": 0, "content_block": block],
            ["type": "ping"],
        ]
        events += deltas.map { ["type": "content_block_delta", "index": 0, "delta": $0] }
        events += [
            ["type": "content_block_stop", "index": 0],
            [
                "type": "message_delta", "delta": ["stop_reason": stopReason, "stop_sequence": NSNull()],
                "usage": ["output_tokens": 5],
            ],
            ["type": "message_stop"],
        ]
        return stream(
            try events.map { event in
                let data = try JSONSerialization.data(withJSONObject: event, options: .sortedKeys)
                return "event: \(event["type"] ?? "")\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
            }
        )
    }
}
