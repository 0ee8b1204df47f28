import Foundation

/// How like the examples of one rule texts are.
///
/// A text's nearness to some examples is a soft maximum of its cosines to them: near to one counts, near to several
/// counts more. Nearness to the negative examples is taken off. What is left is measured in standard deviations above what
/// ordinary texts have, so that a score means about the same for every rule, and put through a logistic curve:
/// ``middle`` deviations score 0.5. docs/examples-detector.md has the figures.
package struct Likeness: Sendable {
    /// How many standard deviations above ordinary texts score 0.5.
    static let middle = 2.5
    /// How fast the score rises around the middle.
    static let slope = 2.0
    /// How soft the maximum is: 0 would be the mean, infinity the nearest alone.
    static let sharpness = 5.0

    private let space: OrdinarySpace
    private let positive: [Embedding]
    private let negative: [Embedding]
    private let ordinary: (mean: Double, deviation: Double)

    /// - Parameters:
    ///   - positive: states of the positive examples; at least one.
    ///   - negative: states of the negative examples.
    package init(positive: [[Float]], negative: [[Float]], in space: OrdinarySpace) {
        precondition(!positive.isEmpty, "a comparison needs at least one positive example")
        let (positive, negative) = (positive.map(space.embedding), negative.map(space.embedding))
        self.space = space
        self.positive = positive
        self.negative = negative
        let found = space.texts.map { Self.surplus(of: $0, positive, negative) }
        let mean = found.reduce(0, +) / Double(found.count)
        let variance = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(found.count)
        ordinary = (mean, max(variance.squareRoot(), 1e-3))
    }

    /// The score of a text, 0...1: near 0 for a text as unlike the positive examples as ordinary ones are, or more like the
    /// negative ones; near 1 for one of the positive examples.
    package func score(ofState state: [Float]) -> Double {
        let surplus = Self.surplus(of: space.embedding(of: state), positive, negative)
        let deviations = (surplus - ordinary.mean) / ordinary.deviation
        return 1 / (1 + exp(Self.slope * (Self.middle - deviations)))
    }

    /// How much nearer a text is to the positive examples than to the negative ones.
    private static func surplus(of text: Embedding, _ positive: [Embedding], _ negative: [Embedding]) -> Double {
        nearness(of: text, to: positive) - nearness(of: text, to: negative)
    }

    /// A soft maximum of the cosines; 0 without examples, which is what ordinary texts have on average.
    private static func nearness(of text: Embedding, to examples: [Embedding]) -> Double {
        guard !examples.isEmpty else { return 0 }
        let sum = examples.reduce(0) { $0 + exp(sharpness * text.cosine($1)) }
        return log(sum / Double(examples.count)) / sharpness
    }
}
