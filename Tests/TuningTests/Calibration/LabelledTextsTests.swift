import Foundation
import Moderation
import Testing
import Tuning

@Suite("Texts to calibrate with")
struct LabelledTextsTests {
    private func withFile<Result>(_ lines: [String], _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "texts-\(UUID().uuidString)").path
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private func texts(_ lines: [String], _ directions: Set<Direction>, label: String = "tax") throws -> LabelledTexts {
        try withFile(lines) { path in
            var texts = LabelledTexts(directions: directions, label: label)
            try texts.add(path: path)
            return texts
        }
    }

    @Test("simple rows say what they are in either way")
    func simple() throws {
        let lines = [
            #"{"text":"a","violates":true}"#, #"{"text":"b","violates":false}"#, #"{"text":"c","label":"positive"}"#,
            #"{"text":"d","label":"negative"}"#, #"{"prompt":"e","violates":false}"#,
            #"{"prompt":"why?","response":"f","violates":true}"#,
        ]
        let both = try texts(lines, [.prompt, .response])
        #expect(both.texts.map(\.isPositive) == [true, false, true, false, false, true])
        #expect(both.texts.map(\.text) == ["a", "b", "c", "d", "e", "f"])
        #expect(both.texts[5].direction == .response && both.texts[5].context.map(\.text) == ["why?"])
        let answers = try texts(lines, [.response])
        #expect(answers.texts.map(\.text) == ["a", "b", "c", "d", "f"] && answers.otherDirection == 1)
    }

    @Test("rows of the data sets speak by a label or as unsafe; null says nothing")
    func labelled() throws {
        func row(_ text: String, _ value: String, unsafe: String) -> String {
            #"{"id":"1","kind":"prompt","prompt":null,"text":"\#(text)","labels":{"tax":\#(value)},"unsafe":\#(unsafe)}"#
        }
        let lines = [row("a", "1", unsafe: "0"), row("b", "0", unsafe: "1"), row("c", "null", unsafe: "1")]
        let tax = try texts(lines, [.prompt])
        #expect(tax.texts.map(\.isPositive) == [true, false] && tax.unlabelled == 1)
        let unsafe = try texts(lines, [.prompt], label: "unsafe")
        #expect(unsafe.texts.map(\.isPositive) == [false, true, true])
        let other = try texts(lines, [.prompt], label: "law")
        #expect(other.texts.isEmpty && other.unlabelled == 3 && other.labels == ["tax"])
    }

