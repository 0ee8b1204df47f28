import Foundation
import Testing
import Tuning

@Suite("Evaluation metrics")
struct BinaryMetricsTests {
    @Test("a worked example, ties included")
    func worked() throws {
        // Descending: 0.9 +, 0.8 -, 0.7 + and - (tie), 0.1 -.
        let metrics = try #require(
            BinaryMetrics([(0.7, true), (0.9, true), (0.8, false), (0.7, false), (0.1, false)])
        )
        // Recall steps: 1/2 at precision 1, 1/2 at precision 2/4.
        #expect(abs(metrics.auPRC - 0.75) < 1e-12)
        // Pairs won: 0.9 beats 3; 0.7 beats 1, ties 1.
        #expect(abs(metrics.auROC - 4.5 / 6) < 1e-12)
        #expect(abs(metrics.optimalF1 - 2.0 / 3) < 1e-12)
        #expect(metrics.optimalThreshold == 0.9)
    }

    @Test("perfect and useless scores")
    func extremes() throws {
        let perfect = try #require(BinaryMetrics([(0.9, true), (0.1, false)]))
        #expect(perfect.auPRC == 1 && perfect.auROC == 1 && perfect.optimalF1 == 1)
        let useless = try #require(BinaryMetrics([(0.5, true), (0.5, false), (0.5, false), (0.5, false)]))
        #expect(useless.auPRC == 0.25 && useless.auROC == 0.5)
    }

    @Test("one kind of text alone can't be ranked")
    func oneKind() {
        #expect(BinaryMetrics([(0.5, true)]) == nil)
        #expect(BinaryMetrics([]) == nil)
    }

    @Test("precision, recall, F1 and false-positive rate of decisions")
    func decisions() {
        let metrics = DecisionMetrics([(true, true), (true, false), (false, true), (false, false), (false, false)])
        #expect(metrics.precision == 0.5 && metrics.recall == 0.5 && metrics.f1 == 0.5)
        #expect(metrics.falsePositiveRate == 1.0 / 3)
        let nothing = DecisionMetrics([(false, true)])
        #expect(nothing.precision == nil && nothing.f1 == 0 && nothing.falsePositiveRate == nil)
    }
}
