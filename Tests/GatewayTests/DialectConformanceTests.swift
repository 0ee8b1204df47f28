import Gateway
import Moderation
import Testing

/// What the gateway promises for every API: each case runs over each folder of `fixtures/dialects`, on real sockets.
@Suite("Every dialect through the gateway")
struct DialectConformanceTests {
    private static let fixtures = DialectFixture.all
    private static let bad = "a quite badword text"
    private static let address = "Ask jane.doe@example.com now."
    private static let masked = "Ask [MASKED] now."
    private static let refusal = "Not that."

    private func run(_ one: FixtureCase, of fixture: DialectFixture) async throws -> FixtureOutcome {
        try #require(try await fixture.run([one]).first)
    }

    private func run(_ cases: [FixtureCase], of fixture: DialectFixture) async throws -> [FixtureOutcome] {
        try await fixture.run(cases)
    }

    /// Checks that the client was told no to its prompt: as in an answer, or by an error where the API has one.
    private func expectPromptRefusal(
        _ outcome: FixtureOutcome,
        of fixture: DialectFixture,
        streamed: Bool
    ) throws {
        guard let status = fixture.settings.promptStatus else {
            return try expectRefusal(outcome, of: fixture, streamed: streamed)
        }
        #expect(outcome.response.status == status)
        #expect(outcome.response.text.contains(fixture.settings.refused))
        let body = try JSONDocument(outcome.response.body)
        #expect(body.string(body.value(at: "/error/message")) == Self.refusal)
    }

