public import Moderation
public import PolicyFiles
import Tuning

/// What `gatehouse policy calibrate` found out.
///
/// `Encodable` for `--format json`.
public struct CalibrationReport: Sendable, Encodable, Hashable {
    /// One threshold.
    public struct Level: Sendable, Encodable, Hashable {
        /// What happens from the threshold on.
        public var level: Outcome
        /// The threshold that was written in the policy.
        public var before: Double?
        /// The fitted threshold, 0...1.
        public var threshold: Double
        /// The wanted rate of false positives, 0...1.
        public var target: Double
        /// Harmless texts that it happens to.
        public var falsePositives: Proportion
        /// Violations that it happens to; nil without violations.
        public var recall: Proportion?
    }

    /// Where texts were left out.
    public struct LeftOut: Sendable, Encodable, Hashable {
        /// Their source doesn't say whether they violate.
        public var unlabelled: Int
        /// They are records of traffic without their text.
        public var withoutText: Int
        /// They were there already.
        public var repeated: Int
        /// The rule doesn't judge their direction.
        public var otherDirection: Int
        /// They were beyond `--limit`.
        public var beyondLimit: Int
    }

    /// Id of the rule.
    public var rule: String
    /// `files`, or `own` for the rule's tests and examples.
    public var source: String
    /// Texts that were used.
    public var rows: Int
    /// How many of them violate.
    public var positives: Int
    /// How many do not.
    public var negatives: Int
    /// Texts that were not used.
    public var leftOut: LeftOut
    /// `split`: fitted to one half, measured on the other; `folds`: cross-validated, fitted to all.
    public var method: String
    /// How many parts took turns; 2 for a split.
    public var folds: Int
    /// The thresholds, weakest first.
    public var levels: [Level]
    /// Area under the ROC curve; nil without violations.
    public var auROC: Double?
    /// What to keep in mind, one sentence each.
    public var warnings: [String]
    /// Tests of the rule that don't pass with the fitted thresholds.
    public var failingTests: [PolicyTestReport.Result]
    /// The file that the thresholds were written to; nil for a dry run.
    public var writtenTo: String?

    init(
        rule: Rule,
        before: Thresholds,
        texts: LabelledTexts,
        isFromFiles: Bool,
        calibration: Calibration,
        tests: PolicyTestReport,
        hasOverride: Bool,
        writtenTo: String?
    ) {
        self.rule = rule.id
        source = isFromFiles ? "files" : "own"
        rows = calibration.positives + calibration.negatives
        positives = calibration.positives
        negatives = calibration.negatives
        leftOut = LeftOut(
            unlabelled: texts.unlabelled,
            withoutText: texts.withoutText,
            repeated: texts.repeated,
            otherDirection: texts.otherDirection,
            beyondLimit: texts.beyondLimit
        )
        switch calibration.method {
        case .split: (method, folds) = ("split", 2)
        case .folds(let count): (method, folds) = ("folds", count)
        }
        levels = calibration.levels.map { level in
            Level(
                level: level.level,
                before: level.level == .flag ? before.flag : before.block,
                threshold: level.threshold,
                target: level.target,
                falsePositives: level.falsePositives,
                recall: level.recall
            )
        }
        auROC = calibration.ranking?.auROC
        warnings = calibration.warnings.map(\.sentence)
        if hasOverride {
            warnings.append("an override gives this rule other thresholds for some scopes; they stay as they are")
        }
        failingTests = tests.results.filter { $0.status != .passed }
        self.writtenTo = writtenTo
    }
}
