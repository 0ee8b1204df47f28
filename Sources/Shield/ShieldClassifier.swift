import Foundation
public import Gemma
public import Moderation
import Synchronization

/// The embedded classifier: a Gemma model asked, for each principle, whether a text violates it.
///
/// The score is the probability of `Yes` in a softmax over the `Yes` and `No` logits at the question's last token. A text's
/// tokens are computed once and every question attends to them; a text that grew since it was last read is read on. Texts
/// beyond the template's window are read in overlapping windows and the strongest window counts.
///
/// A response is read after the user's newest turn. A prompt is read alone, without the turns before it: put before the
/// shipped adapter as turns, they drown the newest one (of 30 harmful new turns after a harmless exchange, 25 score 0.8 or
/// more alone and 1 in context), and as a transcript they raise the alarm by themselves (45 of 50 harmless conversations).
public final class ShieldClassifier: Classifier {
    /// How texts are read.
    public struct Settings: Sendable {
        /// Longest text that is judged, in tokens; a longer one throws ``ShieldError/textTooLong(tokens:limit:)``.
        public var maxTextTokens = 16_384
        /// For measuring only: reads the first so many tokens of a text (a response's prompt gets a third of them, the
        /// response the rest) instead of all windows; nil for use.
        public var truncatedTokens: Int?
        /// Bytes of keys and values that are kept for texts that may grow.
        public var prefixCacheBytes = 64 << 20

        /// The defaults.
        public init() {}
    }

    /// Which model answers.
    public let identity: ClassifierIdentity

    private let engine: Engine
    private let encoder: PromptEncoder
    private let settings: Settings
    private let prefixes: PrefixCache
    private let suffixes = Mutex<[SuffixKey: [TokenID]]>([:])

    private static let longestPieceBytes = 128

    private struct SuffixKey: Hashable {
        var principle: String
        var isResponse: Bool
    }

    /// Prepares a model for judging.
    ///
    /// - Throws: ``ShieldError/missingToken(name:template:)`` when the template doesn't fit the vocabulary.
    public init(
        engine: Engine,
        template: PromptTemplate,
        identity: ClassifierIdentity,
        settings: Settings = Settings()
    ) throws(ShieldError) {
        self.engine = engine
        self.identity = identity
        self.settings = settings
        encoder = try PromptEncoder(template: template, tokenizer: engine.model.tokenizer)
        prefixes = PrefixCache(byteLimit: settings.prefixCacheBytes)
    }

    /// Scores one text against each question; see `Classifier`.
    ///
    /// - Throws: ``ShieldError/textTooLong(tokens:limit:)``, `GemmaError` when the engine is full or shut down, or
    ///   `CancellationError`.
    public func classify(_ request: ClassificationRequest) async throws -> Classification {
        do {
            // No piece of a Gemma vocabulary is longer: what is over this is over the limit, and need not be cut up first.
            let least = request.text.utf8.count / Self.longestPieceBytes
            guard least <= settings.maxTextTokens else {
                throw ShieldError.textTooLong(tokens: least, limit: settings.maxTextTokens)
            }
            let text = encoder.tokens(of: request.text)
            let windows = try windows(of: text, for: request)
            var answer = Classification(
                scores: Array(repeating: nil, count: request.questions.count),
                textTokens: text.count,
                windows: windows.count
            )
            for window in windows {
                // One job a window, so that short texts are not stuck behind a long one.
                let part = try await engine.run { [self] context in try score(window, request, context) }
                for (index, score) in part.scores.enumerated() {
                    if let score { answer.scores[index] = max(answer.scores[index] ?? 0, score) }
                }
                if let screen = part.screenScore { answer.screenScore = max(answer.screenScore ?? 0, screen) }
                answer.computedTokens += part.computedTokens
            }
            return answer
        } catch GemmaError.cancelled {
            throw CancellationError()
        }
    }

    /// The token layouts to read, one for each window of the text.
    private func windows(of text: [TokenID], for request: ClassificationRequest) throws -> [[TokenID]] {
        let template = encoder.template
        let window = settings.truncatedTokens ?? template.windowTokens
        var prompt: [TokenID]?
        if request.direction == .response {
            let question = request.context.last { $0.role == .user }?.text ?? ""
            prompt = Array(encoder.tokens(of: question).prefix(window / 3))
        }
        let room = window - (prompt?.count ?? 0)
        if settings.truncatedTokens != nil {
            return [encoder.prefix(text: Array(text.prefix(room)), prompt: prompt)]
        }
        guard text.count <= settings.maxTextTokens else {
            throw ShieldError.textTooLong(tokens: text.count, limit: settings.maxTextTokens)
        }
        return TextWindows.ranges(count: text.count, window: room, overlap: template.overlapTokens).map {
            encoder.prefix(text: Array(text[$0]), prompt: prompt)
        }
    }

    /// Scores one window on the engine's thread.
    private func score(
        _ tokens: [TokenID],
        _ request: ClassificationRequest,
        _ context: EngineContext
    ) throws -> Classification {
        let cache = prefixes.take(sharing: tokens) ?? context.model.makeCache()
        var computed = tokens.count - cache.count
        if computed > 0 {
            let rest = Array(tokens[cache.count...])
            _ = try context.forward([Segment(cache: cache, tokens: rest, extendsCache: true, logits: .none)])
        }
        defer { prefixes.put(cache, tokens: tokens) }
        let isResponse = request.direction == .response
        func probabilities(_ principles: [String]) throws -> [Double] {
            guard !principles.isEmpty else { return [] }
            let segments = principles.map { principle in
                let suffix = suffix(principle, isResponse: isResponse)
                computed += suffix.count
                return Segment(cache: cache, tokens: suffix, logits: .rows([encoder.yes, encoder.no]))
            }
            return try context.forward(segments).map { try Self.probability(yes: $0[0], no: $0[1]) }
        }
        var scores = [Double?](repeating: nil, count: request.questions.count)
        guard let screen = request.screen else {
            scores = try probabilities(request.questions.map(\.principle))
            return Classification(scores: scores, textTokens: tokens.count, computedTokens: computed)
        }
        let first = request.questions.indices.filter { !request.questions[$0].screened }
        let answers = try probabilities([screen.principle] + first.map { request.questions[$0].principle })
        for (index, score) in zip(first, answers.dropFirst()) { scores[index] = score }
        if answers[0] >= screen.bar {
            let rest = request.questions.indices.filter { request.questions[$0].screened }
            let answers = try probabilities(rest.map { request.questions[$0].principle })
            for (index, score) in zip(rest, answers) { scores[index] = score }
        }
        return Classification(
            scores: scores,
            screenScore: answers[0],
            textTokens: tokens.count,
            computedTokens: computed
        )
    }

    /// Softmax over two logits: the probability of the first, 0...1.
    ///
    /// - Throws: ``ShieldError/notANumber``: every comparison with a NaN is false, so it would pass for harmless.
    package static func probability(yes: Float, no: Float) throws(ShieldError) -> Double {
        guard yes.isFinite, no.isFinite else { throw .notANumber }
        return 1 / (1 + exp(Double(no) - Double(yes)))
    }

    private func suffix(_ principle: String, isResponse: Bool) -> [TokenID] {
        let key = SuffixKey(principle: principle, isResponse: isResponse)
        if let tokens = suffixes.withLock({ $0[key] }) { return tokens }
        let tokens = encoder.suffix(principle: principle, isResponse: isResponse)
        suffixes.withLock { $0[key] = tokens }
        return tokens
    }
}
