import Gemma
import Testing

@Suite("caches and shared prefixes")
struct SharedPrefixTests {
    /// Gemma 2 has soft caps, Gemma 3 both rotations; their windows are 16.
    static let models = ["tiny-gemma1", "tiny-gemma2", "tiny-gemma3"]

    private func alone(_ pass: ForwardPass, _ tokens: [TokenID]) throws -> [Float] {
        try pass.forward([Segment(tokens: tokens, logits: .all)])[0]
    }

    @Test("suffixes on one prefix equal separate runs", arguments: models, [1, 15, 16, 40])
    func sharedPrefix(model: String, prefixLength: Int) throws {
        let pass = ForwardPass(try Fixtures.tinyModel(model))
        let prefix = sampleTokens(prefixLength, seed: 5)
        let suffixes = [1, 3, 12, 20, 33].map { sampleTokens($0, seed: UInt64($0)) }
        let cache = pass.model.makeCache()
        _ = try pass.forward([Segment(cache: cache, tokens: prefix, extendsCache: true, logits: .none)])
        #expect(cache.count == prefixLength)
        let shared = try pass.forward(suffixes.map { Segment(cache: cache, tokens: $0, logits: .all) })
        #expect(cache.count == prefixLength)
        for (suffix, logits) in zip(suffixes, shared) {
            #expect(largestDifference(logits, try alone(pass, prefix + suffix)) < 1e-4)
        }
    }

    @Test(
        "a state is the same behind a shared prefix as in a run of its own, and logits beside it stay",
        arguments: models
    )
    func states(model: String) throws {
        let pass = ForwardPass(try Fixtures.tinyModel(model))
        let (prefix, suffix) = (sampleTokens(11, seed: 5), sampleTokens(4, seed: 6))
        let cache = pass.model.makeCache()
        let found = try pass.forward([
            Segment(cache: cache, tokens: prefix, extendsCache: true, logits: .none),
            Segment(cache: cache, tokens: suffix, logits: .state),
            Segment(cache: cache, tokens: suffix, logits: .all),
        ])
        #expect(found[1].count == pass.model.configuration.hiddenSize)
        let state = try pass.forward([Segment(tokens: prefix + suffix, logits: .state)])[0]
        #expect(largestDifference(found[1], state) < 1e-4)
        #expect(largestDifference(found[2], try alone(pass, prefix + suffix)) < 1e-4)
        let other = try pass.forward([Segment(tokens: suffix, logits: .state)])[0]
        #expect(largestDifference(other, state) > 1e-3)
    }

    @Test("small chunks give what one chunk gives", arguments: models, [1, 5, 16])
    func chunks(model: String, chunkRows: Int) throws {
        let model = try Fixtures.tinyModel(model)
        let whole = ForwardPass(model)
        let chunked = ForwardPass(model, chunkRows: chunkRows)
        let cache = model.makeCache()
        let prefix = sampleTokens(21, seed: 3)
        _ = try chunked.forward([Segment(cache: cache, tokens: prefix, extendsCache: true, logits: .none)])
        let suffixes = [2, 7, 23].map { sampleTokens($0, seed: UInt64($0)) }
        let lone = Segment(tokens: sampleTokens(19, seed: 8), logits: .all)
        let found = try chunked.forward(suffixes.map { Segment(cache: cache, tokens: $0, logits: .all) } + [lone])
        for (suffix, logits) in zip(suffixes, found) {
            #expect(largestDifference(logits, try alone(whole, prefix + suffix)) < 1e-4)
        }
        #expect(largestDifference(found[3], try alone(whole, lone.tokens)) < 1e-4)
    }

    @Test("a cache that grows piece by piece equals one run", arguments: models)
    func extension_(model: String) throws {
        let pass = ForwardPass(try Fixtures.tinyModel(model))
        let tokens = sampleTokens(60)
        let cache = pass.model.makeCache()
        var end = 0
        for length in [1, 1, 10, 17, 30, 1] {
            let piece = Array(tokens[end..<end + length])
            end += length
            let logits = try pass.forward([Segment(cache: cache, tokens: piece, extendsCache: true, logits: .all)])[0]
            #expect(largestDifference(logits, try alone(pass, Array(tokens[..<end]))) < 1e-4)
        }
        #expect(cache.count == 60)
        #expect(cache.byteCount >= 60 * 2 * 4 * pass.model.configuration.layerCount * 32)
    }

    @Test(
        "a prefix and what follows it in one pass equal separate runs, in one chunk and in many",
        arguments: models,
        [1, 5, 16, 512]
    )
    func onePass(model: String, chunkRows: Int) throws {
        let model = try Fixtures.tinyModel(model)
        let whole = ForwardPass(model)
        let pass = ForwardPass(model, chunkRows: chunkRows)
        let cache = model.makeCache()
        let start = sampleTokens(6, seed: 4)
        _ = try pass.forward([Segment(cache: cache, tokens: start, extendsCache: true, logits: .none)])
        let (middle, end) = (sampleTokens(19, seed: 5), sampleTokens(3, seed: 6))
        let suffixes = [1, 12, 23].map { sampleTokens($0, seed: UInt64($0)) }
        let questions = suffixes.map { Segment(cache: cache, tokens: $0, logits: .all) }
        let found = try pass.forward(
            [questions[1], Segment(cache: cache, tokens: middle, extendsCache: true, logits: .all)] + questions
                + [Segment(cache: cache, tokens: end, extendsCache: true, logits: .none), questions[2]]
        )
        #expect(cache.count == 28)
        // What comes before an extension doesn't see it.
        #expect(largestDifference(found[0], try alone(whole, start + suffixes[1])) < 1e-4)
        #expect(largestDifference(found[1], try alone(whole, start + middle)) < 1e-4)
        for (suffix, logits) in zip(suffixes, found[2...]) {
            #expect(largestDifference(logits, try alone(whole, start + middle + suffix)) < 1e-4)
        }
        #expect(found[5].isEmpty)
        #expect(largestDifference(found[6], try alone(whole, start + middle + end + suffixes[2])) < 1e-4)
    }

