import Detectors
public import Foundation
import Moderation
import PolicyFiles
import Shield
import Tuning

/// Fits the thresholds of one rule, for `gatehouse policy calibrate`.
public struct CalibrationRun: Sendable {
    /// Id of the rule.
    public var rule: String
    /// Files of labelled texts; without any, the rule's own tests and examples are taken.
    public var files: [String] = []
    /// Files of texts that are all harmless.
    public var harmlessFiles: [String] = []
    /// Which label of a row speaks of the rule; nil for the rule's id with `_` in the place of `-`.
    public var label: String?
    /// At most so many rows of each file.
    public var limit: Int?
    /// Largest share of the harmless texts, above 0 and below 1, that is to be blocked.
    public var targetRate = 0.01
    /// Largest share of the harmless texts, above 0 and below 1, that is to be flagged or blocked.
    public var targetFlagRate = 0.05
    /// Whether the policy file is left as it is.
    public var isDryRun = false

    /// Takes the rule's id and the defaults.
    public init(rule: String) { self.rule = rule }

    /// Fits, measures, and writes the thresholds into the policy file.
    ///
    /// - Parameters:
    ///   - settings: the policy and the model.
    ///   - showsProgress: whether a progress bar is drawn on standard error.
    ///   - now: what day it is.
    /// - Throws: `PolicyFileError`, ``ModelError`` and the like when policy or model can't be used; ``CalibrationRunError``,
    ///   `TuningError`, `CalibrationError`, `ScoringError`, `PolicyEditError` when the rule can't be calibrated. The file is
    ///   then as it was.
    public func run(_ settings: Settings, showsProgress: Bool, now: Date = Date()) async throws -> CalibrationReport {
        let path = Judge.policyPath(settings.policies)
        let loader = PolicyLoader(detectors: BuiltInDetectors())
        let policy = try loader.load(path)
        let (rule, thresholds) = try found(in: policy)
        let editor = isDryRun ? nil : try PolicyFileEditor(path: try ownFile(of: rule, path: path))
        let gathered = try texts(of: rule)
        let model = try await JudgeModel.load(settings)
        let bar = ProgressBar(title: rule.id, total: gathered.texts.count)
        let scorer = RuleScorer(
            rule: rule,
            detectors: BuiltInDetectors(),
            classifier: model.classifier,
            reader: DisguiseReader()
        )
        let samples = try await scorer.score(gathered.texts) { if showsProgress { bar.draw($0) } }
        if showsProgress { bar.clear() }
        let calibration = try Calibrator(targets: targets(thresholds)).fit(samples)
        var fitted = rule
        let new = calibration.thresholds
        fitted.detection.thresholds = new
        let runner = PolicyTestRunner(
            detectors: BuiltInDetectors(),
            classifier: model.classifier,
            reader: DisguiseReader()
        )
        let tests = try await runner.run(PolicySet(name: policy.name, revision: "", rules: [fitted]))
        if let editor, let stamp = stamp(calibration, model: model.classifier.identity, now: now) {
            try editor.set(new, stamp, ofRule: rule.id)
            guard loader.check(path).isValid else {
                try editor.restore()
                throw CalibrationRunError.unusableResult(rule: rule.id)
            }
        }
        return CalibrationReport(
            rule: rule,
            before: thresholds,
            texts: gathered,
            isFromFiles: hasFiles,
            calibration: calibration,
            tests: tests,
            hasOverride: policy.overrides.contains { override in
                override.changes[rule.id].map { $0.flag != nil || $0.block != nil } ?? false
            },
            writtenTo: editor?.path
        )
    }

    /// Whether an error says that the rule can't be calibrated, rather than that policy or model can't be used.
    public static func isAboutTheRule(_ error: any Error) -> Bool {
        error is CalibrationRunError || error is TuningError || error is CalibrationError || error is ScoringError
            || error is PolicyEditError
    }

    private var hasFiles: Bool { !files.isEmpty || !harmlessFiles.isEmpty }

