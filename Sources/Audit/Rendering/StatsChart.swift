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
                    + "\(AuditNumber.milliseconds(judging.p99)) (99 of 100)"
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
        parts.append([ink.bold(Period.name(of: stats.hours))] + chart.lines(Period.bars(of: stats.hours)))
        return parts.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
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
    fileprivate init(_ rule: AuditStats.RuleCount) {
        let counts = [("block", rule.block), ("redact", rule.redact), ("flag", rule.flag), ("shadow", rule.shadow)]
        var notes = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        if rule.errors > 0 { notes.append("\(rule.errors) could not answer") }
        if let precision = rule.precision {
            notes.append("right \(precision.count) of \(precision.total): \(precision.text)")
        }
        self.init(name: rule.rule, count: rule.fired, note: notes.joined(separator: ", "))
    }
}

/// Hours, or days where the hours would be too many lines.
private enum Period {
    static let mostHours = 48

    static func isDaily(_ hours: [AuditStats.HourCount]) -> Bool { hours.count > mostHours }

    static func name(of hours: [AuditStats.HourCount]) -> String {
        isDaily(hours) ? "by day (UTC)" : "by hour (UTC)"
    }

    static func bars(of hours: [AuditStats.HourCount]) -> [BarChart.Bar] {
        let isDaily = isDaily(hours)
        var periods: [(name: String, count: AuditStats.HourCount)] = []
        for hour in hours {
            let name = isDaily ? AuditTime.day(hour.start) : AuditTime.hour(hour.start)
            if let last = periods.indices.last, periods[last].name == name {
                periods[last].count.total += hour.total
                periods[last].count.flag += hour.flag
                periods[last].count.redact += hour.redact
                periods[last].count.block += hour.block
                periods[last].count.failed += hour.failed
            } else {
                periods.append((name, hour))
            }
        }
        return periods.map { name, count in
            let counts = [
                ("block", count.block), ("redact", count.redact), ("flag", count.flag), ("failed", count.failed),
            ]
            let notes = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
            return .init(name: name, count: count.total, note: notes.joined(separator: ", "))
        }
    }
}
