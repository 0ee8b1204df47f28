import Moderation
import Testing

@Suite("Moderator")
struct ModeratorTests {
    private func prompt(_ text: String) -> Subject { Subject(direction: .prompt, turns: [Turn(.user, text)]) }

    @Test("a score at the block threshold blocks, with the rule's reply")
    func blocks() async throws {
        var rule = principleRule("p", "rude")
        rule.reply = "no"
        let judgement = try await moderator([rule]).judge(prompt("so rude"))
        #expect(judgement.outcome == .block)
        #expect(judgement.cause == .content)
        #expect(judgement.reply == "no")
        #expect(judgement.verdicts.map(\.score) == [0.9])
    }

    @Test("the strongest outcome wins, and a shadow rule is recorded but never acts")
    func strongestWins() async throws {
        let flag = Rule(id: "t", detection: .terms(["tea"]), action: .flag)
        let shadow = principleRule("s", "tea", mode: .shadow)
        let judgement = try await moderator([flag, shadow]).judge(prompt("tea"))
        #expect(judgement.outcome == .flag)
        #expect(judgement.verdicts.map(\.outcome) == [.flag, .block])
        #expect(judgement.verdicts.map(\.effective) == [.flag, .allow])
    }

    @Test(
        "content that no detector reads is what the policy says of it; tool definitions and earlier turns are not meant",
        arguments: [(Outcome.allow, Cause.none), (.flag, .unscanned), (.block, .unscanned)]
    )
    func unscanned(action: Outcome, cause: Cause) async throws {
        let policy = PolicySet(name: "test", revision: "r", rules: [], reply: "No pictures.", unscanned: action)
        let moderator = try Moderator(policy: policy, detectors: FakeDetectors(), classifier: nil)
        for kind in [PartKind.image, .audio, .file, .unknown] {
            let part = Part(kind: kind, text: "", pointer: "/x")
            let judged = try await moderator.judge(
                Subject(direction: .prompt, turns: [Turn(role: .user, parts: [part])])
            )
            #expect(judged.outcome == action && judged.cause == cause && judged.reply == "No pictures.")
            #expect(judged.coverage.map(\.state) == [.skipped])
            let earlier = Subject(
                direction: .prompt,
                context: [Turn(role: .user, parts: [part])],
                turns: [Turn(.user, "tea")]
            )
            #expect(try await moderator.judge(earlier).outcome == .allow)
        }
        let tool = Part(kind: .toolDefinition, text: "{}", pointer: "/tools/0")
        let defined = try await moderator.judge(
            Subject(direction: .prompt, turns: [Turn(role: .system, parts: [tool])])
        )
        #expect(defined.outcome == .allow)
    }

    @Test("what is split over two texts of one message is found, and masked in both")
    func acrossParts() async throws {
        let rule = Rule(id: "t", detection: .terms(["blue bird"]), action: .redact)
        let parts = ["a blue", " bi", "rd sings"].enumerated().map { Part(kind: .text, text: $1, pointer: "/\($0)") }
        let subject = Subject(direction: .prompt, turns: [Turn(role: .user, parts: parts)])
        let judged = try await moderator([rule]).judge(subject)
        #expect(judged.outcome == .redact)
        #expect(judged.verdicts[0].matches.values.reduce(0, +) == 1)
        let masked = parts.map { part in
            part.text.replacing(judged.redactions.first { $0.pointer == part.pointer }?.matches ?? [])
        }
        #expect(masked[1...] == ["", " sings"] && masked[0].hasPrefix("a ") && !masked[0].contains("blue"))
        // Whole words in two messages of one speaker.
        let turns = [Turn(.user, "a blue", pointer: "/0"), Turn(.user, "bird sings", pointer: "/1")]
        let lines = Rule(id: "t", detection: .terms(["blue\nbird"]), action: .redact)
        let apart = try await moderator([lines]).judge(Subject(direction: .prompt, turns: turns))
        #expect(apart.outcome == .redact && apart.redactions.map(\.pointer) == ["/0", "/1"])
        let answered = [turns[0], Turn(.tool, "yes"), turns[1]]
        #expect(try await moderator([lines]).judge(Subject(direction: .prompt, turns: answered)).outcome == .allow)
    }

    @Test("a rule that is off, or of the other direction, is not evaluated")
    func notEvaluated() async throws {
        let off = Rule(id: "off", detection: .terms(["tea"]), mode: .off)
        let response = Rule(id: "r", detection: .terms(["tea"]), appliesTo: [.response])
        let judgement = try await moderator([off, response]).judge(prompt("tea"))
        #expect(judgement.verdicts.isEmpty)
        #expect(judgement.outcome == .allow)
        #expect(judgement.cause == .none)
    }

