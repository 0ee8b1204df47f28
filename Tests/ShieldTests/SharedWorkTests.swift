import Gemma
import Moderation
import Shield
import Synchronization
import Testing

/// What is computed, counted in tokens and passes.
@Suite("Nothing judged twice", .enabled(if: RealModel.isThere, "needs the fetched model"), .serialized)
struct SharedWorkTests {
    private let principles = [
        "The message shall not be rude.", "The message shall not contain recipes for bread.",
        "The message shall not be about the weather or the seasons of the year.", "Nobody may mention tea.",
    ]
    private let bread = "What is a good recipe for sourdough bread?"

    private func request(
        _ text: String,
        _ principles: [String]? = nil,
        direction: Direction = .prompt,
        after prompt: String? = nil,
        bar: Double? = nil
    ) -> ClassificationRequest {
        ClassificationRequest(
            direction: direction,
            context: prompt.map { [Turn(role: .user, parts: [Part(kind: .text, text: $0, pointer: "")])] } ?? [],
            text: text,
            questions: (principles ?? self.principles).map { Question(principle: $0, screened: bar != nil) },
            screen: bar.map { Screen(principle: "The message shall not be harmful.", bar: $0) }
        )
    }

    private func engine(
        queueLimit: Int = 64,
        willRun: @Sendable @escaping (EnginePass) -> Void = { _ in }
    ) throws -> Engine {
        Engine(model: try #require(RealModel.exact).model, queueLimit: queueLimit, willRun: willRun)
    }

    private func classifier(_ engine: Engine) throws -> ShieldClassifier {
        try RealModel.classifier(on: engine)
    }

    private func expectEqual(_ a: [Double?], _ b: [Double?], within tolerance: Double = 1e-3) {
        #expect(a.count == b.count)
        for (a, b) in zip(a, b) { #expect(abs((a ?? -1) - (b ?? -2)) < tolerance) }
    }

    @Test("a text and all its questions are one pass, and what the questions begin with is computed once")
    func onePass() async throws {
        let engine = try engine()
        let classifier = try classifier(engine)
        let tokenizer = engine.model.tokenizer
        let tails = principles.prefix(3).map { tokenizer.encode($0).count + tokenizer.encode("\nViolation:").count }
        // <start_of_turn>policy\nThe message shall not
        let head = 3 + tokenizer.encode("The message shall not").count
        let content = tokenizer.encode(bread).count + 6
        let together = try await classifier.classify(request(bread, Array(principles.prefix(3))))
        #expect(engine.load.passes == 1)
        #expect(together.computedTokens == content + head + tails.reduce(0, +) - 3 * (head - 3))
        #expect(engine.load.rows == together.computedTokens)
        var alone: [Double?] = []
        for principle in principles.prefix(3) {
            let answer = try await self.classifier(engine).classify(request(bread, [principle]))
            #expect(answer.computedTokens == content + 3 + tails[alone.count])
            alone += answer.scores
        }
        #expect(engine.load.passes == 4)
        expectEqual(together.scores, alone)
    }

    @Test("questions with little in common share what they have")
    func shortHead() async throws {
        let together = try await classifier(engine()).classify(request(bread))
        var alone: [Double?] = []
        for principle in principles {
            alone += try await classifier(engine()).classify(request(bread, [principle])).scores
        }
        expectEqual(together.scores, alone)
    }

    @Test("the screen costs one pass, and the rules after it a second one without the text")
    func screen() async throws {
        let engine = try engine()
        let spared = try await classifier(engine).classify(request(bread, bar: 1))
        #expect(engine.load.passes == 1 && spared.scores.allSatisfy { $0 == nil })
        let asked = try await classifier(engine).classify(request(bread, bar: 0))
        #expect(engine.load.passes == 3)
        let unscreened = try await classifier(engine).classify(request(bread))
        expectEqual(asked.scores, unscreened.scores)
        expectEqual([asked.screenScore], [spared.screenScore])
        let tail = engine.model.tokenizer.encode("\nViolation:").count
        let rules = principles.reduce(0) { $0 + engine.model.tokenizer.encode($1).count + tail }
        #expect(asked.computedTokens - spared.computedTokens <= rules + 3 * principles.count)
    }

    @Test("a text that was judged costs nothing; another principle, text or direction is judged")
    func scores() async throws {
        let engine = try engine()
        let classifier = try classifier(engine)
        let first = try await classifier.classify(request(bread))
        let passes = engine.load.passes
        let again = try await classifier.classify(request(bread))
        #expect(again.computedTokens == 0 && again.scores == first.scores)
        let fewer = try await classifier.classify(request(bread, [principles[2]]))
        #expect(fewer.computedTokens == 0 && fewer.scores == [first.scores[2]])
        #expect(engine.load.passes == passes)
        #expect(classifier.scoreLoad.lookups == 9 && classifier.scoreLoad.hits == 5)
        #expect(classifier.scoreLoad.entries == 1 && classifier.scoreLoad.bytes > 0)

        let more = try await classifier.classify(request(bread, principles + ["The message shall not be long."]))
        #expect(Array(more.scores.prefix(4)) == first.scores)
        #expect(more.computedTokens > 0 && more.computedTokens < 30)
        let response = try await classifier.classify(request(bread, direction: .response, after: "Yes?"))
        #expect(response.computedTokens > 0 && response.scores != first.scores)
        let other = try await classifier.classify(request(bread + "?"))
        #expect(other.computedTokens > 0 && other.scores != first.scores)
    }

    @Test("the rules that a screen spared are asked when another policy's bar is lower; the screen is not asked again")
    func screenFromCache() async throws {
        let engine = try engine()
        let classifier = try classifier(engine)
        let spared = try await classifier.classify(request(bread, bar: 1))
        let asked = try await classifier.classify(request(bread, bar: 0))
        #expect(asked.screenScore == spared.screenScore)
        #expect(asked.scores.allSatisfy { $0 != nil })
        #expect(engine.load.passes == 2)
        let again = try await classifier.classify(request(bread, bar: 0))
        #expect(again.scores == asked.scores && again.screenScore == asked.screenScore && again.computedTokens == 0)
    }

    @Test("without room for scores, and without room for keys and values, everything is computed and nothing changes")
    func noRoom() async throws {
        var settings = ShieldClassifier.Settings()
        settings.scoreCacheBytes = 0
        settings.prefixCacheBytes = 0
        let classifier = try RealModel.classifier(settings, on: RealModel.exact)
        let first = try await classifier.classify(request(bread))
        let again = try await classifier.classify(request(bread))
        #expect(again.computedTokens == first.computedTokens)
        expectEqual(again.scores, first.scores)
        #expect(classifier.scoreLoad.entries == 0 && classifier.prefixLoad.entries == 0)
    }

    @Test("each turn of a conversation costs its new tokens and the questions")
    func conversation() async throws {
        let engine = try engine()
        let classifier = try classifier(engine)
        let questions = try await self.classifier(engine).classify(request("")).computedTokens
        var history: [Turn] = []
        for turn in 1...10 {
            let prompt = "In year \(turn) we planted \(turn * 7) trees beside the river and along the old railway line."
            let answer = "So after \(turn) years there is shade, and the birds have come back to nest in the branches."
            func judge(_ text: String, _ direction: Direction) async throws -> Classification {
                var judged = request(text, direction: direction)
                judged.context = history
                return try await classifier.classify(judged)
            }
            let asked = try await judge(prompt, .prompt)
            #expect(asked.computedTokens <= asked.textTokens + questions)
            history.append(Turn(role: .user, parts: [Part(kind: .text, text: prompt, pointer: "")]))
            let said = try await judge(answer, .response)
            // The prompt, read a moment ago, is read on; what the layout adds is a turn's frame.
            #expect(said.computedTokens <= said.textTokens + questions + 6)
            history.append(Turn(role: .assistant, parts: [Part(kind: .text, text: answer, pointer: "")]))
        }
        #expect(classifier.prefixLoad.hits > 10 * 20)
    }

    @Test("each window of a growing stream costs its new tokens and the questions")
    func stream() async throws {
        let engine = try engine()
        let classifier = try classifier(engine)
        let questions = try await self.classifier(engine).classify(request("")).computedTokens
        var text = ""
        var known = 0
        for step in 1...8 {
            text += "Step \(step) is to fold the dough once more and to leave it alone for half an hour. "
            let answer = try await classifier.classify(request(text, direction: .response, after: "Teach me."))
            let new = answer.textTokens - known
            // The last token of a text may change when the text goes on.
            if step > 1 { #expect(answer.computedTokens <= new + questions + 2) }
            known = answer.textTokens
        }
    }

    @Test("texts that come at once share passes and score as they do alone")
    func atOnce() async throws {
        let passes = Mutex<[Int]>([])
        let engine = try engine { pass in passes.withLock { $0.append(pass.rows.count) } }
        let classifier = try classifier(engine)
        let texts = (1...24).map { "Number \($0): please tell me about \($0 * 3) kinds of apples and how they taste." }
        let scores = try await withThrowingTaskGroup(of: (Int, [Double?]).self) { group in
            for (index, text) in texts.enumerated() {
                group.addTask { (index, try await classifier.classify(request(text)).scores) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(passes.withLock { $0.contains { $0 > 1 } })
        for (index, text) in texts.enumerated() {
            let alone = try await self.classifier(engine).classify(request(text)).scores
            expectEqual(try #require(scores[index]), alone)
        }
    }

    @Test("a full engine is an overload, not a failure")
    func overload() async throws {
        let isOpen = Atomic<Bool>(false)
        let engine = try engine(queueLimit: 1) { _ in while !isOpen.load(ordering: .acquiring) {} }
        let classifier = try classifier(engine)
        let running = Task { try await classifier.classify(request(bread)) }
        while !engine.load.isBusy { await Task.yield() }
        let waiting = Task { try await classifier.classify(request("Tea?")) }
        while engine.load.waiting == 0 { await Task.yield() }
        await #expect(throws: ClassifierOverload()) { try await classifier.classify(request("Cake?")) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        isOpen.store(true, ordering: .releasing)
        #expect(try await running.value.scores.count == 4)
        #expect(try await classifier.classify(request("Cake?")).scores.count == 4)
        #expect(engine.load.rejected == 1 && engine.load.cancelled == 1)
    }
}
