import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// A chatbot on loopback that answers by the last word of the newest message, whole or streamed a few characters at a time.
final class ScriptedChatbot: Sendable {
    /// Answers by key word.
    let answers: [String: String]
    private let received = Mutex<[String]>([])

    init(answers: [String: String]) {
        self.answers = answers
    }

    /// Bodies that reached the chatbot, in order.
    var bodies: [String] { received.withLock { $0 } }

    /// Runs the chatbot on a free port while `body` runs.
    func run(_ body: @Sendable @escaping (_ base: String) async throws -> Void) async throws {
        let router = Router()
        router.post("/v1/chat/completions") { request, _ in try await self.answer(request) }
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

    private struct Request: Decodable {
        struct Message: Decodable { var content: String }

        var messages: [Message]
        var stream: Bool?
    }

    private func answer(_ request: HummingbirdCore.Request) async throws -> Response {
        let buffer = try await request.body.collect(upTo: 1 << 20)
        received.withLock { $0.append(String(buffer: buffer)) }
        let chat = try JSONDecoder().decode(Request.self, from: Data(buffer.readableBytesView))
        let key = chat.messages.last?.content.split(separator: " ").last.map(String.init) ?? ""
        let text = answers[key] ?? "Hello."
        guard chat.stream == true else {
            let message = ["role": "assistant", "content": text]
            return try Self.json([
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted",
                "choices": [["index": 0, "message": message, "finish_reason": "stop"] as [String: Any]],
                "usage": ["prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2],
            ])
        }
        var events: [String] = []
        for piece in stride(from: 0, to: text.count, by: 5) {
            let start = text.index(text.startIndex, offsetBy: piece)
            events.append(try Self.chunk(["content": String(text[start...].prefix(5))], finish: nil))
        }
        events.append(try Self.chunk([:], finish: "stop"))
        events.append("data: [DONE]\n\n")
        let body = events.joined()
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream"],
            body: .init(byteBuffer: ByteBuffer(string: body))
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

    private static func json(_ object: [String: Any]) throws -> Response {
        let data = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
        return Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: data))
        )
    }
}
