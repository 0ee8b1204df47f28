import Gemma
import Moderation
import Shield
import Testing

/// Texts beyond one window: what is found in them, and what reading on costs, counted in tokens.
@Suite("Long texts", .enabled(if: RealModel.isThere, "needs the fetched model"), .serialized)
struct LongTextTests {
    private let readings = PromptTemplate.shield1.longTextWindows

    private func request(_ text: String, direction: Direction = .prompt) -> ClassificationRequest {
        let user = Turn(role: .user, parts: [Part(kind: .text, text: "How was your day?", pointer: "")])
        return ClassificationRequest(
            direction: direction,
            context: direction == .response ? [user] : [],
            text: text,
            questions: [
                Question(principle: "The message shall not be rude, disrespectful, profane or hurtful."),
                Question(principle: "The message must not be about tea."),
            ]
        )
    }

    private func garden(_ sentences: Range<Int>) -> String {
        sentences.map { "On day \($0) we watered the \($0 * 3) tomatoes and the old pear tree by the wall. " }.joined()
    }

    @Test("a rude sentence is found wherever it stands in a long harmless text", arguments: [0, 10, 25, 40, 50])
    func hidden(sentence: Int) async throws {
        let rude = "You are a stupid, worthless idiot and everybody hates you, so shut up. "
        let classifier = try RealModel.classifier()
        let harmless = try await classifier.classify(request(garden(0..<50)))
        let text = garden(0..<sentence) + rude + garden(sentence..<50)
        let answer = try await classifier.classify(request(text))
        #expect(answer.windows == readings.reduce(0) { $0 + windowCount(answer.textTokens, $1, room: 220) })
        #expect((harmless.scores[0] ?? 1) < 0.5)
        #expect((answer.scores[0] ?? 0) > 0.5)
    }

    @Test(
        "a text that goes on costs its new tokens, and for a new window what it shares",
        arguments: [Direction.prompt, .response]
    )
    func growing(direction: Direction) async throws {
        let classifier = try RealModel.classifier(on: RealModel.exact)
        // The frame, the user's turn before a response, and the questions; asked of every window that has changed.
        let fixed = try await RealModel.classifier(on: RealModel.exact).classify(request("", direction: direction))
        let tokenizer = try #require(RealModel.exact).model.tokenizer
        let room = 220 - (direction == .response ? tokenizer.encode("How was your day?").count : 0)
        var known = 0
        for sentences in 1...40 {
            let answer = try await classifier.classify(request(garden(0..<sentences), direction: direction))
            defer { known = answer.textTokens }
            guard known > room else { continue }
            var most = 0
            for reading in readings {
                let before = windowCount(known, reading, room: room)
                let begun = windowCount(answer.textTokens, reading, room: room) - before
                // The last token of a text may change when the text goes on.
                most += answer.textTokens - known + 2
                most += begun * reading.overlap + (1 + begun) * fixed.computedTokens
            }
            #expect(answer.computedTokens <= most)
        }
        #expect(known > 600)
    }

    @Test("a long text that comes again with another end costs its end")
    func again() async throws {
        let classifier = try RealModel.classifier()
        let fixed = try await RealModel.classifier().classify(request("")).computedTokens
        let first = try await classifier.classify(request(garden(0..<40)))
        let same = try await classifier.classify(request(garden(0..<40)))
        #expect(same.computedTokens == 0 && same.scores == first.scores)
        let other = try await classifier.classify(request(garden(0..<40) + "Then we had a cup of tea."))
        #expect(other.windows > 4)
        let longest = readings.reduce(0) { $0 + $1.overlap }
        #expect(other.computedTokens <= longest + 2 * readings.count * (fixed + 12))
    }

    @Test("a long text leaves room in the cache for others: only its beginning and end are kept")
    func cache() async throws {
        let classifier = try RealModel.classifier()
        let answer = try await classifier.classify(request(garden(0..<40)))
        #expect(answer.windows > 10)
        #expect(classifier.prefixLoad.entries <= 2 * readings.count)
    }

    private func windowCount(_ count: Int, _ reading: PromptTemplate.Windows, room: Int) -> Int {
        TextWindows.ranges(count: count, window: min(reading.tokens, room), overlap: reading.overlap).count
    }
}
