import Foundation
import Gateway
import Moderation
import Testing

/// One folder of `fixtures/dialects`: requests and answers of an API, with places for texts.
///
/// Its README says what is what.
struct DialectFixture: Sendable, CustomTestStringConvertible {
    /// What `dialect.json` says.
    struct Settings: Sendable, Decodable {
        var dialect: String
        var path: String
        var streamPath: String?
        var route: String
        var streamRoute: String?
        var streamType: String
        var refused: String
        var promptStatus: Int?
        var custom: [String: String]?
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/dialects")

    /// Every folder.
    static let all: [DialectFixture] = {
        let folders = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (folders ?? []).filter(\.hasDirectoryPath).map(DialectFixture.init).sorted { $0.name < $1.name }
    }()

    let name: String
    let settings: Settings
    private let files: [String: String]

    var testDescription: String { name }

    private init(_ folder: URL) {
        name = folder.lastPathComponent
        var files: [String: String] = [:]
        for file in (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? [] {
            files[file.lastPathComponent] = try? String(contentsOf: file, encoding: .utf8)
        }
        self.files = files
        do {
            settings = try JSONDecoder().decode(Settings.self, from: Data((files["dialect.json"] ?? "").utf8))
        } catch {
            preconditionFailure("fixtures/dialects/\(name)/dialect.json: \(error)")
        }
    }

    func has(_ file: String) -> Bool { files[file] != nil }

    /// A file with texts in its places; those that it is given no text for say `Hello.`.
    func filled(_ file: String, _ texts: [String: String] = [:]) throws -> String {
        var out = try #require(files[file], "fixtures/dialects/\(name) has no \(file)")
        for (place, text) in texts { out.replace("{{\(place)}}", with: text) }
        return out.replacing(/{{[a-z0-9]+}}/, with: "Hello.")
    }
}

// MARK: - Either form

extension DialectFixture {
    /// Where requests go.
    func path(streamed: Bool) -> String { streamed ? settings.streamPath ?? settings.path : settings.path }

    /// How records call that place.
    func route(streamed: Bool) -> String { streamed ? settings.streamRoute ?? settings.route : settings.route }

    /// A request with a newest text.
    func request(_ prompt: String = "Hello.", streamed: Bool) throws -> String {
        try filled(streamed ? "stream-request.json" : "request.json", ["prompt": prompt])
    }

    /// Whether there is such an answer in this form.
    func hasAnswer(_ kind: AnswerKind, streamed: Bool) -> Bool { has(kind.file(streamed: streamed)) }

    /// An answer with a text, which a stream says in three pieces.
    ///
    /// - Parameters:
    ///   - second: what the second choice says.
    ///   - cuts: where the pieces end, in characters; thirds without it.
    func answer(
        _ text: String,
        _ kind: AnswerKind = .text,
        second: String = "Hello.",
        cuts: (Int, Int)? = nil,
        streamed: Bool
    ) throws -> String {
        let (first, next) = cuts ?? (text.count / 3, text.count * 2 / 3)
        let places = [
            "answer": text,
            "second": second,
            "piece1": String(text.prefix(first)),
            "piece2": String(text.prefix(next).dropFirst(first)),
            "piece3": String(text.dropFirst(next)),
        ]
        return try filled(kind.file(streamed: streamed), places)
    }

    /// The dialect that answers on the fixture's path.
    func dialect() throws -> any Dialect {
        if let route = customRoute { return CustomDialect(route) }
        let target = try #require(RequestTarget(settings.path))
        return try #require(Gateway.standardDialects.first { $0.route(of: target) != nil })
    }

    /// The route in the settings, for a chatbot of no known API.
    var customRoute: CustomRoute? {
        guard let custom = settings.custom else { return nil }
        func path(_ key: String) -> JSONPath? { custom[key].flatMap { try? JSONPath($0) } }
        guard let prompt = path("prompt"), let reply = path("reply") else {
            preconditionFailure("fixtures/dialects/\(name)/dialect.json: 'custom' needs prompt and reply")
        }
        return CustomRoute(
            path: custom["path"] ?? settings.path,
            prompt: prompt,
            history: path("history"),
            system: path("system"),
            reply: reply,
            stream: custom["stream"].flatMap(StreamFormat.init),
            delta: path("delta"),
            refusal: custom["refusal"].flatMap(ReplyTemplate.init),
            refusalEvent: custom["refusal_event"].flatMap(ReplyTemplate.init),
            end: custom["end"]
        )
    }

    /// What the settings need for the fixture.
    var customRoutes: [CustomRoute] { customRoute.map { [$0] } ?? [] }

    /// A request as the dialect reads it.
    func decode(_ request: String, streamed: Bool) throws -> DecodedRequest {
        let dialect = try dialect()
        let route = try #require(RequestTarget(path(streamed: streamed)).flatMap { dialect.route(of: $0) })
        return try dialect.decodeRequest(Array(request.utf8), at: route)
    }
}

/// What an answer does.
enum AnswerKind: String, Sendable, CaseIterable {
    case text
    case choices
    case toolCall

    fileprivate func file(streamed: Bool) -> String {
        switch (self, streamed) {
        case (.text, false): "answer.json"
        case (.text, true): "stream.txt"
        case (.choices, false): "choices.json"
        case (.choices, true): "choices-stream.txt"
        case (.toolCall, false): "tool-call.json"
        case (.toolCall, true): "tool-call-stream.txt"
        }
    }
}

/// What a client makes of an answer, by the words of its API.
struct SeenAnswer: Equatable {
    /// What each choice says.
    var texts: [Int: String] = [:]
    /// Characters of all texts, those said anew counted once.
    var characters = 0
    /// Choices that came to an end; all of a whole answer.
    var finished: Set<Int> = []
    /// Whether the stream says that it is over.
    var isEnded = false

    /// Reads an answer's bytes.
    init(_ bytes: [UInt8], of fixture: DialectFixture, streamed: Bool) throws {
        let dialect = try fixture.dialect()
        let request = try fixture.decode(fixture.request(streamed: streamed), streamed: streamed)
        guard streamed else {
            for choice in try dialect.decodeResponse(bytes, to: request).choices {
                texts[choice.index] = choice.turn.text
                characters += choice.turn.text.count
                finished.insert(choice.index)
            }
            return
        }
        var reader = try #require(dialect.makeStreamReader(for: request, mediaType: fixture.settings.streamType))
        let events = try reader.read(bytes) + reader.finish()
        var fields: [StreamField] = []
        var said: [StreamField: String] = [:]
        for event in events {
            finished.formUnion(event.finished)
            isEnded = isEnded || event.isEnd
            for text in event.texts {
                if text.isRepeated, let said = said[text.field] {
                    // A client may read either.
                    #expect(text.text == said || said.contains(text.text), "the stream says two things in one place")
                    continue
                }
                if said[text.field] == nil { fields.append(text.field) }
                said[text.field, default: ""] += text.text
                characters += text.text.count
            }
        }
        for field in fields {
            let earlier = texts[field.choice].map { $0 + "\n" } ?? ""
            texts[field.choice] = earlier + (said[field] ?? "")
        }
    }
}
