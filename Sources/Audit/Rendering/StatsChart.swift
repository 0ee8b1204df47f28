import Foundation
import Moderation

/// Draws counts as small bar charts, for people.
public enum StatsChart {
    /// The charts; ends in a line feed.
    ///
    /// Says so when there are no records.
    ///
    /// - Parameters:
    ///   - stats: the counts.
    ///   - width: columns of the terminal; at least 60 are used.
    ///   - isColoured: whether to add ANSI colours.
    public static func render(_ stats: AuditStats, width: Int = 100, isColoured: Bool = false) -> String {
        guard stats.total > 0, let first = stats.first, let last = stats.last else { return "no records\n" }
        let ink = Ink(isColoured: isColoured)
        let chart = BarChart(width: max(60, width))
        var parts: [[String]] = []

        var summary = ["\(stats.total) records from \(AuditTime.seconds(first)) to \(AuditTime.seconds(last)) UTC"]
        if let judging = stats.judging {
            summary.append(
                "judging took \(AuditNumber.milliseconds(judging.median)) (median), "
                    + "\(AuditNumber.milliseconds(judging.p90)) (90 of 100), "
                    + "\(AuditNumber.milliseconds(judging.p99)) (99 of 100), "
                    + "\(AuditNumber.milliseconds(judging.most)) (longest)"
            )
        }
        if stats.guardUnavailable > 0 {
            summary.append(
                "\(stats.guardUnavailable) blocked because the guard could not answer, not for their content"
            )
        }
        if stats.failedOpen > 0 { summary.append("\(stats.failedOpen) passed although a detector had failed") }
        parts.append(summary)

        parts.append(
            [ink.bold("by result")]
                + chart.lines(
                    stats.results.map { row in
                        let share = AuditNumber.fixed(100 * Double(row.count) / Double(stats.total), 1) + " %"
                        return .init(name: row.result.rawValue, count: row.count, note: share) {
                            ink.paint($0, row.result)
                        }
                    }
                )
        )
        if !stats.rules.isEmpty {
            parts.append([ink.bold("by rule")] + chart.lines(stats.rules.map { .init($0) }))
        }
        if !stats.scores.isEmpty {
            let name = "scores from \(AuditNumber.fixed(AuditStats.ScoreHistogram.least, 1)) to 1"
            parts.append([ink.bold(name) + ink.dim(" (┊ flags, │ blocks from here)")] + Self.histograms(stats.scores))
        }
        if stats.tenants.count > 1 {
            parts.append([ink.bold("busiest tenants")] + chart.lines(stats.tenants.map { .init($0) }))
        }
        let periods = Period.all(of: stats.hours).map { period in
            BarChart.Bar(name: period.name, count: period.counts.total, note: period.counts.note)
        }
        parts.append([ink.bold(Period.title(of: stats.hours))] + chart.lines(periods))
        return parts.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }
}

extension StatsChart {
    /// One line a rule: how many scores lie in each twentieth, with its thresholds between them.
    private static func histograms(_ scores: [AuditStats.ScoreHistogram]) -> [String] {
        let nameWidth = scores.map { TerminalText.columns(TerminalText.line($0.rule, limit: 32)) }.max() ?? 0
        return scores.map { histogram in
            let name = TerminalText.pad(TerminalText.line(histogram.rule, limit: 32), to: nameWidth)
            let first = Int(AuditStats.ScoreHistogram.least * Double(histogram.counts.count))
            let most = max(1, histogram.counts[first...].max() ?? 1)
            var cells = ""
            for (index, count) in histogram.counts.enumerated() where index >= first {
                cells += mark(histogram.flag, "┊", at: index, of: histogram)
                cells += mark(histogram.block, "│", at: index, of: histogram)
                cells += count == 0 ? " " : String("▁▂▃▄▅▆▇█".dropFirst(count * 7 / most).first ?? "█")
            }
            return "  \(name)  \(cells)"
        }
    }

    private static func mark(
        _ threshold: Double?,
        _ character: String,
        at index: Int,
        of histogram: AuditStats.ScoreHistogram
    ) -> String {
        guard let threshold else { return "" }
        let count = histogram.counts.count
        return min(count - 1, Int((threshold * Double(count)).rounded())) == index ? character : ""
    }
}

/// Bars of one chart, side by side with their names and counts.
struct BarChart {
    struct Bar {
        var name: String
        var count: Int
        var note: String
        var paint: (String) -> String = { $0 }
    }

    var width: Int

    func lines(_ bars: [Bar]) -> [String] {
        let names = bars.map { TerminalText.line($0.name, limit: 32) }
        let nameWidth = names.map(TerminalText.columns).max() ?? 0
        let countWidth = bars.map { "\($0.count)".count }.max() ?? 0
        let noteWidth = bars.map { TerminalText.columns($0.note) }.max() ?? 0
        let room = min(50, max(8, width - nameWidth - countWidth - noteWidth - 8))
        let most = max(1, bars.map(\.count).max() ?? 1)
        return zip(bars, names).map { bar, name in
            let drawn = TerminalText.pad(Self.bar(bar.count, of: most, room: room), to: room)
            let count = TerminalText.pad("\(bar.count)", to: countWidth, alignsRight: true)
            var line = "  \(TerminalText.pad(name, to: nameWidth))  \(count)  \(bar.paint(drawn))  \(bar.note)"
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// A bar in eighths of a character; anything above nothing shows.
    static func bar(_ count: Int, of most: Int, room: Int) -> String {
        guard count > 0 else { return "" }
        let eighths = max(1, Int((Double(count) / Double(most) * Double(room * 8)).rounded()))
        let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + (eighths % 8 > 0 ? String(parts[eighths % 8 - 1]) : "")
    }
}

extension BarChart.Bar {
    init(_ rule: AuditStats.RuleCount) {
        let counts = [("block", rule.block), ("redact", rule.redact), ("flag", rule.flag), ("shadow", rule.shadow)]
        var notes = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        if rule.errors > 0 { notes.append("\(rule.errors) could not answer") }
        if let precision = rule.precision {
            notes.append("right \(precision.count) of \(precision.total): \(precision.text)")
        }
        self.init(name: rule.rule, count: rule.fired, note: notes.joined(separator: ", "))
    }
}

extension BarChart.Bar {
    init(_ group: AuditStats.GroupCount) {
        self.init(
            name: group.name.isEmpty ? "(none)" : group.name,
            count: group.counts.total,
            note: group.counts.note
        )
    }
}

extension OutcomeCounts {
    /// How many of them were more than allowed, in words.
    var note: String {
        [("block", block), ("redact", redact), ("flag", flag), ("failed", failed)]
            .filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
}
