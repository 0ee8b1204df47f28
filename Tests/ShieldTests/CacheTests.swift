import Foundation
import Gemma
import Shield
import Testing

@Suite("What is kept")
struct RecentlyUsedTests {
    @Test("what was used longest ago goes first, and the bytes never exceed the limit")
    func order() {
        var values = RecentlyUsed<String, Int>(byteLimit: 30)
        for (number, key) in ["a", "b", "c"].enumerated() { values.keep(number, of: key, bytes: 10) }
        #expect(values.value(of: "a") == 0)
        values.keep(3, of: "d", bytes: 10)
        #expect(values.value(of: "b") == nil)
        #expect(values.count == 3 && values.bytes == 30)
        values.keep(4, of: "e", bytes: 15)
        #expect(["a", "c", "d", "e"].map { values.value(of: $0) } == [nil, nil, 3, 4])
        #expect(values.count == 2 && values.bytes == 25)
    }

    @Test("a value that is kept again replaces the first; one that is too large is not kept, nor anything beside it")
    func replacement() {
        var values = RecentlyUsed<String, Int>(byteLimit: 30)
        values.keep(1, of: "a", bytes: 10)
        values.keep(2, of: "a", bytes: 20)
        #expect(values.value(of: "a") == 2)
        #expect(values.count == 1 && values.bytes == 20)
        values.keep(3, of: "b", bytes: 31)
        #expect(values.count == 0 && values.bytes == 0)
        values.keep(4, of: "c", bytes: 1)
        #expect(values.value(of: "c") == 4)
    }

    @Test(
        "questions share their longest common beginning, and each keeps a token of its own",
        arguments: [
            ([], []), ([[1, 2, 3]], []), ([[1, 2, 3], [1, 2, 4], [1, 2, 3, 5]], [1, 2]), ([[1, 2], [1, 2, 3]], [1]),
            ([[1, 2, 3], [1, 2, 3]], [1, 2]), ([[1], [2]], []), ([[1, 2], [3, 2]], []),
        ] as [([[TokenID]], [TokenID])]
    )
    func sharedHead(questions: [[TokenID]], head: [TokenID]) {
        #expect(QuestionSet.sharedHead(of: questions) == head)
    }
}

@Suite("Scores of texts that come again")
struct ScoreCacheTests {
    @Test("a score that is not a number is never kept, and the others are")
    func notANumber() {
        let scores = ScoreCache(byteLimit: 1 << 20)
        scores.keep([0.25, .nan, .infinity, 0.75], of: [1, 2], questions: [[3], [4], [5], [6]])
        #expect(scores.scores(of: [1, 2], questions: [[3], [4], [5], [6]]) == [0.25, nil, nil, 0.75])
        scores.keep([.nan], of: [1, 2], questions: [[3]])
        #expect(scores.scores(of: [1, 2], questions: [[3]]) == [0.25])
        #expect(scores.load.lookups == 5 && scores.load.hits == 3)
    }
}

@Suite("Keys and values of texts that grow")
struct PrefixCacheTests {
    private let model: GemmaModel
    private let pass: ForwardPass

    init() throws {
        let folder = RealModel.folder.deletingLastPathComponent().deletingLastPathComponent()
        let path = folder.appending(path: "gemma/tiny-gemma3.gguf").path
        model = try GemmaModel.load(path: path, precision: .float32, threads: 1)
        pass = ForwardPass(model)
    }

    /// Tokens that no other text shares.
    private func text(_ number: Int, count: Int) -> [TokenID] {
        (0..<count).map { TokenID(4 + (number * 31 + $0 * (number + 7)) % 300) }
    }

    /// Reads a text through the cache, and says how many of its tokens were not computed.
    private func read(_ tokens: [TokenID], _ prefixes: PrefixCache) throws -> Int {
        let cache = prefixes.take(sharing: tokens, model: model)
        let reused = cache.count
        if reused < tokens.count {
            let rest = Array(tokens[reused...])
            _ = try pass.forward([Segment(cache: cache, tokens: rest, extendsCache: true, logits: .none)])
        }
        prefixes.put(cache, tokens: tokens)
        return reused
    }

    @Test("a text is read on from the longest beginning that is known, wherever it ends")
    func readOn() throws {
        let prefixes = PrefixCache(byteLimit: 1 << 20)
        let text = text(1, count: 60)
        #expect(try read(Array(text[..<20]), prefixes) == 0)
        #expect(try read(Array(text[..<40]), prefixes) == 20)
        #expect(try read(text[..<35] + self.text(2, count: 9), prefixes) == 35)
        #expect(try read(text, prefixes) == 35)
        #expect(try read(text, prefixes) == 60)
        #expect(prefixes.load.lookups == 20 + 40 + 44 + 60 + 60)
        #expect(prefixes.load.hits == 20 + 35 + 35 + 60)
    }

    @Test("another text with the same beginning takes a copy of it, and the first is read on later")
    func copy() throws {
        let prefixes = PrefixCache(byteLimit: 1 << 20)
        let opening = text(1, count: 20)
        let (long, other) = (opening + text(2, count: 50), opening + text(3, count: 50))
        #expect(try read(long, prefixes) == 0)
        #expect(try read(other, prefixes) == 20)
        #expect(prefixes.load.entries == 2)
        #expect(try read(long + text(4, count: 5), prefixes) == 70)
        #expect(try read(other + text(5, count: 5), prefixes) == 70)
        #expect(prefixes.load.entries == 2)
    }

    @Test("few shared tokens are no beginning")
    func fewShared() throws {
        let prefixes = PrefixCache(byteLimit: 1 << 20)
        #expect(try read(text(1, count: 7) + text(2, count: 9), prefixes) == 0)
        #expect(try read(text(1, count: 7) + text(3, count: 9), prefixes) == 0)
    }

    @Test("the oldest go when the bytes run out, and what is out counts")
    func bytes() throws {
        let one = model.makeCache()
        _ = try pass.forward([Segment(cache: one, tokens: text(0, count: 30), extendsCache: true, logits: .none)])
        let prefixes = PrefixCache(byteLimit: 3 * one.byteCount)
        let texts = (1...5).map { text($0, count: 30) }
        for text in texts[..<3] { #expect(try read(text, prefixes) == 0) }
        #expect(try read(texts[0], prefixes) == 30)
        #expect(try read(texts[3], prefixes) == 0)
        #expect(prefixes.load.entries == 3 && prefixes.load.bytes == prefixes.byteLimit)
        #expect(try read(texts[0], prefixes) == 30)
        #expect(try read(texts[1], prefixes) == 0)
        let out = prefixes.take(sharing: texts[0], model: model)
        #expect(out.count == 30 && prefixes.load.entries == 2)
        #expect(try read(texts[4], prefixes) == 0)
        #expect(prefixes.load.entries == 2 && prefixes.load.bytes == 2 * one.byteCount)
        prefixes.put(out, tokens: texts[0])
        #expect(prefixes.load.entries == 3)
    }

    @Test("what was read before an interruption is kept as far as it goes")
    func interruption() throws {
        let prefixes = PrefixCache(byteLimit: 1 << 20)
        let text = text(1, count: 40)
        let cache = prefixes.take(sharing: text, model: model)
        let part = Array(text[..<15])
        _ = try pass.forward([Segment(cache: cache, tokens: part, extendsCache: true, logits: .none)])
        prefixes.put(cache, tokens: text)
        prefixes.put(prefixes.take(sharing: self.text(2, count: 40), model: model), tokens: self.text(2, count: 40))
        #expect(prefixes.load.entries == 1)
        #expect(try read(text, prefixes) == 15)
    }
}
