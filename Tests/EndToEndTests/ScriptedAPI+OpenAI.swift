import Foundation
import Hummingbird

extension ScriptedAPI {
    /// OpenAI's responses.
    static let openAIResponses = ScriptedAPI { path, body in
        guard path.hasSuffix("/responses") else { return nil }
        if let text = body["input"] as? String { return text }
        let content = (body["input"] as? [[String: Any]])?.last?["content"]
        return content as? String ?? (content as? [[String: Any]])?.last?["text"] as? String
    } answer: { text, _, body in
        let (item, place): (String, [String: Any]) = (
            "msg_1", ["item_id": "msg_1", "output_index": 0, "content_index": 0]
        )
        func part(_ text: String) -> [String: Any] { ["type": "output_text", "text": text, "annotations": [Any]()] }
        func message(_ parts: [[String: Any]], _ status: String) -> [String: Any] {
            ["id": item, "type": "message", "role": "assistant", "status": status, "content": parts]
        }
        func response(_ output: [[String: Any]], _ status: String) -> [String: Any] {
            [
                "id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "scripted",
                "output": output, "parallel_tool_calls": true, "tool_choice": "auto", "tools": [Any](),
                "instructions": body["instructions"] ?? NSNull(),
                "usage": [
                    "input_tokens": 1, "output_tokens": 1, "total_tokens": 2,
                    "input_tokens_details": ["cached_tokens": 0], "output_tokens_details": ["reasoning_tokens": 0],
                ] as [String: Any],
            ]
        }
        let whole = response([message([part(text)], "completed")], "completed")
        guard body["stream"] as? Bool == true else { return try json(whole) }
        var events: [(String, [String: Any])] = [
            ("response.created", ["response": response([], "in_progress")]),
            ("response.in_progress", ["response": response([], "in_progress")]),
            ("response.output_item.added", ["output_index": 0, "item": message([], "in_progress")]),
            ("response.content_part.added", place.merging(["part": part("")]) { $1 }),
        ]
        for piece in ScriptedChatbot.pieces(of: text) {
            let members: [String: Any] = ["delta": piece, "logprobs": [Any](), "obfuscation": "aB3dE"]
            events.append(("response.output_text.delta", place.merging(members) { $1 }))
        }
        events += [
            ("response.output_text.done", place.merging(["text": text, "logprobs": [Any]()]) { $1 }),
            ("response.content_part.done", place.merging(["part": part(text)]) { $1 }),
            ("response.output_item.done", ["output_index": 0, "item": message([part(text)], "completed")]),
            ("response.completed", ["response": whole]),
        ]
        let lines = try events.enumerated().map { number, event in
            let members = event.1.merging(["type": event.0, "sequence_number": number]) { $1 }
            let data = try JSONSerialization.data(withJSONObject: members, options: .sortedKeys)
            return "event: \(event.0)\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
        }
        return stream(lines)
    }

    /// OpenAI's older text completions.
    static let openAICompletions = ScriptedAPI { path, body in
        guard path.hasSuffix("/completions") else { return nil }
        return body["prompt"] as? String
    } answer: { text, _, body in
        func completion(_ text: String, finish: String?) -> [String: Any] {
            let choice: [String: Any] = ["index": 0, "text": text, "finish_reason": finish ?? NSNull()]
            return [
                "id": "cmpl-1", "object": "text_completion", "created": 1, "model": "scripted", "choices": [choice],
            ]
        }
        guard body["stream"] as? Bool == true else { return try json(completion(text, finish: "stop")) }
        let chunks = ScriptedChatbot.pieces(of: text).map { completion($0, finish: nil) }
        let lines = try (chunks + [completion("", finish: "stop")]).map { chunk in
            "data: \(String(decoding: try JSONSerialization.data(withJSONObject: chunk), as: UTF8.self))\n\n"
        }
        return stream(lines + ["data: [DONE]\n\n"])
    }

    /// OpenAI's embeddings: two numbers for each input, in base64 where that is asked for.
    static let openAIEmbeddings = ScriptedAPI { path, body in
        guard path.hasSuffix("/embeddings") else { return nil }
        return (body["input"] as? [String])?.last ?? body["input"] as? String
    } answer: { _, _, body in
        let count = (body["input"] as? [String])?.count ?? 1
        let numbers: Any = body["encoding_format"] as? String == "base64" ? "AACAPwAAAEA=" : [1.0, 2.0]
        return try json([
            "object": "list", "model": "scripted", "usage": ["prompt_tokens": 1, "total_tokens": 1],
            "data": (0..<count).map { ["object": "embedding", "index": $0, "embedding": numbers] as [String: Any] },
        ])
    }
}
