import Foundation
import Moderation

/// Draws counts as one page (HTML) that needs nothing else: no script, no picture, no style from elsewhere.
public enum StatsPage {
    /// The page.
    ///
    /// - Parameters:
    ///   - stats: the counts.
    ///   - title: what they are of, such as the conditions of the filter.
    public static func render(_ stats: AuditStats, title: String) -> String {
        let heading = "<h1>Decisions</h1><p>\(SVG.text(title))</p>"
        guard stats.total > 0, let first = stats.first, let last = stats.last else {
            return page(heading + "<p>no records</p>")
        }
        let span = "\(stats.total) records from \(AuditTime.seconds(first)) to \(AuditTime.seconds(last)) UTC"
        var notes = ["<p><strong>\(span)</strong></p>"]
        if stats.guardUnavailable > 0 {
            notes.append(
                "<p>\(stats.guardUnavailable) blocked because the guard could not answer, not for their content</p>"
            )
        }
        if stats.failedOpen > 0 { notes.append("<p>\(stats.failedOpen) passed although a detector had failed</p>") }
        let parts = [
            section(Period.title(of: stats.hours), periods(stats.hours) + legend),
            section("by result", results(stats)),
            stats.rules.isEmpty ? "" : section("by rule", rules(stats.rules)),
            stats.scores.isEmpty ? "" : section("scores", scores(stats.scores)),
            stats.judging.map { section("time spent judging", latency($0)) } ?? "",
            section("busiest tenants", groups(stats.tenants)),
        ]
        return page(heading + notes.joined() + parts.joined())
    }