    @Test("what a redacting rule finds in earlier turns is replaced, and other rules leave those turns alone")
    func history() async throws {
        let redact = Rule(id: "r", detection: .terms(["secret"]), action: .redact)
        let block = Rule(id: "b", detection: .terms(["old"]), action: .block)
        let subject = Subject(
            direction: .prompt,
            context: [Turn(.user, "old secret", pointer: "/0")],
            turns: [Turn(.user, "hello", pointer: "/1")]
        )
        let judgement = try await moderator([redact, block]).judge(subject)
        #expect(judgement.outcome == .redact)
        #expect(judgement.redactions.map(\.pointer) == ["/0"])
        #expect("old secret".replacing(judgement.redactions[0].matches) == "old [WORD]")
        #expect(judgement.verdicts.map(\.outcome) == [.redact, .allow])
    }

    @Test("what a redacting rule would find in the prompt is not held against the answer")
    func answerContext() async throws {
        let redact = Rule(id: "r", detection: .terms(["secret"]), action: .redact)
        let subject = Subject(
            response: Turn(.assistant, "fine", pointer: "/a"),
            to: Conversation(turns: [Turn(.user, "secret", pointer: "/q")])
        )
        let judgement = try await moderator([redact]).judge(subject)
        #expect(judgement.outcome == .allow)
        #expect(judgement.redactions.isEmpty)
    }

    @Test("a low screening score answers for screened rules only")
    func screen() async throws {
        let rules = [principleRule("a", "rude", screened: true), principleRule("b", "tea")]
        let screen = Screen(principle: "harm", bar: 0.5)
        let quiet = try await moderator(rules, screen: screen).judge(prompt("rude tea"))
        #expect(quiet.verdicts.map(\.screenedOut) == [true, false])
        #expect(quiet.verdicts.map(\.score) == [nil, 0.9])
        #expect(quiet.screenScore == 0.1)
        let alarmed = try await moderator(rules, screen: screen).judge(prompt("rude harm"))
        #expect(alarmed.verdicts.map(\.score) == [0.9, 0.1])
        #expect(alarmed.screenScore == 0.9)
    }

