/// Draws the most frequent of something, for people, or writes it for programs.
public enum TopChart {
    /// One bar a line; ends in a line feed.
    ///
    /// Says so when there is nothing.
    public static func render(_ top: AuditTop, width: Int = 100) -> String {
        let bars: [BarChart.Bar] =
            switch top {
            case .rules(let rules): rules.map { BarChart.Bar($0) }
            case .groups(let groups): groups.map { BarChart.Bar($0) }
            }
        guard !bars.isEmpty else { return "no records\n" }
        return BarChart(width: max(60, width)).lines(bars).map { $0 + "\n" }.joined()
    }

    /// One JSON array on one line.
    public static func json(_ top: AuditTop) throws -> String {
        switch top {
        case .rules(let rules): try AuditJSON.text(rules) + "\n"
        case .groups(let groups): try AuditJSON.text(groups) + "\n"
        }
    }
}
