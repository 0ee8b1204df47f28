import Foundation
import Moderation
import PolicyFiles
import Tuning

extension CalibrationReport {
    /// The report for people.
    public var text: String {
        let origin = source == "own" ? " from the rule's own tests and examples" : ""
        var lines = ["\(rule): \(rows) texts\(origin), \(positives) violate and \(negatives) don't"]
        if let leftOut = leftOut.text { lines.append("left out: \(leftOut)") }
        lines.append(
            method == "split"
                ? "fitted to one half, measured on the other"
                : "measured by \(folds)-fold cross-validation, fitted to all"
        )
        if let auROC {
            lines.append(String(format: "a violation scores above a harmless text in %.1f %% of pairs", auROC * 100))
        }
        lines.append("")
        lines.append(
            Self.row(["", "threshold", "false positives", "95 %", "target", "recall", "95 %"])
        )
        for level in levels {
            let before = level.before.map { String($0) + " → " } ?? ""
            lines.append(
                Self.row(
                    [
                        level.level.rawValue, before + String(level.threshold), level.falsePositives.ofText,
                        level.falsePositives.range, Self.percent(level.target), level.recall?.ofText ?? "-",
                        level.recall?.range ?? "-",
                    ]
                )
            )
        }
        lines.append("")
        lines += warnings.map { "warning: \($0)" }
        lines += failingTests.map { "test fails now: \($0.text)" }
        lines.append(writtenTo.map { "written to \($0)" } ?? "nothing was written (--dry-run)")
        return lines.joined(separator: "\n") + "\n"
    }

    fileprivate static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

    private static func row(_ cells: [String]) -> String {
        let widths = [6, 16, 22, 16, 8, 20, 16]
        let padded = zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(1, width - cell.count))
        }
        return padded.joined().trimmingCharacters(in: .whitespaces).isEmpty ? "" : trimmedEnd(padded.joined())
    }

    private static func trimmedEnd(_ text: String) -> String {
        String(text.reversed().drop { $0 == " " }.reversed())
    }
}

extension Proportion {
    fileprivate var ofText: String { "\(CalibrationReport.percent(rate)) (\(count) of \(total))" }
    fileprivate var range: String {
        String(format: "%.1f … %.1f %%", interval.lowerBound * 100, interval.upperBound * 100)
    }
}

extension CalibrationReport.LeftOut {
    /// What was left out and why; nil when nothing was.
    fileprivate var text: String? {
        let parts = [
            (unlabelled, "without the label"), (withoutText, "without their text"), (repeated, "repeated"),
            (otherDirection, "of a direction that it doesn't judge"),
            (beyondLimit, "beyond the limit"),
        ]
        let named = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return named.isEmpty ? nil : named.joined(separator: ", ")
    }
}

extension Calibration.Warning {
    /// What to keep in mind.
    var sentence: String {
        switch self {
        case .fewHarmlessTexts(let measured, let useful, let level, let target):
            "\(measured) harmless texts are too few to tell a rate of \(CalibrationReport.percent(target)) to \(level.rawValue) "
                + "from a higher one; \(useful) are needed"
        case .noViolations: "without violations nobody knows how much the rule catches; add some"
        case .fewViolations(let count): "\(count) violations are too few for a useful recall; 20 begin to be of use"
        case .missesTarget(let level):
            "more harmless texts are met by \(level.rawValue) than wanted, and not by chance; their kinds may differ too much "
                + "between the parts"
        case .poorRanking(let auROC):
            String(format: "the scores hardly tell the two apart (AUROC %.2f); say the principle in other words", auROC)
        }
    }
}