    @Test("recorded traffic is harmless where it is said to be, with what was asked before each answer")
    func recorded() throws {
        func record(_ direction: String, _ content: String) -> String {
            #"{"id":"1","direction":"\#(direction)","request_id":"r","outcome":"allow","rules":[],"content":[\#(content)]}"#
        }
        let lines = [
            record("prompt", #"{"role":"user","text":"why?"},{"role":"tool","text":"so"}"#),
            record("response", #"{"role":"user","text":"why?"},{"role":"assistant","text":"because"}"#),
            record("prompt", #"{"role":"user"}"#), record("prompt", ""),
        ]
        let texts = try withFile(lines) { path in
            var texts = LabelledTexts(directions: [.prompt, .response], label: "tax")
            try texts.add(path: path, areHarmless: true)
            return texts
        }
        #expect(texts.texts.map(\.text) == ["why?\nso", "because"] && texts.texts.allSatisfy { !$0.isPositive })
        #expect(texts.texts.map { $0.context.map(\.text) } == [[], ["why?\nso"]] && texts.withoutText == 2)
        #expect(throws: TuningError.self) { try self.texts(lines, [.prompt]) }
    }

    @Test("a text counts once, and a limit takes the same rows whatever their order")
    func repeated() throws {
        let lines = (0..<40).map { #"{"text":"text \#($0)","violates":false}"# }
        let twice = try texts(lines + lines, [.prompt])
        #expect(twice.texts.count == 40 && twice.repeated == 40)
        func limited(_ lines: [String]) throws -> Set<LabelledText> {
            try withFile(lines) { path in
                var texts = LabelledTexts(directions: [.prompt], label: "tax")
                try texts.add(path: path, limit: 10)
                #expect(texts.beyondLimit == 30)
                return Set(texts.texts)
            }
        }
        let some = try limited(lines)
        #expect(try some.count == 10 && some == limited(lines.reversed()))
    }

    @Test("rows of a harmless file count as harmless, whatever they say")
    func harmless() throws {
        try withFile([#"{"text":"a"}"#, #"{"text":"b","violates":true}"#]) { path in
            var texts = LabelledTexts(directions: [.prompt], label: "tax")
            try texts.add(path: path, areHarmless: true)
            #expect(texts.texts.map(\.isPositive) == [false, false])
        }
    }

    @Test(
        "a row without text or truth names its place and none of its words",
        arguments: [
            #"{"text":"private"}"#, #"{"violates":true}"#, #"{"text":"private","label":"maybe"}"#, "private",
            #"["private"]"#, #"{"text":"private","violates":"yes"}"#,
        ]
    )
    func malformed(line: String) throws {
        try withFile([#"{"text":"a","violates":true}"#, line]) { path in
            var texts = LabelledTexts(directions: [.prompt], label: "tax")
            let expected = TuningError.malformedLabelledText(path: path, row: 2)
            #expect(throws: expected) { try texts.add(path: path) }
            #expect(!expected.description.contains("private"))
        }
    }

    @Test("a rule's own texts: allow is harmless, the strongest outcome a violation, a mere flag neither")
    func own() {
        let principle = Principle(text: "p", thresholds: Thresholds(flag: 0.5, block: 0.8))
        var rule = Rule(
            id: "r",
            detection: .principle(principle),
            tests: [
                RuleTest(prompt: "a", expect: .allow), RuleTest(prompt: "b", expect: .flag),
                RuleTest(prompt: "c", expect: .block), RuleTest(prompt: "why?", response: "d", expect: .allow),
            ]
        )
        let own = LabelledText.own(of: rule)
        #expect(own.map(\.text) == ["a", "c", "d"] && own.map(\.isPositive) == [false, true, false])
        #expect(own[2].direction == .response && own[2].context.map(\.text) == ["why?"])
        rule.detection.thresholds = Thresholds(flag: 0.5)
        #expect(LabelledText.own(of: rule).map(\.isPositive) == [false, true, false])
        rule.detection = .examples(Examples(positive: ["x"], negative: ["y"], thresholds: Thresholds(block: 0.5)))
        rule.tests = []
        #expect(LabelledText.own(of: rule).map(\.isPositive) == [true, false])
        rule.detection = .terms(["x"])
        #expect(LabelledText.own(of: rule).isEmpty)
    }
}

@Suite("Scoring a rule")
struct RuleScorerTests {
    private struct NoDetectors: DetectorBuilder {
        func detector(for detection: Detection) throws(DetectionError) -> (any Detector)? { nil }
    }

    /// A text's length decides a question; a comparison says how many examples there are.
    private struct CountingClassifier: Classifier {
        var fails = false
        let identity = ClassifierIdentity(model: "m", modelDigest: "0", adapterDigest: nil, template: "t")

        struct Failure: Error, CustomStringConvertible { let description = "the model is asleep" }

        func classify(_ request: ClassificationRequest) async throws -> Classification {
            if fails { throw Failure() }
            let score = request.screen == nil ? Double(request.text.count) / 10 : 0
            return Classification(
                scores: request.questions.map { _ in score },
                similarities: request.comparisons.map { Double($0.positive.count + $0.negative.count) / 10 },
                textTokens: 1
            )
        }
    }

    private func text(_ text: String, _ isPositive: Bool = false) -> LabelledText {
        LabelledText(direction: .prompt, text: text, isPositive: isPositive)
    }

    @Test("a rule that is off or screened is asked all the same")
    func principle() async throws {
        let principle = Principle(text: "p", screened: true, thresholds: Thresholds(block: 0.5))
        let rule = Rule(id: "r", detection: .principle(principle), mode: .off)
        let scorer = RuleScorer(rule: rule, detectors: NoDetectors(), classifier: CountingClassifier())
        let samples = try await scorer.score([text("abc"), text("abcdefg", true)])
        #expect(samples.map(\.score) == [0.3, 0.7] && samples.map(\.isPositive) == [false, true])
    }

    @Test("an example is compared with the others, not with itself; an only one can't be")
    func examples() async throws {
        let examples = Examples(positive: ["a", "b"], negative: ["c"], thresholds: Thresholds(block: 0.5))
        let rule = Rule(id: "r", detection: .examples(examples))
        let scorer = RuleScorer(rule: rule, detectors: NoDetectors(), classifier: CountingClassifier())
        let samples = try await scorer.score(LabelledText.own(of: rule) + [text("d")])
        #expect(samples.map(\.score) == [0.2, 0.2, 0.2, 0.3])
        let single = Rule(id: "r", detection: .examples(Examples(positive: ["a"], thresholds: Thresholds(block: 0.5))))
        let alone = RuleScorer(rule: single, detectors: NoDetectors(), classifier: CountingClassifier())
        #expect(try await alone.score(LabelledText.own(of: single)).isEmpty)
    }

    @Test("a rule that can't answer ends the run, with the text's number")
    func failure() async throws {
        let principle = Principle(text: "p", thresholds: Thresholds(block: 0.5))
        let rule = Rule(id: "r", detection: .principle(principle), onError: .allow)
        let scorer = RuleScorer(rule: rule, detectors: NoDetectors(), classifier: CountingClassifier(fails: true))
        await #expect(throws: ScoringError.self) { try await scorer.score([text("a")]) }
    }
}
