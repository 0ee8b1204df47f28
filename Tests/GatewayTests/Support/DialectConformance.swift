import Gateway
import Moderation
import Testing

/// What every dialect must do, whatever its API looks like: its tests give examples, and run them all.
struct DialectConformance {
    var dialect: any Dialect
    /// Where requests go.
    var path: String
    /// Where requests for a stream go, where that is another place.
    var streamPath: String?
    /// Media type of a streamed answer.
    var streamType = "text/event-stream"
    /// A request, in the bytes of its API, whose newest user text is `userText`.
    var request: String
    var userText: String
    /// The same request, asking for a stream.
    var streamRequest: String
    /// A whole answer, with two choices where the API knows several, whose texts are `answerTexts`.
    var response: String
    var answerTexts: [String]
    /// A streamed answer with one choice.
    var stream: String
    /// Bytes that are not of this API.
    var malformed: [String]
    /// Where an error says its words.
    var errorPointer = "/error/message"

    func check() throws {
        try checkRequests()
        try checkResponses()
        try checkRefusals()
        try checkStreams()
    }

    private func checkRequests() throws {
        let decoded = try decodedRequest()
        #expect(!decoded.isStreamed)
        #expect(try decodedStreamRequest().isStreamed)
        #expect(Subject(prompt: decoded.conversation).turns.last?.text == userText)
        #expect(try dialect.rewrite(decoded, redactions: []) == Array(request.utf8))
        for part in decoded.conversation.turns.flatMap(\.parts) where part.kind.isText && !part.text.isEmpty {
            let all = Match(range: 0..<part.text.utf8.count, label: "all", replacement: "[\"GONE\"]")
            let bytes = try dialect.rewrite(decoded, redactions: [Redaction(pointer: part.pointer, matches: [all])])
            let again = try dialect.decodeRequest(bytes, at: decoded.route).conversation.turns.flatMap(\.parts)
            #expect(again.first { $0.pointer == part.pointer }?.text == "[\"GONE\"]")
            #expect(
                again.filter { $0.pointer != part.pointer } == parts(of: decoded).filter { $0.pointer != part.pointer }
            )
        }
        for text in malformed {
            #expect(throws: DialectError.self) { try dialect.decodeRequest(Array(text.utf8), at: decoded.route) }
            #expect(throws: DialectError.self) { try dialect.decodeResponse(Array(text.utf8), to: decoded) }
        }
    }

    private func parts(of request: DecodedRequest) -> [Part] { request.conversation.turns.flatMap(\.parts) }

    private func checkResponses() throws {
        let decoded = try decoded(Array(response.utf8))
        let kept = [ChoiceChange](repeating: .keep, count: answerTexts.count - 1)
        #expect(decoded.choices.map(\.turn.text) == answerTexts)
        #expect(decoded.choices.allSatisfy { $0.turn.role == .assistant })
        #expect(try dialect.rewrite(decoded, changes: kept + [.keep]) == Array(response.utf8))
        let refused = try dialect.rewrite(decoded, changes: kept + [.refuse(reply: "No.")])
        #expect(try self.decoded(refused).choices.map(\.turn.text) == answerTexts.dropLast() + ["No."])
        #expect(!String(decoding: refused, as: UTF8.self).contains(answerTexts[answerTexts.count - 1]))
        let part = try #require(decoded.choices[0].turn.parts.first { $0.kind.isText })
        let match = Match(range: 0..<1, label: "one", replacement: "*")
        let masked = try dialect.rewrite(
            decoded,
            changes: [.redact([Redaction(pointer: part.pointer, matches: [match])])] + kept
        )
        #expect(try self.decoded(masked).choices[0].turn.text.hasPrefix("*"))
        #expect(try self.decoded(masked).choices.dropFirst().map(\.turn.text) == Array(answerTexts.dropFirst()))
    }

    private func checkRefusals() throws {
        let whole = dialect.refusal("No \"way\".", to: try decodedRequest(), id: "1")
        #expect(try decoded(whole.bytes).choices.map(\.turn.text) == ["No \"way\"."])
        let streamed = dialect.refusal("No.", to: try decodedStreamRequest(), id: "1")
        var reader = try makeStreamReader()
        let events = try reader.read(streamed.bytes)
        #expect(news(in: events).joined() == "No.")
        #expect(events.contains { !$0.finished.isEmpty })
        let error = PublicError(status: 400, type: "t", code: "some_code", message: "Some \"words\".")
        let body = try JSONDocument(dialect.errorBody(error))
        #expect(body.string(body.value(at: errorPointer)) == "Some \"words\".")
    }

    private func checkStreams() throws {
        let bytes = Array(stream.utf8)
        var whole = try makeStreamReader()
        let expected = try whole.read(bytes) + whole.finish()
        #expect(expected.flatMap(\.bytes) == bytes)
        #expect(expected.contains { !$0.texts.isEmpty } && expected.contains { !$0.finished.isEmpty })
        for size in 1...17 {
            var reader = try makeStreamReader()
            var events: [StreamEvent] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                events += try reader.read(Array(bytes[start..<min(bytes.count, start + size)]))
            }
            #expect(try events + reader.finish() == expected)
        }
        for event in expected where !event.texts.isEmpty {
            var reader = try makeStreamReader()
            let changed = try reader.read(reader.rewrite(event, texts: [0: "\"new\"\n"]))
            #expect(changed.first?.texts.first?.text == "\"new\"\n")
        }
        var fresh = try makeStreamReader()
        let refusal = try fresh.read(fresh.refusal("No.", choice: 0, isOpen: true))
        #expect(news(in: refusal) == ["No."])
    }

    /// Texts that are not said anew.
    private func news(in events: [StreamEvent]) -> [String] {
        events.flatMap(\.texts).filter { !$0.isRepeated }.map(\.text)
    }

    private func decodedRequest() throws -> DecodedRequest { try decode(request, at: path) }

    private func decodedStreamRequest() throws -> DecodedRequest { try decode(streamRequest, at: streamPath ?? path) }

    private func decode(_ text: String, at path: String) throws -> DecodedRequest {
        let target = try #require(RequestTarget(path))
        let route = try #require(dialect.route(of: target))
        return try dialect.decodeRequest(Array(text.utf8), at: route)
    }

    private func decoded(_ response: [UInt8]) throws -> DecodedResponse {
        try dialect.decodeResponse(response, to: decodedRequest())
    }

    private func makeStreamReader() throws -> any StreamReader {
        try #require(dialect.makeStreamReader(for: decodedStreamRequest(), mediaType: streamType))
    }
}