    private func found(in policy: PolicySet) throws -> (Rule, Thresholds) {
        guard let found = policy.rules.first(where: { $0.id == rule }) else {
            let known = policy.rules.filter { $0.detection.thresholds != nil }.map(\.id)
            throw CalibrationRunError.unknownRule(rule: rule, known: known)
        }
        guard let thresholds = found.detection.thresholds else { throw CalibrationRunError.noThresholds(rule: rule) }
        return (found, thresholds)
    }

    /// The file that holds the rule, which must be one of the policy's own: others may extend the same base.
    private func ownFile(of rule: Rule, path: String) throws -> String {
        guard let file = rule.location?.file else { throw CalibrationRunError.unknownRule(rule: rule.id, known: []) }
        func resolved(_ path: String) -> URL { URL(fileURLWithPath: path).resolvingSymlinksInPath() }
        let (own, held) = (resolved(path), resolved(file))
        guard held == own || held.deletingLastPathComponent().path == own.path else {
            throw CalibrationRunError.ruleOfAnotherPolicy(rule: rule.id, file: file)
        }
        return file
    }

    private func texts(of rule: Rule) throws -> LabelledTexts {
        let name = label ?? rule.id.replacing("-", with: "_")
        var texts = LabelledTexts(directions: rule.appliesTo, label: name)
        for file in files { try texts.add(path: file, limit: limit) }
        for file in harmlessFiles { try texts.add(path: file, areHarmless: true, limit: limit) }
        if !hasFiles { texts.add(LabelledText.own(of: rule)) }
        if texts.texts.isEmpty, texts.unlabelled > 0 {
            throw CalibrationRunError.noLabel(label: name, known: texts.labels.sorted())
        }
        return texts
    }

    /// What the rule has written is fitted: a rule that only flags goes on only flagging.
    private func targets(_ thresholds: Thresholds) -> [Calibrator.Target] {
        var targets: [Calibrator.Target] = []
        if thresholds.flag != nil {
            targets.append(Calibrator.Target(level: .flag, falsePositiveRate: targetFlagRate))
        }
        if thresholds.block != nil {
            targets.append(Calibrator.Target(level: .block, falsePositiveRate: targetRate))
        }
        return targets
    }

    private func stamp(_ calibration: Calibration, model: ClassifierIdentity, now: Date) -> CalibrationStamp? {
        calibration.strongest.map { level in
            CalibrationStamp(
                falsePositiveRate: level.falsePositives.rate,
                interval: level.falsePositives.interval,
                recall: level.recall?.rate,
                rows: calibration.negatives + calibration.positives,
                date: now.formatted(.iso8601.year().month().day()),
                model: String(model.modelDigest.prefix(12))
            )
        }
    }
}

/// Why a rule can't be calibrated.
public enum CalibrationRunError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The policy has no rule of that id.
    case unknownRule(rule: String, known: [String])
    /// The rule finds matches, not scores.
    case noThresholds(rule: String)
    /// The rule comes from a policy that this one extends.
    case ruleOfAnotherPolicy(rule: String, file: String)
    /// No row says anything of the label.
    case noLabel(label: String, known: [String])
    /// The policy can't be used with the fitted thresholds.
    case unusableResult(rule: String)

    /// What was found, and what to do.
    public var description: String {
        switch self {
        case .unknownRule(let rule, let known):
            "the policy has no rule '\(rule)'; rules with thresholds: \(known.joined(separator: ", "))"
        case .noThresholds(let rule):
            "the rule '\(rule)' has no thresholds to fit; rules with a principle or examples have some"
        case .ruleOfAnotherPolicy(let rule, let file):
            "the rule '\(rule)' stands in \(file), which this policy only extends; calibrate it there with --policies, or "
                + "see with --dry-run what would come out and write it as an override"
        case .noLabel(let label, let known):
            "no row says whether it is '\(label)'; name the label that speaks of the rule with --label"
                + (known.isEmpty ? "" : " (the rows have \(known.joined(separator: ", ")), and unsafe)")
        case .unusableResult(let rule):
            "with the fitted thresholds of '\(rule)' the policy can't be used; nothing was changed (an override that gives "
                + "only one of the two thresholds may contradict them)"
        }
    }
}
