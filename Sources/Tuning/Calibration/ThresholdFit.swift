internal import Foundation

/// Finds the score from which a rule acts on no more than a wanted share of the harmless texts.
public enum ThresholdFit {
    /// The threshold in 0...1 that acts on at most `target` of the harmless samples, and on as many others as it can.
    ///
    /// All thresholds between two neighbouring scores decide the samples alike. Of these the middle one is taken, in as few
    /// decimals as it needs: it is as far as can be from the harmless text below and from the text above.
    ///
    /// - Parameters:
    ///   - samples: at least one of them harmless.
    ///   - target: largest share of the harmless samples at or above the threshold, 0...1.
    /// - Returns: nil when even a threshold of 1 acts on more of them: their scores are 1.
    public static func threshold(_ samples: [CalibrationSample], target: Double) -> Double? {
        let negatives = samples.filter { !$0.isPositive }.map(\.score).sorted(by: >)
        precondition(!negatives.isEmpty, "a threshold is fitted to harmless texts, and there is none")
        // The tolerance keeps 0.05 of 20 at 1, whatever the product rounds to.
        let permitted = Int((target * Double(negatives.count) + 1e-9).rounded(.down))
        guard permitted < negatives.count else { return rounded(0, upper: samples.map(\.score).min() ?? 0) }
        // Equal scores go together: all of them are acted on, or none.
        let excluded = negatives[permitted]
        guard excluded < 1 else { return nil }
        let next = samples.lazy.map(\.score).filter { $0 > excluded }.min() ?? 1
        return rounded(excluded, upper: next)
    }

    /// The middle of `lower..<upper` in the fewest decimals, from two on, that stay above `lower` and at most at `upper`.
    private static func rounded(_ lower: Double, upper: Double) -> Double {
        let middle = (lower + upper) / 2
        for decimals in 2...6 {
            let unit = pow(10.0, Double(decimals))
            let candidate = (middle * unit).rounded() / unit
            if candidate > lower, candidate <= upper { return candidate }
        }
        return upper
    }
}
