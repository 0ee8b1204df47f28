import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// One API of the scripted chatbot.
struct ScriptedAPI: Sendable {
    /// A request's newest message; nil when the path or body is not of this API.
    var question: @Sendable (_ path: String, _ body: [String: Any]) -> String?
    /// The answer with a text, whole or streamed a few characters at a time, as the request asks.
    var answer: @Sendable (_ text: String, _ path: String, _ body: [String: Any]) throws -> Response
}

/// A chatbot on loopback that answers by the last word of the newest message, in any API it was given.
final class ScriptedChatbot: Sendable {
    /// Answers by key word.
    let answers: [String: String]
    private let apis: [ScriptedAPI]
    private let received = Mutex<[String]>([])

    init(answers: [String: String], apis: [ScriptedAPI] = [.openAIChat]) {
        self.answers = answers
        self.apis = apis
    }

    /// Bodies that reached the chatbot, in order.
    var bodies: [String] { received.withLock { $0 } }

    /// Runs the chatbot on a free port while `body` runs.
    func run(_ body: @Sendable @escaping (_ base: String) async throws -> Void) async throws {
        let router = Router()
        router.post("**") { request, _ in try await self.answer(request) }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)")
                break
            }
            group.cancelAll()
        }
    }

    private func answer(_ request: HummingbirdCore.Request) async throws -> Response {
        let buffer = try await request.body.collect(upTo: 1 << 20)
        received.withLock { $0.append(String(buffer: buffer)) }
        let parsed = try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView))
        let (path, body) = (request.uri.path, parsed as? [String: Any] ?? [:])
        for api in apis {
            guard let question = api.question(path, body) else { continue }
            let text = answers[question.split(separator: " ").last.map(String.init) ?? ""] ?? "Hello."
            return try api.answer(text, path, body)
        }
        return Response(status: .notFound)
    }

    /// A text in pieces of five characters.
    static func pieces(of text: String) -> [String] {
        stride(from: 0, to: text.count, by: 5).map { piece in
            String(text[text.index(text.startIndex, offsetBy: piece)...].prefix(5))
        }
    }
}

extension ScriptedAPI {
    /// OpenAI's chat completions.
    static let openAIChat = ScriptedAPI { path, body in
        guard path.hasSuffix("/chat/completions"), let messages = body["messages"] as? [[String: Any]] else {
            return nil
        }
        return messages.last?["content"] as? String
    } answer: { text, _, body in
        guard body["stream"] as? Bool == true else {
            let message = ["role": "assistant", "content": text]
            return try json([
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted",
                "choices": [["index": 0, "message": message, "finish_reason": "stop"] as [String: Any]],
                "usage": ["prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2],
            ])
        }
        let deltas = try ScriptedChatbot.pieces(of: text).map { try chunk(["content": $0], finish: nil) }
        return stream(deltas + [try chunk([:], finish: "stop"), "data: [DONE]\n\n"])
    }

    static func stream(_ events: [String], type: String = "text/event-stream") -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type],
            body: .init(byteBuffer: ByteBuffer(string: events.joined()))
        )
    }

    private static func chunk(_ delta: [String: String], finish: String?) throws -> String {
        let choice: [String: Any] = ["index": 0, "delta": delta, "finish_reason": finish ?? NSNull()]
        let object: [String: Any] = [
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
            "choices": [choice],
        ]
        let data = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
        return "data: " + String(decoding: data, as: UTF8.self) + "\n\n"
    }

    static func json(_ object: [String: Any]) throws -> Response {
        let data = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: data))
        )
    }
}
