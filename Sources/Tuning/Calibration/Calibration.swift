public import Moderation

/// Thresholds that were fitted, and how they do.
public struct Calibration: Sendable, Hashable {
    /// How the thresholds were measured.
    public enum Method: Sendable, Hashable {
        /// On the half of the samples that they were not fitted to.
        case split
        /// In so many parts that took turns; the thresholds are fitted to all samples.
        case folds(Int)
    }

    /// One threshold.
    public struct Level: Sendable, Hashable {
        /// What happens from the threshold on.
        public var level: Outcome
        /// The wanted rate of false positives, 0...1.
        public var target: Double
        /// The threshold, 0...1.
        public var threshold: Double
        /// Harmless texts that it happened to, of those measured.
        public var falsePositives: Proportion
        /// Violations that it happened to, of those measured; nil without violations.
        public var recall: Proportion?
    }

    /// What to keep in mind about the figures.
    public enum Warning: Sendable, Hashable {
        /// Too few harmless texts were measured for the target.
        case fewHarmlessTexts(measured: Int, useful: Int, level: Outcome, target: Double)
        /// Nothing says how much is caught.
        case noViolations
        /// So few violations were measured that the recall says little.
        case fewViolations(Int)
        /// The rate is above the target, beyond chance.
        case missesTarget(level: Outcome)
        /// The scores hardly tell violations from harmless texts.
        case poorRanking(auROC: Double)
    }

    /// How it was measured.
    public var method: Method
    /// How many harmless texts there are.
    public var negatives: Int
    /// How many violations there are.
    public var positives: Int
    /// The thresholds, weakest first.
    public var levels: [Level]
    /// How well the scores rank; nil without violations.
    public var ranking: BinaryMetrics?

    /// The level that `calibrated` speaks of: the strongest.
    public var strongest: Level? { levels.max { $0.level < $1.level } }

    /// The fitted thresholds.
    public var thresholds: Thresholds {
        func threshold(_ level: Outcome) -> Double? { levels.first { $0.level == level }?.threshold }
        return Thresholds(flag: threshold(.flag), block: threshold(.block))
    }

    /// What to keep in mind.
    public var warnings: [Warning] {
        var warnings: [Warning] = []
        for level in levels {
            let target = Calibrator.Target(level: level.level, falsePositiveRate: level.target)
            let measured = level.falsePositives.total
            if measured < target.usefulNegatives {
                let useful = target.usefulNegatives
                warnings.append(
                    .fewHarmlessTexts(measured: measured, useful: useful, level: level.level, target: level.target)
                )
            } else if level.falsePositives.interval.lowerBound > level.target {
                warnings.append(.missesTarget(level: level.level))
            }
        }
        let violations = levels.first?.recall?.total ?? 0
        if violations == 0 { warnings.append(.noViolations) }
        if (1..<20).contains(violations) { warnings.append(.fewViolations(violations)) }
        if let ranking, ranking.auROC < 0.8 { warnings.append(.poorRanking(auROC: ranking.auROC)) }
        return warnings
    }
}
