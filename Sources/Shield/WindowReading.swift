import Gemma

/// One window of a text while questions about it are asked.
///
/// Ends with ``close()``, which hands the window's keys and values back for the next text that begins alike.
struct WindowReading {
    /// A stretch of a text in its layout.
    struct Window {
        /// What the model reads before the questions.
        let content: [TokenID]
        /// Whether another window may begin with this: it starts where the text does, or where one starts that may grow.
        ///
        /// Keys and values of other windows would only push out those of other texts.
        let mayGoOn: Bool
    }

    /// What answers: a model with its caches.
    struct Source {
        let engine: Engine
        let prefixes: PrefixCache
        let scores: ScoreCache
        let states: StateCache
        let yes: TokenID
        let no: TokenID
    }

    /// Tokens that were run through the model so far.
    private(set) var computedTokens = 0

    private let source: Source
    private let content: [TokenID]
    /// The content, and what all questions begin with.
    private let layout: [TokenID]
    private let headCount: Int
    private let isKept: Bool
    private var cache: KVCache?

    init(_ window: Window, head: [TokenID], source: Source) {
        self.source = source
        content = window.content
        layout = window.content + head
        headCount = head.count
        isKept = window.mayGoOn
    }

    /// The probability of `Yes`, 0...1, for each question, and the state behind `topic` if that is given: known ones at
    /// once, the others from one pass that also reads what of the content was not read before.
    ///
    /// - Throws: what the engine throws, and ``ShieldError/notANumber``; then none of the answers is kept.
    mutating func ask(
        _ questions: [[TokenID]],
        topic: [TokenID]? = nil,
        admission: Engine.Admission
    ) async throws -> (scores: [Double], state: [Float]?) {
        var answers = source.scores.scores(of: content, questions: questions)
        var state = topic.flatMap { _ in source.states.state(of: content) }
        let open = answers.indices.filter { answers[$0] == nil }
        let openTopic = state == nil ? topic : nil
        if !open.isEmpty || openTopic != nil {
            let asked = open.map { questions[$0] }
            let found = try await compute(asked, topic: openTopic, admission: admission)
            source.scores.keep(found.scores, of: content, questions: asked)
            for (index, score) in zip(open, found.scores) { answers[index] = score }
            if let new = found.state {
                source.states.keep(new, of: content)
                state = new
            }
        }
        return (answers.compactMap(\.self), state)
    }

    /// Hands back what was read, to be kept only if another window may begin with it.
    mutating func close() {
        guard let cache else { return }
        source.prefixes.put(cache, tokens: isKept ? layout : [])
        self.cache = nil
    }

    private mutating func compute(
        _ questions: [[TokenID]],
        topic: [TokenID]?,
        admission: Engine.Admission
    ) async throws -> (scores: [Double], state: [Float]?) {
        // Whoever holds a cache goes first, so that it is soon free.
        let admission = cache == nil ? admission : .finishing
        let cache = cache ?? source.prefixes.take(sharing: layout, model: source.engine.model)
        self.cache = cache
        var segments: [Segment] = []
        if cache.count < layout.count {
            let unread = Array(layout[cache.count...])
            segments.append(Segment(cache: cache, tokens: unread, extendsCache: true, logits: .none))
        }
        segments += questions.map { question in
            let tail = Array(question.dropFirst(headCount))
            return Segment(cache: cache, tokens: tail, logits: .rows([source.yes, source.no]))
        }
        if let topic {
            segments.append(Segment(cache: cache, tokens: Array(topic.dropFirst(headCount)), logits: .state))
        }
        var answers = try await source.engine.forward(segments, admission: admission)
        computedTokens += segments.reduce(0) { $0 + $1.tokens.count }
        let state = topic.flatMap { _ in answers.popLast() }
        guard state?.allSatisfy(\.isFinite) ?? true else { throw ShieldError.notANumber }
        let scores = try answers.suffix(questions.count).map {
            try ShieldClassifier.probability(yes: $0[0], no: $0[1])
        }
        return (scores, state)
    }
}
