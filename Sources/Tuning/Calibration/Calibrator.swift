public import Moderation

/// Fits a rule's thresholds to wanted rates of false positives, and measures them on texts that they were not fitted to.
public struct Calibrator: Sendable {
    /// One threshold to fit.
    public struct Target: Sendable, Hashable {
        /// What happens from the threshold on: flag or block.
        public var level: Outcome
        /// Largest share, 0...1, of the harmless texts that it may happen to.
        public var falsePositiveRate: Double

        /// Creates a target.
        public init(level: Outcome, falsePositiveRate: Double) {
            self.level = level
            self.falsePositiveRate = falsePositiveRate
        }

        /// Harmless texts below which a measured rate says little: had none of them been acted on, the true rate could still
        /// be above the target (rule of three: 95 % confidence of less than 3 / n).
        public var usefulNegatives: Int { Int((3 / falsePositiveRate).rounded(.up)) }
    }

    /// Fewest violations for which a half is still enough to measure recall on.
    private static let positivesToSplit = 40

    private let targets: [Target]

    /// Creates a calibrator.
    ///
    /// - Precondition: every target's rate is above 0 and below 1.
    public init(targets: [Target]) {
        precondition(targets.allSatisfy { $0.falsePositiveRate > 0 && $0.falsePositiveRate < 1 }, "rates are in 0..<1")
        self.targets = targets
    }

    /// Fits and measures.
    ///
    /// With many samples, half of them are fitted to and the other half measures. With few, ten folds take turns: each is
    /// measured with thresholds fitted to the nine others, and the thresholds that result are fitted to all.
    ///
    /// The same samples in any order give the same result.
    ///
    /// - Throws: ``CalibrationError/noHarmlessText``, ``CalibrationError/unreachable(level:)``.
    public func fit(_ samples: [CalibrationSample]) throws(CalibrationError) -> Calibration {
        let negatives = ordered(samples, positive: false)
        let positives = ordered(samples, positive: true)
        guard negatives.count > 1 else { throw .noHarmlessText }
        let useful = targets.map(\.usefulNegatives).max() ?? 0
        let canSplit = negatives.count >= 2 * useful && (positives.isEmpty || positives.count >= Self.positivesToSplit)
        let folds = canSplit ? 2 : min(10, negatives.count)
        var levels: [Calibration.Level] = []
        for target in targets {
            // The odd samples are fitted to in a split; in folds, all.
            let fitted = canSplit ? part(negatives, 1, of: 2) + part(positives, 1, of: 2) : negatives + positives
            guard let threshold = ThresholdFit.threshold(fitted, target: target.falsePositiveRate) else {
                throw .unreachable(level: target.level)
            }
            var count = (falsePositives: 0, negatives: 0, truePositives: 0, positives: 0)
            for fold in 0..<(canSplit ? 1 : folds) {
                let rest =
                    negatives.indices.filter { $0 % folds != fold }.map { negatives[$0] }
                    + positives.indices.filter { $0 % folds != fold }.map { positives[$0] }
                let bar = canSplit ? threshold : ThresholdFit.threshold(rest, target: target.falsePositiveRate)
                let measured = part(negatives, fold, of: folds)
                let caught = part(positives, fold, of: folds)
                count.negatives += measured.count
                count.positives += caught.count
                // Without a threshold that keeps to the target, nothing is acted on.
                guard let bar else { continue }
                count.falsePositives += measured.count { $0.score >= bar }
                count.truePositives += caught.count { $0.score >= bar }
            }
            levels.append(
                Calibration.Level(
                    level: target.level,
                    target: target.falsePositiveRate,
                    threshold: threshold,
                    falsePositives: Proportion(count.falsePositives, of: count.negatives),
                    recall: count.positives > 0 ? Proportion(count.truePositives, of: count.positives) : nil
                )
            )
        }
        return Calibration(
            method: canSplit ? .split : .folds(folds),
            negatives: negatives.count,
            positives: positives.count,
            levels: levels,
            ranking: BinaryMetrics(samples.map { ($0.score, $0.isPositive) })
        )
    }

    private func ordered(_ samples: [CalibrationSample], positive: Bool) -> [CalibrationSample] {
        samples.filter { $0.isPositive == positive }.sorted { ($0.digest, $0.score) < ($1.digest, $1.score) }
    }

    private func part(_ samples: [CalibrationSample], _ index: Int, of count: Int) -> [CalibrationSample] {
        samples.indices.filter { $0 % count == index }.map { samples[$0] }
    }
}

/// Why thresholds can't be fitted.
public enum CalibrationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There are fewer than two harmless texts.
    case noHarmlessText
    /// So many harmless texts score 1 that no threshold keeps to the target.
    case unreachable(level: Outcome)

    /// What was found, and what to do.
    public var description: String {
        switch self {
        case .noHarmlessText:
            "thresholds are fitted to harmless texts, and there are fewer than two; add tests that expect allow, or rows"
        case .unreachable(let level):
            "so many harmless texts get the highest score that no \(level.rawValue) threshold keeps to the target; "
                + "say the principle in other words"
        }
    }
}