    @Test("a copied beginning goes its own way, and the original stays")
    func copy() throws {
        let pass = ForwardPass(try Fixtures.tinyModel("tiny-gemma3"))
        let tokens = sampleTokens(40)
        let cache = pass.model.makeCache()
        _ = try pass.forward([Segment(cache: cache, tokens: tokens, extendsCache: true, logits: .none)])
        let copy = cache.copy(first: 18)
        #expect(copy.count == 18 && cache.count == 40)
        let other = sampleTokens(9, seed: 77)
        let found = try pass.forward([
            Segment(cache: copy, tokens: other, extendsCache: true, logits: .all),
            Segment(cache: cache, tokens: other, logits: .all),
        ])
        #expect(largestDifference(found[0], try alone(pass, tokens[..<18] + other)) < 1e-4)
        #expect(largestDifference(found[1], try alone(pass, tokens + other)) < 1e-4)
        #expect(cache.copy(first: 0).byteCount == 0)
    }

    @Test("a truncated cache continues as if the rest had never been")
    func truncation() throws {
        let pass = ForwardPass(try Fixtures.tinyModel("tiny-gemma3"))
        let tokens = sampleTokens(40)
        let cache = pass.model.makeCache()
        _ = try pass.forward([Segment(cache: cache, tokens: tokens, extendsCache: true, logits: .none)])
        cache.truncate(to: 18)
        #expect(cache.count == 18)
        let other = sampleTokens(9, seed: 77)
        let found = try pass.forward([Segment(cache: cache, tokens: other, extendsCache: true, logits: .all)])[0]
        #expect(largestDifference(found, try alone(pass, tokens[..<18] + other)) < 1e-4)
    }

    @Test("several caches are extended in one pass")
    func severalCaches() throws {
        let pass = ForwardPass(try Fixtures.tinyModel("tiny-gemma2"))
        let caches = [pass.model.makeCache(), pass.model.makeCache()]
        let texts = [sampleTokens(7, seed: 1), sampleTokens(25, seed: 2)]
        _ = try pass.forward(
            zip(caches, texts).map { Segment(cache: $0, tokens: $1, extendsCache: true, logits: .none) }
        )
        let suffix = sampleTokens(4, seed: 3)
        let found = try pass.forward(caches.map { Segment(cache: $0, tokens: suffix, logits: .all) })
        for (text, logits) in zip(texts, found) {
            #expect(largestDifference(logits, try alone(pass, text + suffix)) < 1e-4)
        }
    }

    @Test("segments that can't be run are refused, and change nothing")
    func refusals() throws {
        let pass = ForwardPass(try Fixtures.tinyModel("tiny-gemma1"))
        let cache = pass.model.makeCache()
        #expect(throws: GemmaError.tokenOutOfRange(id: 320, vocabularySize: 320)) {
            try pass.forward([Segment(cache: cache, tokens: [5, 320], extendsCache: true, logits: .none)])
        }
        #expect(throws: GemmaError.tokenOutOfRange(id: -1, vocabularySize: 320)) {
            try pass.forward([Segment(tokens: [5], logits: .rows([-1]))])
        }
        #expect(throws: GemmaError.contextExceeded(tokens: 513, limit: 512)) {
            try pass.forward([Segment(tokens: Array(repeating: 5, count: 513), logits: .none)])
        }
        #expect(throws: GemmaError.invalidSegment(found: "no tokens", expected: "at least one token")) {
            try pass.forward([Segment(tokens: [], logits: .all)])
        }
        #expect(throws: GemmaError.self) {
            try pass.forward([Segment(tokens: [5], extendsCache: true, logits: .none)])
        }
        #expect(throws: GemmaError.contextExceeded(tokens: 513, limit: 512)) {
            try pass.forward([
                Segment(cache: cache, tokens: Array(repeating: 5, count: 512), extendsCache: true, logits: .none),
                Segment(cache: cache, tokens: [6], logits: .all),
            ])
        }
        let foreign = try Fixtures.tinyModel("tiny-gemma2").makeCache()
        #expect(throws: GemmaError.self) {
            try pass.forward([Segment(cache: foreign, tokens: [5], logits: .all)])
        }
        #expect(cache.count == 0)
        #expect(try pass.forward([]).isEmpty)
    }

    @Test("a pass that is cancelled half-way leaves its caches as they were")
    func cancellation() throws {
        let pass = ForwardPass(try Fixtures.tinyModel("tiny-gemma3"))
        let cache = pass.model.makeCache()
        let tokens = sampleTokens(20)
        _ = try pass.forward([Segment(cache: cache, tokens: Array(tokens[..<10]), extendsCache: true, logits: .none)])
        let rest = Segment(cache: cache, tokens: Array(tokens[10...]), extendsCache: true, logits: .all)
        var layers = 0
        #expect(throws: GemmaError.cancelled) {
            try pass.forward([rest]) {
                layers += 1
                return layers > 3
            }
        }
        #expect(layers == 4)
        #expect(cache.count == 10)
        #expect(largestDifference(try pass.forward([rest])[0], try alone(pass, tokens)) < 1e-4)
    }
}
