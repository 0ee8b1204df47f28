import Foundation
public import Gemma
public import Moderation
import Synchronization

/// The embedded classifier: a Gemma model asked, for each principle, whether a text violates it.
///
/// The score is the probability of `Yes` in a softmax over the `Yes` and `No` logits at the question's last token. A text's
/// tokens are computed once, and so is what all questions begin with; every question attends to them, in the same pass. A
/// text that grew since it was last read is read on, and one that was judged by a principle before isn't judged again.
/// Texts beyond the template's window are read in overlapping windows and the strongest window counts.
///
/// A comparison with examples asks no question: behind the content the model reads the beginning of a sentence about the
/// text's subject, in the same pass, and its state there is held against the states that the examples left (``Likeness``).
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
        /// Bytes of scores that are kept for texts that come again; 0 keeps none.
        public var scoreCacheBytes = 8 << 20
        /// Bytes of states that are kept for texts that come again to be compared, and as many for the examples of rules.
        public var stateCacheBytes = 4 << 20

        /// The defaults.
        public init() {}
    }

    /// Which model answers.
    public let identity: ClassifierIdentity

    private let encoder: PromptEncoder
    private let settings: Settings
    private let source: WindowReading.Source
    private let examples: ExampleReader
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
        self.identity = identity
        self.settings = settings
        encoder = try PromptEncoder(template: template, tokenizer: engine.model.tokenizer)
        source = WindowReading.Source(
            engine: engine,
            prefixes: PrefixCache(byteLimit: settings.prefixCacheBytes),
            scores: ScoreCache(byteLimit: settings.scoreCacheBytes),
            states: StateCache(byteLimit: settings.stateCacheBytes),
            yes: encoder.yes,
            no: encoder.no
        )
        examples = ExampleReader(engine: engine, encoder: encoder, byteLimit: settings.stateCacheBytes)
    }

    /// The keys and values that are kept, counted in tokens.
    public var prefixLoad: CacheLoad { source.prefixes.load }

    /// The scores that are kept, counted in scores.
    public var scoreLoad: CacheLoad { source.scores.load }

    /// Scores one text against each question and each comparison; see `Classifier`.
    ///
    /// The first request with a comparison waits until its examples were read, and the very first one until some ordinary
    /// texts were too; these are not among its computed tokens.
    ///
    /// - Throws: ``ShieldError/textTooLong(tokens:limit:)``, ``ShieldError/notANumber``, `ClassifierOverload` when the engine's
    ///   queue is full, `GemmaError` when it is shut down, or `CancellationError`.
    public func classify(_ request: ClassificationRequest) async throws -> Classification {
        do {
            // No piece of a Gemma vocabulary is longer: what is over this is over the limit, and need not be cut up first.
            let least = request.text.utf8.count / Self.longestPieceBytes
            guard least <= settings.maxTextTokens else {
                throw ShieldError.textTooLong(tokens: least, limit: settings.maxTextTokens)
            }
            let text = encoder.tokens(of: request.text)
            let windows = try windows(of: text, for: request)
            let likenesses = try await examples.likenesses(of: request.comparisons)
            var answer = Classification(
                scores: Array(repeating: nil, count: request.questions.count),
                similarities: Array(repeating: 0, count: likenesses.count),
                textTokens: text.count,
                windows: windows.count
            )
            let questions = questions(of: request)
            for window in windows {
                // A request of the engine each, so that short texts are not stuck behind a long one.
                var reading = WindowReading(window, head: questions.head, source: source)
                defer { reading.close() }
                // What was begun is not turned away.
                let admission = answer.computedTokens == 0 ? Engine.Admission.new : .more
                let part = try await score(&reading, questions, for: request, admission: admission)
                for (index, score) in part.scores.enumerated() {
                    if let score { answer.scores[index] = max(answer.scores[index] ?? 0, score) }
                }
                for (index, likeness) in likenesses.enumerated() {
                    guard let state = part.state else { continue }
                    answer.similarities[index] = max(answer.similarities[index], likeness.score(ofState: state))
                }
                if let screen = part.screen { answer.screenScore = max(answer.screenScore ?? 0, screen) }
                answer.computedTokens += reading.computedTokens
            }
            return answer
        } catch GemmaError.cancelled {
            throw CancellationError()
        } catch GemmaError.queueFull {
            throw ClassifierOverload()
        }
    }

    /// What to read of the text: all of it in one window if it fits, else in each of the template's ways.
    private func windows(
        of text: [TokenID],
        for request: ClassificationRequest
    ) throws(ShieldError) -> [WindowReading.Window] {
        let template = encoder.template
        let window = settings.truncatedTokens ?? template.windowTokens
        var prompt: [TokenID]?
        if request.direction == .response {
            let question = request.context.last { $0.role == .user }?.text ?? ""
            prompt = Array(encoder.tokens(of: question).prefix(window / 3))
        }
        let room = window - (prompt?.count ?? 0)
        var ways = [[0..<min(room, text.count)]]
        if settings.truncatedTokens == nil {
            guard text.count <= settings.maxTextTokens else {
                throw .textTooLong(tokens: text.count, limit: settings.maxTextTokens)
            }
            if text.count > room {
                ways = template.longTextWindows.map {
                    TextWindows.ranges(count: text.count, window: min($0.tokens, room), overlap: $0.overlap)
                }
            }
        }
        let keptStarts = Set([0] + ways.compactMap { $0.last?.lowerBound })
        return ways.joined().map { range in
            WindowReading.Window(
                content: encoder.prefix(text: Array(text[range]), prompt: prompt),
                mayGoOn: keptStarts.contains(range.lowerBound)
            )
        }
    }

    /// Scores one window: first by the screen and the questions that it can't answer for, with the state that is compared
    /// with examples, then, unless the screen's score is low, by the others.
    private func score(
        _ reading: inout WindowReading,
        _ set: QuestionSet,
        for request: ClassificationRequest,
        admission: Engine.Admission
    ) async throws -> (scores: [Double?], screen: Double?, state: [Float]?) {
        guard let screen = set.screen, let bar = request.screen?.bar else {
            let (scores, state) = try await reading.ask(set.questions, topic: set.topic, admission: admission)
            return (scores, nil, state)
        }
        var scores = [Double?](repeating: nil, count: set.questions.count)
        let (first, second) = (
            scores.indices.filter { !request.questions[$0].screened },
            scores.indices.filter { request.questions[$0].screened }
        )
        let asked = [screen] + first.map { set.questions[$0] }
        let (answers, state) = try await reading.ask(asked, topic: set.topic, admission: admission)
        for (index, score) in zip(first, answers.dropFirst()) { scores[index] = score }
        if answers[0] >= bar {
            let answers = try await reading.ask(second.map { set.questions[$0] }, admission: admission).scores
            for (index, score) in zip(second, answers) { scores[index] = score }
        }
        return (scores, answers[0], state)
    }

    private func questions(of request: ClassificationRequest) -> QuestionSet {
        let isResponse = request.direction == .response
        return QuestionSet(
            screen: request.screen.map { suffix($0.principle, isResponse: isResponse) },
            questions: request.questions.map { suffix($0.principle, isResponse: isResponse) },
            topic: request.comparisons.isEmpty ? nil : encoder.topic()
        )
    }

    private func suffix(_ principle: String, isResponse: Bool) -> [TokenID] {
        let key = SuffixKey(principle: principle, isResponse: isResponse)
        if let tokens = suffixes.withLock({ $0[key] }) { return tokens }
        let tokens = encoder.suffix(principle: principle, isResponse: isResponse)
        suffixes.withLock { $0[key] = tokens }
        return tokens
    }

    /// Softmax over two logits: the probability of the first, 0...1.
    ///
    /// - Throws: ``ShieldError/notANumber``: every comparison with a NaN is false, so it would pass for harmless.
    package static func probability(yes: Float, no: Float) throws(ShieldError) -> Double {
        guard yes.isFinite, no.isFinite else { throw .notANumber }
        return 1 / (1 + exp(Double(no) - Double(yes)))
    }
}
