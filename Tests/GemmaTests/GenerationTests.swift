import Gemma
import Testing

@Suite("generation", .timeLimit(.minutes(2)))
struct GenerationTests {
    private static let prompt: [TokenID] = [2, 40, 90, 200]

    private func engine() throws -> Engine {
        Engine(model: try Fixtures.tinyModel("tiny-gemma3"))
    }

    private func text(_ engine: Engine, _ options: GenerationOptions) async throws -> (String, GeneratedPiece?) {
        var text = ""
        var last: GeneratedPiece?
        for try await piece in engine.generate(Self.prompt, options: options) {
            #expect(last?.finish == nil)
            text += piece.text
            last = piece
        }
        return (text, last)
    }

    @Test("greedy generation follows the likeliest token of a full run")
    func greedy() async throws {
        let engine = try engine()
        let pass = ForwardPass(engine.model)
        var tokens = Self.prompt
        var expected: [TokenID] = []
        for _ in 0..<24 {
            let logits = try pass.forward([Segment(tokens: tokens, logits: .all)])[0]
            let best = TokenID(try #require(logits.indices.max { logits[$0] < logits[$1] }))
            guard best != engine.model.tokenizer.endID, best != engine.model.tokenizer.endOfTurnID else { break }
            tokens.append(best)
            expected.append(best)
        }
        let (found, last) = try await text(engine, GenerationOptions(maxTokens: 24))
        #expect(found == engine.model.tokenizer.decode(expected))
        #expect(last?.finish == (expected.count == 24 ? .length : .stop))
        #expect(last.map { $0.tokens >= expected.count } == true)
    }

    @Test("the same seed gives the same text, another seed another")
    func seeds() async throws {
        let engine = try engine()
        let options = GenerationOptions(maxTokens: 20, temperature: 3, topK: 0, topP: 1, seed: 1)
        var other = options
        other.seed = 2
        let first = try await text(engine, options).0
        #expect(try await text(engine, options).0 == first)
        #expect(try await text(engine, other).0 != first)
    }

    @Test("text ends before a stop string")
    func stopStrings() async throws {
        let engine = try engine()
        let (whole, _) = try await text(engine, GenerationOptions(maxTokens: 30))
        let middle = whole.index(whole.startIndex, offsetBy: whole.count / 2)
        let stop = String(whole[middle...].prefix(3))
        let (cut, last) = try await text(engine, GenerationOptions(maxTokens: 30, stopStrings: ["", stop]))
        #expect(last?.finish == .stop)
        #expect(whole.hasPrefix(cut))
        #expect(!cut.contains(stop))
    }

    @Test("generation ends where the model's context ends")
    func contextEnd() async throws {
        let engine = try engine()
        let prompt = sampleTokens(511)
        var last: GeneratedPiece?
        for try await piece in engine.generate(prompt, options: GenerationOptions(maxTokens: 50)) { last = piece }
        #expect(last?.finish != nil)
        #expect(last.map { $0.tokens <= 2 } == true)
    }

    @Test("a long prompt is read in parts, and gives what one part would")
    func longPrompt() async throws {
        let engine = try engine()
        let prompt = sampleTokens(400)
        let logits = try ForwardPass(engine.model).forward([Segment(tokens: prompt, logits: .all)])[0]
        let best = TokenID(try #require(logits.indices.max { logits[$0] < logits[$1] }))
        var pieces = engine.generate(prompt, options: GenerationOptions(maxTokens: 1)).makeAsyncIterator()
        #expect(try await pieces.next()?.text == engine.model.tokenizer.decode([best]))
        #expect(engine.load.requests == 2)
        #expect(try await pieces.next() == nil)
    }

    @Test("a prompt beyond the model's context is refused before anything runs")
    func tooLong() async throws {
        let engine = try engine()
        var pieces = engine.generate(sampleTokens(513)).makeAsyncIterator()
        await #expect(throws: GemmaError.contextExceeded(tokens: 513, limit: 512)) { try await pieces.next() }
        #expect(engine.load.requests == 0)
    }

    @Test("other requests run between two tokens")
    func interleaving() async throws {
        let engine = try engine()
        var pieces = 0
        for try await _ in engine.generate(Self.prompt, options: GenerationOptions(maxTokens: 5)) {
            pieces += 1
            _ = try await engine.forward([Segment(tokens: [2, 3], logits: .rows([1]))])
        }
        #expect(pieces > 0)
    }

    @Test("a cancelled reader ends its generation")
    func cancellation() async throws {
        let engine = try engine()
        let task = Task {
            var pieces = engine.generate(Self.prompt, options: GenerationOptions(maxTokens: 400)).makeAsyncIterator()
            _ = try await pieces.next()
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await pieces.next()
        }
        await #expect(throws: GemmaError.cancelled) { try await task.value }
    }

    @Test("settings outside their range are refused")
    func settings() async throws {
        let engine = try engine()
        for options in [
            GenerationOptions(maxTokens: 0), GenerationOptions(temperature: -1), GenerationOptions(temperature: .nan),
            GenerationOptions(topK: -1), GenerationOptions(topP: 0), GenerationOptions(topP: 1.5),
        ] {
            await #expect(throws: GemmaError.self) { try await text(engine, options) }
        }
    }

    @Test("the sampler keeps to its limits")
    func sampler() {
        let logits: [Float] = [0, 4, 3.9, 1, .nan, -.infinity, 3.8]
        var greedy = Sampler(GenerationOptions())
        #expect(greedy.draw(logits) == 1)
        var topTwo = Sampler(GenerationOptions(temperature: 1, topK: 2, topP: 1, seed: 9))
        #expect(Set((0..<200).map { _ in topTwo.draw(logits) }) == [1, 2])
        var nucleus = Sampler(GenerationOptions(temperature: 1, topK: 0, topP: 0.3, seed: 9))
        #expect(Set((0..<200).map { _ in nucleus.draw(logits) }) == [1])
        var hot = Sampler(GenerationOptions(temperature: 100, topK: 0, topP: 1, seed: 9))
        #expect(Set((0..<500).map { _ in hot.draw(logits) }) == [0, 1, 2, 3, 6])
        var broken = Sampler(GenerationOptions(temperature: 1))
        #expect(broken.draw([.nan, .nan]) >= 0)
    }
}