    /// Checks that the client was told no in its API's words, and nothing else.
    private func expectRefusal(_ outcome: FixtureOutcome, of fixture: DialectFixture, streamed: Bool) throws {
        let response = outcome.response
        #expect(response.status == 200)
        #expect(!response.text.contains("badword"))
        #expect(response.text.contains(fixture.settings.refused))
        let seen = try SeenAnswer(response.body, of: fixture, streamed: streamed)
        #expect(seen.texts == [0: Self.refusal])
        #expect(seen.finished == [0])
        let whole = try fixture.answer("Hello.", streamed: streamed)
        #expect(seen.isEnded == (try SeenAnswer(Array(whole.utf8), of: fixture, streamed: streamed).isEnded))
        if streamed { #expect(response["content-type"] == fixture.settings.streamType) }
    }
}

// MARK: - Prompts

extension DialectConformanceTests {
    @Test(
        "what is harmless passes byte for byte, both ways, and both records say so",
        arguments: fixtures,
        [false, true]
    )
    func allowed(fixture: DialectFixture, streamed: Bool) async throws {
        guard fixture.hasAnswer(.text, streamed: streamed) else { return }
        let request = try fixture.request("How are you?", streamed: streamed)
        let answer = try fixture.answer("Well, and you?", streamed: streamed)
        let outcome = try await run(FixtureCase(request: request, answer: answer, streamed: streamed), of: fixture)
        #expect(outcome.response.status == 200 && outcome.response.text == answer)
        #expect(outcome.response["x-gatehouse-outcome"] == "allow")
        let forwarded = try #require(outcome.forwarded)
        #expect(forwarded.text == request)
        #expect(forwarded.start == "POST \(fixture.path(streamed: streamed)) HTTP/1.1")
        #expect(outcome.records.map(\.decision.direction) == [.prompt, .response])
        #expect(outcome.records.map(\.decision.outcome) == [.allow, .allow])
        #expect(outcome.records.allSatisfy { $0.dialect == fixture.settings.dialect })
        #expect(outcome.records.allSatisfy { $0.route == fixture.route(streamed: streamed) })
        #expect(outcome.records.map(\.streamed) == [false, streamed])
        #expect(outcome.records[0].content.contains { $0.text == "How are you?" && $0.role == .user })
        #expect(outcome.records[1].content.contains { $0.text == "Well, and you?" && $0.role == .assistant })
        let seen = try SeenAnswer(outcome.response.body, of: fixture, streamed: streamed)
        if streamed { #expect(outcome.records[1].releasedCharacters == seen.characters) }
    }

    @Test("a doubtful prompt passes unchanged and is marked", arguments: fixtures, [false, true])
    func flagged(fixture: DialectFixture, streamed: Bool) async throws {
        guard fixture.hasAnswer(.text, streamed: streamed) else { return }
        let request = try fixture.request("an iffy question", streamed: streamed)
        let answer = try fixture.answer("an iffy answer", streamed: streamed)
        let outcome = try await run(FixtureCase(request: request, answer: answer, streamed: streamed), of: fixture)
        #expect(outcome.forwarded?.text == request && outcome.response.text == answer)
        #expect(outcome.response["x-gatehouse-outcome"] == "flag")
        #expect(outcome.records.map(\.decision.outcome) == [.flag, .flag])
    }

    @Test("an address is masked before the chatbot sees it", arguments: fixtures, [false, true])
    func maskedPrompt(fixture: DialectFixture, streamed: Bool) async throws {
        guard fixture.hasAnswer(.text, streamed: streamed) else { return }
        let request = try fixture.request(Self.address, streamed: streamed)
        let answer = try fixture.answer("Yes.", streamed: streamed)
        let outcome = try await run(FixtureCase(request: request, answer: answer, streamed: streamed), of: fixture)
        #expect(try outcome.forwarded?.text == fixture.request(Self.masked, streamed: streamed))
        #expect(outcome.response.text == answer)
        #expect(outcome.records.map(\.decision.outcome) == [.redact, .allow])
    }

    @Test(
        "a blocked prompt never reaches the chatbot, and is refused in the API's words",
        arguments: fixtures,
        [false, true]
    )
    func blockedPrompt(fixture: DialectFixture, streamed: Bool) async throws {
        guard fixture.hasAnswer(.text, streamed: streamed) else { return }
        let request = try fixture.request(Self.bad, streamed: streamed)
        let outcome = try await run(FixtureCase(request: request, answer: "", streamed: streamed), of: fixture)
        #expect(outcome.forwarded == nil)
        try expectPromptRefusal(outcome, of: fixture, streamed: streamed)
        #expect(outcome.response["x-gatehouse-outcome"] == "block")
        let record = try #require(outcome.records.first)
        #expect(outcome.records.count == 1 && record.decision.outcome == .block)
        #expect(record.status == fixture.settings.promptStatus ?? 200)
        #expect(outcome.response["x-gatehouse-decision-id"] == record.decision.id.description)
    }

    @Test(
        "an old bad turn blocks nothing, and is masked like the newest",
        arguments: fixtures.filter { $0.has("history.json") }
    )
    func history(fixture: DialectFixture) async throws {
        func request(_ old: String, _ prompt: String) throws -> String {
            try fixture.filled("history.json", ["old": old, "prompt": prompt])
        }
        let answer = try fixture.answer("Yes.", streamed: false)
        let requests = try [
            request(Self.bad, "And now?"), request(Self.address, Self.address), request("Hello.", Self.bad),
        ]
        let outcomes = try await run(
            requests.map { FixtureCase(request: $0, answer: answer, streamed: false) },
            of: fixture
        )
        #expect(outcomes[0].forwarded?.text == requests[0] && outcomes[0].response.text == answer)
        #expect(try outcomes[1].forwarded?.text == request(Self.masked, Self.masked))
        #expect(outcomes[2].forwarded == nil)
        try expectPromptRefusal(outcomes[2], of: fixture, streamed: false)
    }

    @Test("a tool's result is judged and masked", arguments: fixtures.filter { $0.has("tool-result.json") })
    func toolResult(fixture: DialectFixture) async throws {
        func request(_ result: String) throws -> String { try fixture.filled("tool-result.json", ["result": result]) }
        let answer = try fixture.answer("Yes.", streamed: false)
        let outcomes = try await run(
            [Self.bad, Self.address, "Nothing."].map {
                FixtureCase(request: try request($0), answer: answer, streamed: false)
            },
            of: fixture
        )
        #expect(outcomes[0].forwarded == nil)
        try expectPromptRefusal(outcomes[0], of: fixture, streamed: false)
        #expect(try outcomes[1].forwarded?.text == request(Self.masked))
        #expect(outcomes[2].forwarded?.text == (try request("Nothing.")))
        let content = outcomes[2].records.first?.content ?? []
        #expect(content.contains { $0.kind == .toolResult && $0.role == .tool && $0.text.contains("Nothing.") })
    }

    @Test("fields that nobody knows are forwarded byte for byte, wherever they stand", arguments: fixtures)
    func unknownFields(fixture: DialectFixture) async throws {
        let request = try fixture.request(streamed: false)
        let answer = try fixture.answer("Yes.", streamed: false)
        let requests = try JSONDocument(Array(request.utf8)).withMember("\"x_kept\" : [ 1.50 ,\t{ } ]")
        #expect(!requests.isEmpty)
        let outcomes = try await run(
            requests.map { FixtureCase(request: $0, answer: answer, streamed: false) },
            of: fixture
        )
        for (request, outcome) in zip(requests, outcomes) { #expect(outcome.forwarded?.text == request) }
    }
}

// MARK: - Answers

extension DialectConformanceTests {
    @Test("an answer is masked or refused", arguments: fixtures, [false, true])
    func answers(fixture: DialectFixture, streamed: Bool) async throws {
        for kind in [AnswerKind.text, .toolCall] where fixture.hasAnswer(kind, streamed: streamed) {
            let request = try fixture.request(streamed: streamed)
            let cases = try [Self.address, Self.bad].map {
                FixtureCase(
                    request: request,
                    answer: try fixture.answer($0, kind, streamed: streamed),
                    streamed: streamed
                )
            }
            let outcomes = try await run(cases, of: fixture)
            let expected = try fixture.answer(Self.masked, kind, streamed: streamed)
            if !streamed { #expect(outcomes[0].response.text == expected) }
            let seen = try SeenAnswer(outcomes[0].response.body, of: fixture, streamed: streamed)
            #expect(try seen == SeenAnswer(Array(expected.utf8), of: fixture, streamed: streamed))
            #expect(!outcomes[0].response.text.contains("jane"))
            #expect(outcomes[0].records.map(\.decision.outcome) == [.allow, .redact])
            if streamed { #expect(outcomes[0].records[1].releasedCharacters == seen.characters) }

            try expectRefusal(outcomes[1], of: fixture, streamed: streamed)
            #expect(outcomes[1].records.map(\.decision.outcome) == [.allow, .block])
            #expect(outcomes[1].records[1].status == 200)
            if streamed { #expect(outcomes[1].records[1].releasedCharacters == 0) }
        }
    }

    @Test(
        "a second choice is judged like the first",
        arguments: fixtures.filter { $0.hasAnswer(.choices, streamed: false) }
    )
    func secondChoice(fixture: DialectFixture) async throws {
        let request = try fixture.request(streamed: false)
        let answer = try fixture.answer("Fine.", .choices, second: Self.bad, streamed: false)
        let outcome = try await run(FixtureCase(request: request, answer: answer, streamed: false), of: fixture)
        #expect(!outcome.response.text.contains("badword"))
        #expect(outcome.response.text.contains(fixture.settings.refused))
        let seen = try SeenAnswer(outcome.response.body, of: fixture, streamed: false)
        #expect(seen.texts == [0: "Fine.", 1: Self.refusal])
        #expect(outcome.records.map(\.decision.outcome) == [.allow, .block])

        guard fixture.hasAnswer(.choices, streamed: true) else { return }
        let streamRequest = try fixture.request(streamed: true)
        for (first, second) in [(Self.bad, "Fine."), ("Fine.", Self.bad)] {
            let stream = try fixture.answer(first, .choices, second: second, streamed: true)
            let outcome = try await run(
                FixtureCase(request: streamRequest, answer: stream, streamed: true),
                of: fixture
            )
            #expect(!outcome.response.text.contains("badword"))
            #expect(outcome.response.text.contains(fixture.settings.refused))
            #expect(outcome.records.map(\.decision.outcome) == [.allow, .block])
        }
    }
}

// MARK: - Streams

extension DialectConformanceTests {
    private static let streams = fixtures.filter { $0.hasAnswer(.text, streamed: true) }

    @Test("a stream that is cut anywhere on its way gives the same text", arguments: streams)
    func cutBytes(fixture: DialectFixture) async throws {
        let request = try fixture.request(streamed: true)
        let answer = try fixture.answer(Self.address, streamed: true)
        let blocked = try fixture.answer(Self.bad, streamed: true)
        let places = (1..<blocked.utf8.count).map { [$0] }
        for outcome in try await run(
            places.map { FixtureCase(request: request, answer: blocked, streamed: true, sizes: $0) },
            of: fixture
        ) { try expectRefusal(outcome, of: fixture, streamed: true) }
        let count = answer.utf8.count
        let sizes = [[Int](repeating: 1, count: count)] + (1..<count).map { [$0] }
        let outcomes = try await run(
            sizes.map { FixtureCase(request: request, answer: answer, streamed: true, sizes: $0) },
            of: fixture
        )
        let expected = try fixture.answer(Self.masked, streamed: true)
        let seen = try SeenAnswer(Array(expected.utf8), of: fixture, streamed: true)
        for outcome in outcomes {
            #expect(try SeenAnswer(outcome.response.body, of: fixture, streamed: true) == seen)
            #expect(outcome.records.last?.decision.outcome == .redact)
        }
    }

    @Test("a text that is cut anywhere into pieces is judged and masked as one", arguments: streams)
    func cutText(fixture: DialectFixture) async throws {
        let request = try fixture.request(streamed: true)
        for kind in [AnswerKind.text, .toolCall] where fixture.hasAnswer(kind, streamed: true) {
            for (text, expected) in [(Self.address, Self.masked), (Self.bad, Self.refusal)] {
                let cuts = (0...text.count).flatMap { first in [1, 4, 9].map { (first, min(first + $0, text.count)) } }
                let cases = try cuts.map {
                    FixtureCase(
                        request: request,
                        answer: try fixture.answer(text, kind, cuts: $0, streamed: true),
                        streamed: true
                    )
                }
                for outcome in try await run(cases, of: fixture) {
                    let seen = try SeenAnswer(outcome.response.body, of: fixture, streamed: true)
                    // Of what is blocked not a character is released.
                    #expect(text == Self.bad ? seen.texts == [0: expected] : seen.texts[0]?.contains(expected) == true)
                    #expect(!outcome.response.text.contains("badword") && !outcome.response.text.contains("jane"))
                }
            }
        }
    }

    @Test("a stream that turns bad ends with the refusal behind what the client was given", arguments: streams)
    func blockedMidway(fixture: DialectFixture) async throws {
        let early = (0..<60).map { "word\($0) " }.joined()
        let text = early + Self.bad
        let request = try fixture.request(streamed: true)
        let path = fixture.path(streamed: true)
        let type = fixture.settings.streamType
        let answer = try fixture.answer(text, cuts: (100, early.count), streamed: true)
        let start = try #require(answer.firstRange(of: "a quite ")).lowerBound
        let (waiting, released) = AsyncStream.makeStream(of: Void.self)
        let settings = GatewaySettings(upstreamIdleTimeout: .seconds(10), routes: fixture.customRoutes)
        try await withGateway(
            settings,
            upstream: { wire in
                _ = try await wire.message()
                try await wire.send("HTTP/1.1 200 OK\r\ncontent-type: \(type)\r\ntransfer-encoding: chunked\r\n\r\n")
                try await wire.sendChunk(String(answer[..<start]))
                // The rest follows when the client has seen the beginning.
                for await _ in waiting { break }
                try await wire.sendChunk(String(answer[start...]))
                try await wire.send("0\r\n\r\n")
                _ = await wire.rest()
            }
        ) { gateway in
            let seen = try await withConnection(to: gateway.port) { wire in
                try await wire.send(
                    "POST \(path) HTTP/1.1\r\nhost: t\r\ncontent-length: \(request.utf8.count)\r\n\r\n\(request)"
                )
                _ = try await wire.head()
                var bytes: [UInt8] = []
                while let more = try await wire.chunk() {
                    bytes += more
                    if bytes.contains(sequence: "word0 ") { released.yield() }
                }
                return bytes
            }
            let text = String(decoding: seen, as: UTF8.self)
            #expect(!text.contains("badword") && !text.contains("a quite"))
            #expect(text.contains(fixture.settings.refused))
            let answer = try SeenAnswer(seen, of: fixture, streamed: true)
            let said = try #require(answer.texts[0])
            #expect(said.hasPrefix("word0 word1 ") && said.hasSuffix(Self.refusal) && answer.finished == [0])
            let record = try #require(gateway.audit.responses.first)
            #expect(record.decision.outcome == .block && record.ending == .completed)
            #expect(record.releasedCharacters == answer.characters - "\n\n\(Self.refusal)".count)
        }
    }
}

extension [UInt8] {
    fileprivate func contains(sequence text: String) -> Bool {
        String(decoding: self, as: UTF8.self).contains(text)
    }
}
