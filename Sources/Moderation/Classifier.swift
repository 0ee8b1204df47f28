/// A principle put to the classifier on behalf of a rule.
public struct Question: Sendable, Hashable {
    /// The words of the principle.
    public var principle: String
    /// Whether a low screening score may answer for it.
    public var screened: Bool

    /// Creates a question.
    public init(principle: String, screened: Bool = false) {
        self.principle = principle
        self.screened = screened
    }
}

/// Texts that a text is compared with on behalf of a rule.
public struct Comparison: Sendable, Hashable {
    /// Texts that it may be like; at least one.
    public var positive: [String]
    /// Look-alikes of these that mean something else.
    public var negative: [String]

    /// Creates a comparison.
    public init(positive: [String], negative: [String]) {
        self.positive = positive
        self.negative = negative
    }
}

/// One text and the questions about it.
public struct ClassificationRequest: Sendable, Hashable {
    /// Which way the text travels; decides the template.
    public var direction: Direction
    /// The turns before it, oldest first.
    public var context: [Turn]
    /// The text to judge.
    public var text: String
    /// The principles, one score each.
    public var questions: [Question]
    /// The screening question, asked first; nil asks every question.
    public var screen: Screen?
    /// Examples that the text is compared with, one score each.
    public var comparisons: [Comparison]

    /// Creates a request.
    public init(
        direction: Direction,
        context: [Turn] = [],
        text: String,
        questions: [Question],
        screen: Screen? = nil,
        comparisons: [Comparison] = []
    ) {
        self.direction = direction
        self.context = context
        self.text = text
        self.questions = questions
        self.screen = screen
        self.comparisons = comparisons
    }
}

/// What the classifier says of one text.
public struct Classification: Sendable, Hashable {
    /// One probability of a violation, 0...1, for each question, in order; nil where the screen answered for it.
    public var scores: [Double?]
    /// For each comparison, in order, 0...1: near 0 for a text far from the positive examples, near 1 for one of them.
    public var similarities: [Double]
    /// The screening score, 0...1, when the screen was asked.
    public var screenScore: Double?
    /// How many tokens the text has.
    public var textTokens: Int
    /// How many tokens were run through the model: text that was not cached, template and questions.
    public var computedTokens: Int
    /// How many overlapping windows the text was read in; 1 for a text that fits.
    public var windows: Int

    /// Creates a classification.
    public init(
        scores: [Double?],
        similarities: [Double] = [],
        screenScore: Double? = nil,
        textTokens: Int,
        computedTokens: Int = 0,
        windows: Int = 1
    ) {
        self.scores = scores
        self.similarities = similarities
        self.screenScore = screenScore
        self.textTokens = textTokens
        self.computedTokens = computedTokens
        self.windows = windows
    }
}

/// Which model gave the scores.
///
/// Recorded with each decision.
public struct ClassifierIdentity: Sendable, Codable, Hashable {
    /// Name of the model file.
    public var model: String
    /// SHA-256 of the model file, lower-case hexadecimal.
    public var modelDigest: String
    /// SHA-256 of the adapter file; nil without an adapter.
    public var adapterDigest: String?
    /// Name of the prompt template, such as `shield-1`.
    public var template: String

    /// Creates an identity.
    public init(model: String, modelDigest: String, adapterDigest: String?, template: String) {
        self.model = model
        self.modelDigest = modelDigest
        self.adapterDigest = adapterDigest
        self.template = template
    }
}

/// Why a classifier that is in order gave no score: more is asked of it than it can do; it makes sense to try again later.
public struct ClassifierOverload: Error, Sendable, Hashable, CustomStringConvertible {
    /// The error.
    public init() {}

    /// What happened.
    public var description: String { "more is being asked of the model than it can do; try again later" }
}

/// Gives each principle the probability that a text violates it.
public protocol Classifier: Sendable {
    /// Which model answers.
    var identity: ClassifierIdentity { get }

    /// Scores one text against each question and each comparison.
    ///
    /// Suspends while the model works; cancelling the task drops the work.
    ///
    /// - Throws: `CancellationError` when the task was cancelled; ``ClassifierOverload`` when there is no room for the request;
    ///   any other error when no score could be had. Errors carry no part of the text.
    func classify(_ request: ClassificationRequest) async throws -> Classification
}
