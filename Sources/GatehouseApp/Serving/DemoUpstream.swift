import Foundation
import Gateway
import Gemma
import HTTPTypes
import NIOCore

/// A chatbot for trying things out: the base model continues a transcript.
///
/// It answers the two OpenAI endpoints that clients need and nothing else.
struct DemoUpstream: Upstream {
    static let modelName = "gemma-3-270m"

    private let engine: Engine

    /// Loads the default model without an adapter, apart from the judge's copy.
    ///
    /// - Throws: ``ModelError`` or `GemmaError`.
    static func load(_ settings: Settings) throws -> DemoUpstream {
        let path = ModelCache().path(of: .gemma3)
        guard FileManager.default.fileExists(atPath: path) else { throw ModelError.notFetched(path: path) }
        let model = try GemmaModel.load(path: path, threads: settings.threads)
        return DemoUpstream(engine: Engine(model: model, queueLimit: settings.queueLimit))
    }

    func send(_ request: UpstreamRequest) async throws -> UpstreamResponse {
        let path = request.path.prefix { $0 != "?" }
        switch (request.method, path) {
        case (.get, "/v1/models"):
            return try Self.json(DemoModels())
        case (.post, "/v1/chat/completions"):
            guard case .bytes(let buffer) = request.body,
                let chat = try? JSONDecoder().decode(DemoRequest.self, from: Data(buffer.readableBytesView))
            else {
                return try Self.json(
                    DemoError(message: "the demo generator can't read this request"),
                    status: .badRequest
                )
            }
            return try await answer(chat)
        default:
            let message = "the demo generator answers /v1/chat/completions and /v1/models only; set an upstream"
            return try Self.json(DemoError(message: message), status: .notFound)
        }
    }

    private func answer(_ chat: DemoRequest) async throws -> UpstreamResponse {
        let tokenizer = engine.model.tokenizer
        let prompt = [tokenizer.beginID] + tokenizer.encode(chat.transcript)
        let text = engine.generate(prompt, options: chat.options)
        let id = "chatcmpl-" + UUID().uuidString.lowercased().replacing("-", with: "")
        if chat.stream == true {
            let events = DemoEvents(text: text, id: id)
            return UpstreamResponse(
                status: .ok,
                headers: [.contentType: "text/event-stream"],
                body: UpstreamBody(events)
            )
        }
        var content = ""
        var tokens = 0
        var finish = FinishReason.stop
        for try await piece in text {
            content += piece.text
            tokens = piece.tokens
            finish = piece.finish ?? finish
        }
        let usage = DemoUsage(promptTokens: prompt.count, completionTokens: tokens)
        return try Self.json(DemoCompletion(id: id, content: content, finish: finish, usage: usage))
    }

    private static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> UpstreamResponse {
        UpstreamResponse(
            status: status,
            headers: [.contentType: "application/json"],
            body: UpstreamBody(bytes: ByteBuffer(bytes: try DemoJSON.encode(value)))
        )
    }
}

/// A generated text as server-sent events.
private struct DemoEvents: AsyncSequence, Sendable {
    let text: GeneratedText
    let id: String

    func makeAsyncIterator() -> Iterator { Iterator(pieces: text.makeAsyncIterator(), id: id) }

    struct Iterator: AsyncIteratorProtocol {
        var pieces: GeneratedText.AsyncIterator
        let id: String
        var isStarted = false

        mutating func next() async throws -> ByteBuffer? {
            guard isStarted else {
                isStarted = true
                return ByteBuffer(string: try DemoChunk.start(id: id))
            }
            return try await pieces.next().map { ByteBuffer(string: try DemoChunk.events($0, id: id)) }
        }
    }
}
