import Moderation
import Testing
import Tuning

@Suite("Calibrating a rule")
struct CalibratorTests {
    private static let both = [
        Calibrator.Target(level: .flag, falsePositiveRate: 0.05),
        Calibrator.Target(level: .block, falsePositiveRate: 0.01),
    ]

    /// Scores whose order says nothing about the digest.
    private func scattered(_ scores: [Double], positive: Bool) -> [CalibrationSample] {
        scores.enumerated().map { index, score in
            let digest = CalibrationSample.digest(of: "\(index) \(positive)")
            return CalibrationSample(score: score, isPositive: positive, digest: digest)
        }
    }

    private func normal(_ negatives: Int, _ positives: Int) -> [CalibrationSample] {
        // Harmless texts spread evenly, violations above the highest tenth of them in two thirds of the cases.
        scattered(even(negatives, in: 0...0.6), positive: false)
            + scattered(even(positives, in: 0.3...0.9), positive: true)
    }

    @Test("many texts are split: what is measured was not fitted to")
    func split() throws {
        let calibration = try Calibrator(targets: Self.both).fit(normal(4000, 400))
        #expect(calibration.method == .split)
        #expect(calibration.negatives == 4000 && calibration.positives == 400)
        let (flag, block) = (calibration.levels[0], calibration.levels[1])
        #expect(flag.falsePositives.total == 2000 && flag.recall?.total == 200)
        // The true thresholds are at 95 % and 99 % of 0...0.6.
        #expect(abs(flag.threshold - 0.57) < 0.01 && abs(block.threshold - 0.594) < 0.01)
        #expect(flag.falsePositives.interval.contains(0.05) && block.falsePositives.interval.contains(0.01))
        // Violations are spread over 0.3...0.9.
        #expect(abs((block.recall?.rate ?? 0) - (0.9 - 0.594) / 0.6) < 0.06)
        #expect(calibration.warnings.isEmpty, "\(calibration.warnings)")
    }

    @Test("few texts take turns: every one is measured, and all are fitted to")
    func folds() throws {
        let calibration = try Calibrator(targets: Self.both).fit(normal(100, 30))
        #expect(calibration.method == .folds(10))
        #expect(calibration.levels.allSatisfy { $0.falsePositives.total == 100 && $0.recall?.total == 30 })
        #expect(calibration.thresholds.flag == ThresholdFit.threshold(normal(100, 30), target: 0.05))
        #expect(
            calibration.warnings == [.fewHarmlessTexts(measured: 100, useful: 300, level: .block, target: 0.01)]
        )
    }

    @Test("a fold is measured with thresholds that don't know it")
    func honest() throws {
        // The highest harmless text of all is an outlier: fitted to, it would never be a false positive.
        let scores = even(99, in: 0...0.1) + [0.95]
        let calibration = try Calibrator(targets: [Self.both[1]]).fit(scattered(Array(scores), positive: false))
        #expect(calibration.levels[0].falsePositives.count >= 1)
    }

    @Test("the order of the texts makes no difference")
    func order() throws {
        let texts = normal(700, 60)
        let calibrator = Calibrator(targets: Self.both)
        #expect(try calibrator.fit(texts) == calibrator.fit(texts.reversed()))
    }

    @Test("a flag threshold is never above the block threshold", arguments: [2, 5, 17, 40, 333])
    func levels(count: Int) throws {
        let calibration = try Calibrator(targets: Self.both).fit(normal(count, 3))
        let flag = try #require(calibration.thresholds.flag)
        let block = try #require(calibration.thresholds.block)
        #expect(flag <= block)
    }

    @Test("scores of another kind in a part miss the target, and that is said")
    func missed() throws {
        // Every second text by digest is higher: the half that measures isn't like the half that is fitted to.
        let texts = (0..<1200).map { index in
            CalibrationSample(score: index % 2 == 0 ? 0.9 : 0.1, isPositive: false, digest: UInt64(index))
        }
        let calibration = try Calibrator(targets: Self.both).fit(texts)
        #expect(calibration.warnings.contains(.missesTarget(level: .block)))
    }

    @Test("without violations there is no recall; scores that tell nothing apart are named")
    func warnings() throws {
        let harmless = try Calibrator(targets: Self.both).fit(scattered(even(700, in: 0...1), positive: false))
        #expect(harmless.levels.allSatisfy { $0.recall == nil } && harmless.ranking == nil)
        #expect(harmless.warnings == [.noViolations])
        let scores = even(700, in: 0...1)
        let alike = try Calibrator(targets: Self.both).fit(
            scattered(scores, positive: false) + scattered(Array(scores.prefix(19)), positive: true)
        )
        #expect(alike.warnings.contains(.fewViolations(19)))
        #expect(
            alike.warnings.contains { if case .poorRanking(let auROC) = $0 { auROC < 0.1 } else { false } }
        )
    }

    @Test("what can't be fitted is an error")
    func errors() {
        let calibrator = Calibrator(targets: Self.both)
        #expect(throws: CalibrationError.noHarmlessText) { try calibrator.fit(samples([0.9], positive: true)) }
        #expect(throws: CalibrationError.noHarmlessText) { try calibrator.fit(samples([0.1])) }
        #expect(throws: CalibrationError.unreachable(level: .flag)) { try calibrator.fit(samples([1, 1, 1])) }
    }
}
