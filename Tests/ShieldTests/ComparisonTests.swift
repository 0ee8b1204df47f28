import Gemma
import Moderation
import Shield
import Testing

/// Texts compared with examples by the real model.
@Suite("Comparisons with examples", .enabled(if: RealModel.isThere, "needs the fetched model"), .serialized)
struct ComparisonTests {
    private let cooking = Comparison(
        positive: [
            "How long should I simmer the tomato sauce?", "Can I use honey instead of sugar in this cake?",
            "What is a good recipe for lentil soup?",
        ],
        negative: []
    )
    private let bread = "How hot must the oven be for sourdough bread?"
    private let trains = "When does the last train to the coast leave on Sunday?"

    private func request(
        _ text: String,
        _ comparisons: [Comparison],
        questions: [Question] = [],
        screen: Screen? = nil,
        direction: Direction = .prompt
    ) -> ClassificationRequest {
        let user = Turn(role: .user, parts: [Part(kind: .text, text: "I am hungry.", pointer: "")])
        return ClassificationRequest(
            direction: direction,
            context: direction == .response ? [user] : [],
            text: text,
            questions: questions,
            screen: screen,
            comparisons: comparisons
        )
    }

    /// This suite's own, so that what it counts is its own, and the ordinary texts are read once.
    private static let engine = RealModel.engine.map { Engine(model: $0.model) }
    private static let shared = try? RealModel.classifier(on: engine)

    private func engine() throws -> Engine { try #require(Self.engine) }

    private func classifier() throws -> ShieldClassifier { try #require(Self.shared) }

    @Test("an example scores near 1, its subject high, another subject low; again the same, and at no cost")
    func subjects() async throws {
        let (engine, classifier) = (try engine(), try classifier())
        func similarity(_ text: String) async throws -> Double {
            try await classifier.classify(request(text, [cooking])).similarities[0]
        }
        #expect(try await similarity(cooking.positive[0]) > 0.95)
        let (near, far) = (try await similarity(bread), try await similarity(trains))
        #expect(near > 0.5 && far < 0.1)
        let passes = engine.load.passes
        let again = try await classifier.classify(request(bread, [cooking]))
        #expect(again.similarities == [near] && again.computedTokens == 0 && again.scores.isEmpty)
        #expect(engine.load.passes == passes)
        let fresh = try await RealModel.classifier(on: engine).classify(request(bread, [cooking]))
        #expect(abs(fresh.similarities[0] - near) < 0.02)
    }

    @Test("negative examples pull down what is like them, and less what is not")
    func negatives() async throws {
        var baking = cooking
        baking.negative = ["What temperature is best for baking a loaf?", "Which flour makes the crispest bread?"]
        let classifier = try classifier()
        let texts = [bread, "How do I make a creamy mushroom sauce?"]
        var found: [[Double]] = []
        for text in texts {
            found.append(try await classifier.classify(request(text, [cooking, baking])).similarities)
        }
        #expect(found[0][1] < 0.2 && found[0][0] > 0.5)
        #expect(found[1][0] > 0.5 && found[1][1] > found[0][1])
    }

    @Test("screen, questions and comparisons share one pass, and the questions score as they do alone")
    func onePass() async throws {
        let (engine, classifier) = (try engine(), try classifier())
        // So that the examples have been read.
        let alone = try await classifier.classify(request(trains, [cooking]))
        let passes = engine.load.passes
        let questions = [Question(principle: "The message shall not be rude."), Question(principle: "No bread.")]
        let screen = Screen(principle: "The message shall not be harmful.", bar: 1)
        let cake = "How do I bake a cake without eggs?"
        let together = try await classifier.classify(request(cake, [cooking], questions: questions, screen: screen))
        #expect(engine.load.passes == passes + 1)
        let asked = try await RealModel.classifier(on: engine).classify(
            request(cake, [], questions: questions, screen: screen)
        )
        #expect(asked.similarities.isEmpty)
        #expect(abs((asked.screenScore ?? -1) - (together.screenScore ?? -2)) < 0.02)
        for (a, b) in zip(asked.scores, together.scores) { #expect(abs((a ?? -1) - (b ?? -2)) < 0.02) }
        // The subject costs a few tokens, and the questions one more each.
        #expect(together.computedTokens - asked.computedTokens <= 10)
        #expect(together.similarities[0] > alone.similarities[0])
    }

    @Test("an answer is compared too")
    func response() async throws {
        let classifier = try classifier()
        let answer = "Fry the onions until they are golden, add the lentils and let the soup simmer for an hour."
        let found = try await classifier.classify(request(answer, [cooking], direction: .response))
        #expect(found.similarities[0] > 0.5)
    }

    @Test("in a long text the strongest window counts, and a long example is read whole")
    func longTexts() async throws {
        let classifier = try classifier()
        let filler = String(repeating: "The express train stops at every second station on this line. ", count: 30)
        let recipe = String(repeating: "Simmer the sauce, stir in the cream and season the soup. ", count: 6)
        let plain = try await classifier.classify(request(filler, [cooking]))
        let hidden = try await classifier.classify(request(filler + recipe + filler, [cooking]))
        #expect(hidden.windows > plain.windows && plain.windows > 1)
        #expect(plain.similarities[0] < 0.5)
        #expect(hidden.similarities[0] > 0.5)
        let long = Comparison(positive: [filler + recipe], negative: [])
        #expect(try await classifier.classify(request(bread, [long])).similarities[0] > plain.similarities[0])
    }

    @Test("examples are read once, however many ask with them at a time")
    func atOnce() async throws {
        let (engine, classifier) = (try engine(), try classifier())
        // So that the ordinary texts have been read.
        _ = try await classifier.classify(request(trains, [cooking]))
        let rows = engine.load.rows
        let gardens = Comparison(
            positive: ["When do I prune the roses?"],
            negative: ["Who wrote the Name of the Rose?"]
        )
        let own = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<6 {
                group.addTask { try await classifier.classify(request("Number \(number)", [gardens])).computedTokens }
            }
            return try await group.reduce(0, +)
        }
        let tokenizer = engine.model.tokenizer
        // The frame of a prompt has six tokens, and what is read behind it to learn the subject has seven.
        let examples = (gardens.positive + gardens.negative).reduce(0) { $0 + tokenizer.encode($1).count + 13 }
        #expect(engine.load.rows == rows + own + examples)
    }

    @Test("a failure to read the examples is told, and the next request tries again")
    func failure() async throws {
        let engine = Engine(model: try engine().model)
        engine.shutdown()
        let classifier = try RealModel.classifier(on: engine)
        for _ in 1...2 {
            await #expect(throws: GemmaError.shutDown) { try await classifier.classify(request(bread, [cooking])) }
        }
    }
}
