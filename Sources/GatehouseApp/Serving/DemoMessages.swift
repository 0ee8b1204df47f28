import Foundation
import Gemma

/// The little of a chat request that the demo generator reads.
struct DemoRequest: Decodable {
    struct Message: Decodable {
        var role: String
        var text: String

        private enum CodingKeys: CodingKey { case role, content }
        private struct ContentPart: Decodable { var text: String? }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            role = try container.decode(String.self, forKey: .role)
            if let parts = try? container.decode([ContentPart].self, forKey: .content) {
                text = parts.compactMap(\.text).joined(separator: "\n")
            } else {
                text = try container.decodeIfPresent(String.self, forKey: .content) ?? ""
            }
        }
    }

    var messages: [Message]
    var stream: Bool?
    var maxTokens: Int?
    var maxCompletionTokens: Int?
    var temperature: Float?
    var seed: Int?

    private enum CodingKeys: String, CodingKey {
        case messages, stream, temperature, seed
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// The conversation as a transcript that a base model can go on with.
    var transcript: String {
        let lines = messages.map { message in
            switch message.role {
            case "assistant": "Assistant: " + message.text
            case "system", "developer": message.text
            default: "User: " + message.text
            }
        }
        return lines.joined(separator: "\n") + "\nAssistant:"
    }

    var options: GenerationOptions {
        GenerationOptions(
            maxTokens: min(512, max(1, maxCompletionTokens ?? maxTokens ?? 128)),
            temperature: min(2, max(0, temperature ?? 0.7)),
            seed: seed.map { UInt64(bitPattern: Int64($0)) } ?? .random(in: 0 ... .max),
            stopStrings: ["\nUser:", "\nAssistant:"]
        )
    }
}

struct DemoModels: Encodable {
    struct Model: Encodable {
        var id = DemoUpstream.modelName
        var object = "model"
        var created = 0
        var owned_by = "gatehouse-demo"
    }

    var object = "list"
    var data = [Model()]
}

struct DemoError: Encodable {
    struct Body: Encodable {
        var message: String
        var type = "invalid_request_error"
        var code = "demo_generator"
    }

    var error: Body

    init(message: String) { error = Body(message: message) }
}

struct DemoUsage: Encodable {
    var prompt_tokens: Int
    var completion_tokens: Int
    var total_tokens: Int

    init(promptTokens: Int, completionTokens: Int) {
        prompt_tokens = promptTokens
        completion_tokens = completionTokens
        total_tokens = promptTokens + completionTokens
    }
}

struct DemoCompletion: Encodable {
    struct Choice: Encodable {
        struct Message: Encodable {
            var role = "assistant"
            var content: String
        }

        var index = 0
        var message: Message
        var finish_reason: String
    }

    var id: String
    var object = "chat.completion"
    var created = Int(Date().timeIntervalSince1970)
    var model = DemoUpstream.modelName
    var choices: [Choice]
    var usage: DemoUsage

    init(id: String, content: String, finish: FinishReason, usage: DemoUsage) {
        self.id = id
        choices = [Choice(message: .init(content: content), finish_reason: finish.name)]
        self.usage = usage
    }
}

struct DemoChunk: Encodable {
    struct Choice: Encodable {
        struct Delta: Encodable {
            var role: String?
            var content: String?
        }

        var index = 0
        var delta: Delta
        var finish_reason: String?
    }

    var id: String
    var object = "chat.completion.chunk"
    var created = Int(Date().timeIntervalSince1970)
    var model = DemoUpstream.modelName
    var choices: [Choice]

    /// The event that begins an answer.
    static func start(id: String) throws -> String {
        let chunk = DemoChunk(id: id, choices: [Choice(delta: .init(role: "assistant", content: ""))])
        return "data: " + String(decoding: try DemoJSON.encode(chunk), as: UTF8.self) + "\n\n"
    }

    /// The server-sent events for one piece of text; the last piece's end the stream.
    static func events(_ piece: GeneratedPiece, id: String) throws -> String {
        var choices = [Choice(delta: .init(content: piece.text))]
        if let finish = piece.finish { choices.append(Choice(delta: .init(), finish_reason: finish.name)) }
        let events = try choices.map { choice in
            let json = try DemoJSON.encode(DemoChunk(id: id, choices: [choice]))
            return "data: " + String(decoding: json, as: UTF8.self) + "\n\n"
        }
        return events.joined() + (piece.finish == nil ? "" : "data: [DONE]\n\n")
    }
}

enum DemoJSON {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}

extension FinishReason {
    /// As OpenAI says it.
    fileprivate var name: String {
        switch self {
        case .stop: "stop"
        case .length: "length"
        }
    }
}
