/// How well scores tell violations from the rest.
public struct BinaryMetrics: Sendable, Codable, Hashable {
    /// How many texts.
    public var count: Int
    /// How many of them violate.
    public var positives: Int
    /// Area under the precision-recall curve: average precision, the sum of precision × the step in recall over
    /// descending scores, ties taken as one step (as scikit-learn's `average_precision_score`).
    public var auPRC: Double
    /// Area under the ROC curve: the chance that a violation scores above a harmless text, ties counting half.
    public var auROC: Double
    /// The best F1 that any threshold reaches on these texts.
    public var optimalF1: Double
    /// The threshold that reaches it.
    public var optimalThreshold: Double

    /// Measures scores against labels; nil unless both violations and harmless texts are present.
    ///
    /// - Parameter scored: score in 0...1 (any real number will do), and whether the text violates.
    public init?(_ scored: [(score: Double, isPositive: Bool)]) {
        let positives = scored.count { $0.isPositive }
        let negatives = scored.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let sorted = scored.sorted { $0.score > $1.score }
        var truePositives = 0
        var falsePositives = 0
        var precisionArea = 0.0
        var rankArea = 0.0
        var best = (f1: 0.0, threshold: sorted[0].score)
        var index = 0
        while index < sorted.count {
            let score = sorted[index].score
            let (previousTrue, previousFalse) = (truePositives, falsePositives)
            while index < sorted.count, sorted[index].score == score {
                if sorted[index].isPositive { truePositives += 1 } else { falsePositives += 1 }
                index += 1
            }
            let precision = Double(truePositives) / Double(truePositives + falsePositives)
            precisionArea += precision * Double(truePositives - previousTrue) / Double(positives)
            rankArea +=
                Double(falsePositives - previousFalse) * (Double(truePositives) + Double(previousTrue)) / 2
            let f1 = 2 * Double(truePositives) / Double(truePositives + falsePositives + positives)
            if f1 > best.f1 { best = (f1, score) }
        }
        count = scored.count
        self.positives = positives
        auPRC = precisionArea
        auROC = rankArea / (Double(positives) * Double(negatives))
        optimalF1 = best.f1
        optimalThreshold = best.threshold
    }
}

/// What a decision rule does on labelled texts.
public struct DecisionMetrics: Sendable, Codable, Hashable {
    /// Share of the texts acted on that violate; nil when none was acted on.
    public var precision: Double?
    /// Share of the violations that were acted on; nil when there is none.
    public var recall: Double?
    /// Harmonic mean of precision and recall; 0 when nothing was caught.
    public var f1: Double
    /// Share of the harmless texts that were acted on; nil when there is none.
    public var falsePositiveRate: Double?

    /// Counts decisions against labels.
    public init(_ decided: [(isActedOn: Bool, isPositive: Bool)]) {
        let truePositives = decided.count { $0.isActedOn && $0.isPositive }
        let actedOn = decided.count { $0.isActedOn }
        let positives = decided.count { $0.isPositive }
        let negatives = decided.count - positives
        precision = actedOn > 0 ? Double(truePositives) / Double(actedOn) : nil
        recall = positives > 0 ? Double(truePositives) / Double(positives) : nil
        f1 = actedOn + positives > 0 ? 2 * Double(truePositives) / Double(actedOn + positives) : 0
        falsePositiveRate = negatives > 0 ? Double(actedOn - truePositives) / Double(negatives) : nil
    }
}
