import Foundation
public import Tuning

/// Prints evaluations.
public enum EvaluationTable {
    /// For people: a table a file.
    public static func text(_ evaluations: [Evaluation]) -> String {
        evaluations.map { text($0) + "\n" }.joined(separator: "\n")
    }

    /// For programs: a JSON array.
    public static func json(_ evaluations: [Evaluation]) throws -> String {
        try JSONOutput.string(evaluations)
    }

    private static func text(_ evaluation: Evaluation) -> String {
        let header =
            pad("score", 20) + ["n", "positive", "AU-PRC", "AUROC", "opt. F1", "at"].map { padLeft($0) }.joined()
            + " |" + ["prec.", "recall", "F1", "FPR"].map { padLeft($0) }.joined()
        var lines = [
            evaluation.file,
            String(
                format: "%d rows, %.0f tokens/s, p50 %.1f ms, p99 %.1f ms",
                evaluation.rows,
                evaluation.tokensPerSecond,
                evaluation.p50Milliseconds,
                evaluation.p99Milliseconds
            ),
            header,
        ]
        for score in evaluation.overall + evaluation.labels {
            let ranking = score.ranking
            let quality =
                padLeft("\(ranking.count)") + padLeft("\(ranking.positives)")
                + [ranking.auPRC, ranking.auROC, ranking.optimalF1, ranking.optimalThreshold].map { number($0) }
                .joined()
            for (level, metrics) in [("block", score.atBlock), ("flag", score.atFlag)] {
                guard let metrics else { continue }
                let isFirst = level == "block" || score.atBlock == nil
                lines.append(
                    (isFirst ? pad(score.name, 20) + quality : String(repeating: " ", count: 20 + 6 * 9)) + " |"
                        + [metrics.precision, metrics.recall, metrics.f1, metrics.falsePositiveRate].map(number)
                        .joined()
                        + "  " + level
                )
            }
        }
        if evaluation.overall.isEmpty, evaluation.labels.isEmpty {
            lines.append("no label has both violations and harmless texts, so nothing can be ranked")
        }
        return lines.joined(separator: "\n")
    }

    private static func number(_ value: Double?) -> String {
        padLeft(value.map { String(format: "%.3f", $0) } ?? "-")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text.padding(toLength: width, withPad: " ", startingAt: 0)
    }

    private static func padLeft(_ text: String, _ width: Int = 9) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
