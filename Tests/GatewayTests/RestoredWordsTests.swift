import Gateway
import Moderation
import Testing

@Suite("Words that a placeholder stands for")
struct RestoredWordsTests {
    private static let fixtures = DialectFixture.all
    private static let address = "jane.doe@example.com"
    private static let policy = PolicySet(
        name: "test",
        revision: "abc",
        rules: [
            Rule(
                id: "mask",
                detection: .terms(["@", #"the "tea""#]),
                action: .redact,
                redactAs: .placeholder,
                restores: true,
                appliesTo: [.prompt]
            )
        ]
    )

    @Test("the chatbot sees placeholders, the client its own words", arguments: fixtures, [false, true])
    func restored(fixture: DialectFixture, streamed: Bool) async throws {
        for kind in [AnswerKind.text, .toolCall] where fixture.hasAnswer(kind, streamed: streamed) {
            let said = "I write to [MASKED_1]."
            let cuts = streamed ? (0...said.count).map { ($0, min($0 + 3, said.count)) } : [(0, 0)]
            let cases = try cuts.map {
                FixtureCase(
                    request: try fixture.request("Write to \(Self.address).", streamed: streamed),
                    answer: try fixture.answer(said, kind, cuts: $0, streamed: streamed),
                    streamed: streamed
                )
            }
            let whole = try fixture.answer("I write to \(Self.address).", kind, streamed: streamed)
            let expected = try SeenAnswer(Array(whole.utf8), of: fixture, streamed: streamed)
            for outcome in try await fixture.run(cases, policy: Self.policy) {
                let forwarded = try #require(outcome.forwarded)
                #expect(try forwarded.text == fixture.request("Write to [MASKED_1].", streamed: streamed))
                #expect(try SeenAnswer(outcome.response.body, of: fixture, streamed: streamed) == expected)
                #expect(outcome.records.map(\.decision.outcome) == [.redact, .allow])
                #expect((outcome.records[1].decision.restored ?? 0) >= 1)
                #expect(outcome.records[1].content.contains { $0.text.contains("[MASKED_1]") })
                #expect(!outcome.records[1].content.contains { $0.text.contains(Self.address) })
                if streamed { #expect(outcome.records[1].releasedCharacters == expected.characters) }
            }
        }
    }

    @Test("in a tool call's JSON they are escaped, in one piece or in many", arguments: [false, true])
    func escaped(streamed: Bool) async throws {
        let fixture = try #require(Self.fixtures.first { $0.name == "openai-chat" })
        let request = try fixture.request(streamed: streamed).replacing("Hello.", with: #"Buy the \"tea\""#)
        let answer = try fixture.answer("[MASKED_1]", .toolCall, cuts: (3, 7), streamed: streamed)
        let outcomes = try await fixture.run(
            [FixtureCase(request: request, answer: answer, streamed: streamed)],
            policy: Self.policy
        )
        let text = try #require(outcomes.first).response.text
        #expect(text.contains(#"the \\\"tea\\\""#))
    }

    @Test("a route that only observes passes the placeholder on, and its record restores nothing")
    func observed() async throws {
        let settings = GatewaySettings(modes: ["/v1/chat/completions": .observe])
        for isStream in [false, true] {
            let answer = isStream ? stream(of: ["To [MASKED_1]."]) : chatAnswer("To [MASKED_1].")
            let type = isStream ? "text/event-stream" : "application/json"
            try await withGateway(settings, policy: Self.policy, upstream: answering(answer, type: type)) { gateway in
                let response = try await gateway.chat(chatRequest("Ask \(Self.address)", stream: isStream))
                #expect(response.text == answer)
                #expect(gateway.audit.responses.map(\.decision.restored) == [nil])
            }
        }
    }

    @Test("what an answer itself redacts can't be had back by naming its placeholder", arguments: [false, true])
    func ownWords(streamed: Bool) async throws {
        var policy = Self.policy
        policy.rules[0].appliesTo = [.prompt, .response]
        let said = "Ask bob@example.com, that is [MASKED_1]." + String(repeating: " And so on.", count: 40)
        let text = said + " It was [MASKED_1]."
        let body = streamed ? stream(of: text.map(String.init)) : chatAnswer(text)
        let type = streamed ? "text/event-stream" : "application/json"
        try await withGateway(policy: policy, upstream: answering(body, type: type)) { gateway in
            let response = try await gateway.chat(chatRequest("Whom?", stream: streamed))
            #expect(!response.text.contains("bob"))
            let seen = try streamed ? SeenStream(response.body).content[0] : nil
            if streamed { #expect(seen == text.replacing("bob@example.com", with: "[MASKED_1]")) }
        }
    }

    @Test("however a stream is cut, the same words get the same placeholder")
    func stableNumbers() async throws {
        var policy = Self.policy
        policy.rules[0].appliesTo = [.prompt, .response]
        policy.rules.append(
            Rule(id: "tea", detection: .terms(["green leaf"]), action: .redact, redactAs: .placeholder)
        )
        let filler = String(repeating: " and so on", count: 20)
        let text = "Ask bob@example.com\(filler) green leaf\(filler) amy@example.com\(filler) bob@example.com."
        let expected = "Ask [MASKED_1]\(filler) [MASKED_2]\(filler) [MASKED_3]\(filler) [MASKED_1]."
        for size in [1, 2, 3, 5, 7, 16, 60] {
            var pieces: [String] = []
            var rest = Substring(text)
            while !rest.isEmpty {
                pieces.append(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            let body = stream(of: pieces)
            let windows = StreamWindows(firstBytes: 16, growth: 1, maxBytes: 16)
            try await withGateway(
                GatewaySettings(windows: windows),
                policy: policy,
                upstream: answering(body, type: "text/event-stream")
            ) { gateway in
                let response = try await gateway.chat(chatRequest("Whom?", stream: true))
                #expect(try SeenStream(response.body).content[0] == expected)
            }
        }
    }
}