    private static func page(_ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>Gatehouse: decisions</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"><style>\(style)</style></head>
        <body>\(body)</body></html>

        """
    }

    private static let style = """
        :root{color-scheme:light dark;--ink:#222;--dim:#777;--line:#ccc;--back:#fff}
        @media(prefers-color-scheme:dark){:root{--ink:#ddd;--dim:#999;--line:#444;--back:#181818}}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);max-width:960px;margin:2em auto;padding:0 1em}
        h1{font-size:1.5em}h2{font-size:1.1em;margin-top:2em}
        svg{max-width:100%;height:auto;vertical-align:middle}svg text{font:11px system-ui,sans-serif;fill:var(--dim)}
        table{border-collapse:collapse}td,th{padding:.2em .8em .2em 0;text-align:left}.n{text-align:right;font-variant-numeric:tabular-nums}
        figure{display:inline-block;margin:0 1.5em 1em 0}figcaption{font-size:.9em}
        .allow{fill:#7a9e7e}.flag{fill:#e0a030}.redact{fill:#9467bd}.block{fill:#c8372d}.failed{fill:#4f8fa8}.plain{fill:#5b7fa6}
        .axis{stroke:var(--line)}.at-flag{stroke:#e0a030;stroke-width:2}.at-block{stroke:#c8372d;stroke-width:2}
        .range{stroke:var(--dim);stroke-width:2}.key{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}
        """

    private static func section(_ name: String, _ content: String) -> String { "<h2>\(name)</h2>\(content)" }

    private static func share(_ count: Int, of total: Int) -> String {
        AuditNumber.fixed(100 * Double(count) / Double(max(1, total)), 1) + " %"
    }
}

// MARK: - Over time

extension StatsPage {
    /// Outcomes from the bottom of a column to its top, with their colours.
    private static func parts(_ counts: OutcomeCounts) -> [(kind: String, count: Int)] {
        let allowed = counts.total - counts.flag - counts.redact - counts.block
        return [("block", counts.block), ("redact", counts.redact), ("flag", counts.flag), ("allow", allowed)]
    }

    private static var legend: String {
        let keys = ["block", "redact", "flag", "allow"].map { kind in
            "<svg class=\"key\" viewBox=\"0 0 1 1\"><rect class=\"\(kind)\" width=\"1\" height=\"1\"/></svg>\(kind)"
        }
        return "<p>\(keys.joined())</p>"
    }

    /// One column a period.
    private static func periods(_ hours: [AuditStats.HourCount]) -> String {
        let periods = Period.all(of: hours)
        let most = periods.map(\.counts.total).max() ?? 1
        let (left, width, height) = (60.0, 880.0, 220.0)
        let step = width / Double(max(periods.count, 8))
        var drawing =
            SVG.words("\(most)", left - 6, 14, anchor: "end") + SVG.words("0", left - 6, height + 10, anchor: "end")
        drawing += SVG.line(left, height + 10, left + width, height + 10, kind: "axis")
        for (index, period) in periods.enumerated() {
            var top = height + 10
            for (kind, count) in parts(period.counts) {
                let tall = Double(count) / Double(most) * height
                top -= tall
                let title = "\(period.name): \(count) \(kind) of \(period.counts.total)"
                drawing += SVG.bar(
                    left + Double(index) * step,
                    top,
                    width: max(1, step - 2),
                    height: tall,
                    kind: kind,
                    title: title
                )
            }
        }
        if let first = periods.first { drawing += SVG.words(first.name, left, height + 26) }
        if let last = periods.last, periods.count > 1 {
            drawing += SVG.words(last.name, left + Double(periods.count) * step, height + 26, anchor: "end")
        }
        return SVG.picture(width: left + width, height: height + 32, label: "decisions over time by outcome", drawing)
    }
}

// MARK: - Bars

extension StatsPage {
    private static func bar(_ count: Int, of most: Int, kind: String) -> String {
        let drawing = SVG.bar(0, 0, width: 300 * Double(count) / Double(max(1, most)), height: 14, kind: kind)
        return SVG.picture(width: 300, height: 14, label: "\(count)", drawing)
    }

    private static func table(_ rows: [[String]]) -> String {
        "<table>" + rows.map { "<tr>" + $0.joined() + "</tr>" }.joined() + "</table>"
    }

    private static func cell(_ text: String) -> String { "<td>\(SVG.text(text))</td>" }

    private static func number(_ text: String) -> String { "<td class=\"n\">\(SVG.text(text))</td>" }

    private static func results(_ stats: AuditStats) -> String {
        let most = stats.results.map(\.count).max() ?? 1
        return table(
            stats.results.map { row in
                let kind = row.result.outcome?.rawValue ?? (row.result == .observed ? "flag" : "failed")
                return [
                    cell(row.result.rawValue), number("\(row.count)"),
                    "<td>\(bar(row.count, of: most, kind: kind))</td>",
                    number(share(row.count, of: stats.total)),
                ]
            }
        )
    }

    private static func groups(_ groups: [AuditStats.GroupCount]) -> String {
        let most = groups.map(\.counts.total).max() ?? 1
        return table(
            groups.map { group in
                [
                    cell(group.name.isEmpty ? "(none)" : group.name), number("\(group.counts.total)"),
                    "<td>\(bar(group.counts.total, of: most, kind: "plain"))</td>", cell(group.counts.note),
                ]
            }
        )
    }

    private static func latency(_ judging: AuditStats.Judging) -> String {
        let rows = [
            ("median", judging.median), ("90 of 100", judging.p90), ("99 of 100", judging.p99),
            ("longest", judging.most),
        ]
        return table(
            rows.map { name, value in
                let drawing = SVG.bar(0, 0, width: 300 * value / max(judging.most, 1e-9), height: 14, kind: "plain")
                return [
                    cell(name), number(AuditNumber.milliseconds(value)),
                    "<td>\(SVG.picture(width: 300, height: 14, label: name, drawing))</td>",
                ]
            }
        )
    }
}

// MARK: - Rules

extension StatsPage {
    private static func rules(_ rules: [AuditStats.RuleCount]) -> String {
        let most = rules.map(\.fired).max() ?? 1
        let head = ["rule", "times", "", "of these", "right, where somebody said so"].map { "<th>\($0)</th>" }
        return table(
            [head]
                + rules.map { rule in
                    let counts: [(String, Int)] = [
                        ("block", rule.block), ("redact", rule.redact), ("flag", rule.flag), ("shadow", rule.shadow),
                        ("could not answer", rule.errors),
                    ]
                    let note = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
                    return [
                        cell(rule.rule), number("\(rule.fired)"),
                        "<td>\(bar(rule.fired, of: most, kind: rule.block > 0 ? "block" : "flag"))</td>", cell(note),
                        "<td>\(rule.precision.map(precision) ?? "")</td>",
                    ]
                }
        )
    }

    /// A share with its 95 % interval on a line from 0 to 1.
    private static func precision(_ share: Proportion) -> String {
        let interval = share.interval
        let drawing =
            SVG.line(0, 7, 100, 7, kind: "axis")
            + SVG.line(100 * interval.lowerBound, 7, 100 * interval.upperBound, 7, kind: "range")
            + SVG.bar(100 * share.rate - 1.5, 2, width: 3, height: 10, kind: "plain")
        let label = "\(share.count) of \(share.total): \(share.text)"
        return SVG.picture(width: 102, height: 14, label: label, drawing) + " " + SVG.text(label)
    }

    /// One small picture a rule, with its thresholds.
    private static func scores(_ scores: [AuditStats.ScoreHistogram]) -> String {
        let least = AuditStats.ScoreHistogram.least
        let (width, height) = (260.0, 90.0)
        func place(_ score: Double) -> Double { (score - least) / (1 - least) * width }
        let figures = scores.map { histogram -> String in
            let bins = histogram.counts.count
            let first = Int(least * Double(bins))
            let most = max(1, histogram.counts[first...].max() ?? 1)
            var drawing = SVG.line(0, height, width, height, kind: "axis")
            for (index, count) in histogram.counts.enumerated() where index >= first {
                let (from, to) = (Double(index) / Double(bins), Double(index + 1) / Double(bins))
                let tall = Double(count) / Double(most) * (height - 14)
                drawing += SVG.bar(
                    place(from) + 0.5,
                    height - tall,
                    width: place(to) - place(from) - 1,
                    height: tall,
                    kind: "plain",
                    title: "\(AuditNumber.fixed(from, 2)) to \(AuditNumber.fixed(to, 2)): \(count)"
                )
            }
            for (threshold, kind) in [(histogram.flag, "at-flag"), (histogram.block, "at-block")] {
                if let threshold, threshold >= least {
                    drawing += SVG.line(place(threshold), 0, place(threshold), height, kind: kind)
                }
            }
            drawing += SVG.words(AuditNumber.fixed(least, 1), 0, height + 13)
            drawing += SVG.words("1", width, height + 13, anchor: "end") + SVG.words("\(most)", 0, 10)
            let picture = SVG.picture(width: width, height: height + 16, label: "scores of \(histogram.rule)", drawing)
            return "<figure><figcaption>\(SVG.text(histogram.rule))</figcaption>\(picture)</figure>"
        }
        let note =
            "<p>Scores from \(AuditNumber.fixed(least, 1)) to 1; the lines are where the rule flags and blocks.</p>"
        return note + figures.joined()
    }
}
