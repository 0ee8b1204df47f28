import Moderation
import Testing

@Suite("What stands in the place of redacted words")
struct PlaceholderTests {
    private func moderator(_ style: RedactionStyle, restores: Bool = false) throws -> Moderator {
        let rule = Rule(id: "r", detection: .terms(["tea"]), action: .redact, redactAs: style, restores: restores)
        let policy = PolicySet(name: "test", revision: "r1", rules: [rule])
        return try Moderator(
            policy: policy,
            detectors: FakeDetectors(),
            classifier: nil,
            digest: { "d\($0.utf8.count)" }
        )
    }

    private func redacted(_ text: String, _ judgement: Judgement, pointer: String = "/text") -> String {
        text.replacing(judgement.redactions.first { $0.pointer == pointer }?.matches ?? [])
    }

    @Test("the same words get the same placeholder, in the order of the conversation")
    func numbering() async throws {
        let moderator = try moderator(.placeholder)
        let turns = [
            Turn(.user, "tea and tea", pointer: "/0"), Turn(.assistant, "yes", pointer: "/1"),
            Turn(.user, "tea?", pointer: "/2"),
        ]
        let judgement = try await moderator.judge(Subject(prompt: Conversation(turns: turns)))
        #expect(redacted("tea and tea", judgement, pointer: "/0") == "[WORD_1] and [WORD_1]")
        #expect(redacted("tea?", judgement, pointer: "/2") == "[WORD_1]?")
    }

    @Test("numbers follow the text, whichever rule finds the words, and stay when the text grows")
    func growing() async throws {
        let rules = ["tea", "milk"].map {
            Rule(
                id: $0,
                detection: .terms(Terms(lists: [TermList(terms: [$0])])),
                action: .redact,
                redactAs: .placeholder
            )
        }
        let policy = PolicySet(name: "test", revision: "r1", rules: rules)
        let moderator = try Moderator(policy: policy, detectors: FakeDetectors(), classifier: nil)
        func judge(_ text: String, _ known: Placeholders) async throws -> Judgement {
            try await moderator.judge(Subject(direction: .response, turns: [Turn(.assistant, text)]), knowing: known)
        }
        let first = try await judge("milk, then", Placeholders())
        #expect(redacted("milk, then", first) == "[WORD_1], then")
        let kept = first.placeholders.keeping(["[WORD_1]"], since: Placeholders())
        let second = try await judge("milk, then tea", kept)
        #expect(redacted("milk, then tea", second) == "[WORD_1], then [WORD_2]")
        // What stood for a beginning that was none is forgotten.
        let dropped = first.placeholders.keeping([], since: Placeholders())
        #expect(redacted("tea", try await judge("tea", dropped)) == "[WORD_1]")
        #expect(try await judge("milk [WORD_1]", Placeholders()).redactions.flatMap(\.matches).count == 1)
    }

    @Test("a digest stands for the words")
    func hash() async throws {
        let subject = Subject(direction: .prompt, turns: [Turn(.user, "some tea")])
        #expect(redacted("some tea", try await moderator(.hash).judge(subject)) == "some [WORD_d3]")
    }

    @Test("the chatbot's answer gets the words back where the rule says so, escaped where it is JSON")
    func restoring() async throws {
        let rule = Rule(
            id: "r",
            detection: .terms([#"the "tea""#]),
            action: .redact,
            redactAs: .placeholder,
            restores: true,
            appliesTo: [.prompt]
        )
        let policy = PolicySet(name: "test", revision: "r1", rules: [rule])
        let moderator = try Moderator(policy: policy, detectors: FakeDetectors(), classifier: nil)
        let prompt = Subject(direction: .prompt, turns: [Turn(.user, #"boil the "tea""#)])
        let asked = try await moderator.judge(prompt)
        #expect(redacted(#"boil the "tea""#, asked) == "boil [WORD_1]")
        let arguments = #"{"what":"[WORD_1]"}"#
        let answer = Turn(
            role: .assistant,
            parts: [
                Part(kind: .text, text: "I boil [WORD_1], not [WORD_2].", pointer: "/a"),
                Part(kind: .toolCall, text: arguments, pointer: "/b"),
            ]
        )
        let judged = try await moderator.judge(
            Subject(direction: .response, turns: [answer]),
            knowing: asked.placeholders
        )
        #expect(judged.outcome == .allow)
        #expect(
            redacted("I boil [WORD_1], not [WORD_2].", judged, pointer: "/a") == #"I boil the "tea", not [WORD_2]."#
        )
        #expect(redacted(arguments, judged, pointer: "/b") == #"{"what":"the \"tea\""}"#)
    }

    @Test("without restore the placeholder stays")
    func notRestored() async throws {
        let moderator = try moderator(.placeholder)
        let asked = try await moderator.judge(Subject(direction: .prompt, turns: [Turn(.user, "tea")]))
        let answer = Subject(direction: .response, turns: [Turn(.assistant, "[WORD_1]")])
        #expect(try await moderator.judge(answer, knowing: asked.placeholders).redactions.isEmpty)
    }
}