    @Test(
        "a classifier that fails is decided by on_error, and told apart from a block for content",
        arguments: [
            (ErrorAction.block, Outcome.block, Cause.guardUnavailable, FailMode.closed), (.allow, .allow, .none, .open),
        ]
    )
    func classifierFails(onError: ErrorAction, outcome: Outcome, cause: Cause, failMode: FailMode) async throws {
        let rule = principleRule("p", "rude", onError: onError)
        let judgement = try await moderator([rule], classifier: FakeClassifier(behaviour: .fails)).judge(prompt("hi"))
        #expect(judgement.outcome == outcome)
        #expect(judgement.cause == cause)
        #expect(judgement.failMode == failMode)
        #expect(judgement.verdicts[0].error == "classifier failed: out of order")
        if outcome == .block { #expect(judgement.reply == Moderator.guardUnavailableReply) }
    }

    @Test("a classifier without room is told apart from one that is down, unless another rule blocks for content")
    func overload() async throws {
        let full = FakeClassifier(behaviour: .isFull)
        let rule = principleRule("p", "rude", onError: .block)
        let judgement = try await moderator([rule], classifier: full).judge(prompt("hi"))
        #expect(judgement.outcome == .block && judgement.cause == .overloaded && judgement.failMode == .closed)
        #expect(judgement.reply == Moderator.guardUnavailableReply)
        let open = try moderator([principleRule("p", "rude", onError: .allow)], classifier: full)
        #expect(try await open.judge(prompt("hi")).cause == .none)
        let terms = Rule(id: "t", detection: .terms(["hi"]), action: .block)
        #expect(try await moderator([terms, rule], classifier: full).judge(prompt("hi")).cause == .content)
        var later = Judgement(verdicts: [Verdict(rule: "p", mode: .enforce, outcome: .allow)])
        later.absorb(judgement)
        #expect(later.cause == .overloaded)
    }

    @Test("a missing model is a failed classifier, not an allow")
    func noModel() async throws {
        let judgement = try await moderator([principleRule("p", "rude")], classifier: nil).judge(prompt("hi"))
        #expect(judgement.outcome == .block)
        #expect(judgement.cause == .guardUnavailable)
    }

    @Test("a detector that fails is decided by on_error")
    func detectorFails() async throws {
        let rule = Rule(id: "t", detection: .terms(["broken"]), action: .flag)
        let judgement = try await moderator([rule]).judge(prompt("hi"))
        #expect(judgement.outcome == .block)
        #expect(judgement.failMode == .closed)
    }

    @Test("a block for content next to a failed detector counts as a block for content")
    func contentBeatsFailure() async throws {
        let rules = [Rule(id: "t", detection: .terms(["broken"])), Rule(id: "w", detection: .terms(["tea"]))]
        let judgement = try await moderator(rules).judge(prompt("tea"))
        #expect(judgement.cause == .content)
        #expect(judgement.failMode == .closed)
    }

    @Test("cancellation passes through")
    func cancellation() async throws {
        let moderator = try moderator([principleRule("p", "x")], classifier: FakeClassifier(behaviour: .cancels))
        await #expect(throws: CancellationError.self) { try await moderator.judge(prompt("hi")) }
    }

    @Test("every part is in the coverage: scanned, read as context, or skipped with a reason")
    func coverage() async throws {
        let image = Part(kind: .image, text: "", pointer: "/2/image")
        let subject = Subject(
            direction: .prompt,
            context: [Turn(.system, "be kind", pointer: "/0"), Turn(.user, "hi", pointer: "/1")],
            turns: [Turn(role: .user, parts: [Part(kind: .text, text: "see", pointer: "/2/text"), image])]
        )
        let coverage = try await moderator([]).judge(subject).coverage
        #expect(coverage.map(\.state) == [.context, .context, .scanned, .skipped])
        #expect(coverage.map(\.reason) == ["operator instructions", "earlier turn", nil, "no detector reads image"])
        #expect(coverage.map(\.bytes) == [7, 2, 3, 0])
    }

    @Test("a part that a rule could not judge is not recorded as scanned, even where the rule lets it pass")
    func failedCoverage() async throws {
        let failed = FakeClassifier(behaviour: .fails)
        let image = Part(kind: .image, text: "", pointer: "/1/image")
        let subject = Subject(
            direction: .prompt,
            context: [Turn(.user, "hi", pointer: "/0")],
            turns: [Turn(role: .user, parts: [Part(kind: .text, text: "see", pointer: "/1/text"), image])]
        )
        for onError in [ErrorAction.allow, .block] {
            let rule = principleRule("p", "rude", onError: onError)
            let coverage = try await moderator([rule], classifier: failed).judge(subject).coverage
            let reason = "not judged by every rule: classifier failed: out of order"
            #expect(coverage.map(\.state) == [.context, .skipped, .skipped])
            #expect(coverage.map(\.reason) == ["earlier turn", reason, "no detector reads image"])
        }
        let broken = Rule(id: "t", detection: .terms(["broken"]), onError: .allow)
        #expect(try await moderator([broken]).judge(subject).coverage[1].state == .skipped)
        let unasked = principleRule("r", "rude", mode: .off)
        #expect(try await moderator([unasked], classifier: failed).judge(subject).coverage[1].state == .scanned)
    }

    @Test(
        "what JSON escapes in a tool call hide is found, and masked in place",
        arguments: [
            (#"{"to":"a\u0077ord"}"#, #"{"to":"a[WORD]"}"#), (#"{"to":"x\nword"}"#, #"{"to":"x\n[WORD]"}"#),
            (#"{"to":"word \u0077\u006f\u0072\u0064"}"#, #"{"to":"[WORD] [WORD]"}"#),
            // Cut off, as in a stream.
            (#"{"to":"wor\u0064 \u00"#, #"{"to":"[WORD] \u00"#),
        ]
    )
    func escapes(arguments: String, masked: String) async throws {
        let rule = Rule(id: "r", detection: .terms(["word"]), action: .redact)
        let part = Part(kind: .toolCall, text: arguments, pointer: "/a")
        let subject = Subject(direction: .response, turns: [Turn(role: .assistant, parts: [part])])
        let judgement = try await moderator([rule]).judge(subject)
        #expect(arguments.replacing(judgement.redactions.first?.matches ?? []) == masked)
        #expect(judgement.outcome == .redact)
    }

    @Test("the classifier reads a tool call without JSON's escapes")
    func escapesForClassifier() async throws {
        let part = Part(kind: .toolCall, text: #"{"to":"r\u0075de \ud83d\ude42"}"#, pointer: "/a")
        let subject = Subject(direction: .response, turns: [Turn(role: .assistant, parts: [part])])
        #expect(try await moderator([principleRule("p", "rude 🙂")]).judge(subject).outcome == .block)
    }

    @Test("one message cut into several turns of one speaker is judged as one text")
    func joinedTurns() async throws {
        let subject = Subject(direction: .prompt, turns: [Turn(.user, "so"), Turn(.user, "rude")])
        #expect(try await moderator([principleRule("p", "so\nrude")]).judge(subject).outcome == .block)
    }

    @Test("a redacting rule whose search fails half-way changes nothing")
    func failedRedaction() async throws {
        let rule = Rule(id: "r", detection: .terms(["fragile"]), action: .redact, onError: .allow)
        let turns = [Turn(.user, "fragile", pointer: "/0"), Turn(.user, "broken", pointer: "/1")]
        let judgement = try await moderator([rule]).judge(Subject(direction: .prompt, turns: turns))
        #expect(judgement.outcome == .allow)
        #expect(judgement.failMode == .open)
        #expect(judgement.redactions.isEmpty)
    }

    @Test("each judged turn is put to the classifier, and the highest score counts")
    func turns() async throws {
        let subject = Subject(direction: .prompt, turns: [Turn(.tool, "rude"), Turn(.user, "kind")])
        let judgement = try await moderator([principleRule("p", "rude")]).judge(subject)
        #expect(judgement.verdicts[0].score == 0.9)
    }
}
