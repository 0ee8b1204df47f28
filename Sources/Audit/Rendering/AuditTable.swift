import Moderation

/// Draws records as a table, one line each.
public enum AuditTable {
    /// The table, with a heading; ends in a line feed.
    ///
    /// Says so when there are no records.
    ///
    /// - Parameters:
    ///   - entries: the records, in the order of the lines.
    ///   - width: columns of the terminal; lines keep to it from 80 on; a narrow table has shorter ids, and no text where
    ///     no room is left.
    ///   - isColoured: whether to add ANSI colours.
    ///   - hasHeading: whether the first line names the columns.
    public static func render(
        _ entries: [AuditEntry],
        width: Int = 120,
        isColoured: Bool = false,
        hasHeading: Bool = true
    ) -> String {
        guard !entries.isEmpty else { return "no records\n" }
        let ink = Ink(isColoured: isColoured)
        let rows = entries.map(Cells.init)
        let resultWidth = max(6, rows.map { $0.result.count }.max() ?? 0)
        let ruleWidth = min(max(5, rows.map { TerminalText.columns($0.rules) }.max() ?? 0), max(12, width / 5))
        let idWidth = width < 110 ? 13 : idLength
        let textWidth = width - (19 + 2 + idWidth + 2 + 8 + 2 + resultWidth + 2 + ruleWidth + 2)

        func line(_ cells: Cells, paint: (String) -> String) -> String {
            let columns = [
                TerminalText.pad(cells.time, to: 19),
                TerminalText.pad(String(cells.id.prefix(idWidth)), to: idWidth),
                TerminalText.pad(cells.direction, to: 8),
                paint(TerminalText.pad(cells.result, to: resultWidth)),
                TerminalText.pad(TerminalText.line(cells.rules, limit: ruleWidth), to: ruleWidth),
                textWidth < 8 ? "" : TerminalText.line(cells.text, limit: textWidth),
            ]
            var joined = columns.joined(separator: "  ")
            while joined.last == " " { joined.removeLast() }
            return joined + "\n"
        }

        var out = hasHeading ? line(.heading) { $0 } : ""
        if isColoured, hasHeading { out = ink.bold(String(out.dropLast())) + "\n" }
        for (entry, cells) in zip(entries, rows) {
            out += line(cells) { ink.paint($0, entry.result) }
        }
        return out
    }

    /// Characters of an id in a table with room: the time and some of the chance, enough to name one record in
    /// practice.
    ///
    /// In a narrow table only the time, to the millisecond.
    static let idLength = 18
}

/// The words of one line.
private struct Cells {
    var time: String
    var id: String
    var direction: String
    var result: String
    var rules: String
    var text: String

    static let heading = Cells(
        time: "TIME (UTC)",
        id: "ID",
        direction: "WAY",
        result: "RESULT",
        rules: "RULES",
        text: "TEXT"
    )

    init(time: String, id: String, direction: String, result: String, rules: String, text: String) {
        self.time = time
        self.id = id
        self.direction = direction
        self.result = result
        self.rules = rules
        self.text = text
    }

    init(_ entry: AuditEntry) {
        time = AuditTime.seconds(entry.decision.time)
        id = String(entry.decision.id.description.prefix(AuditTable.idLength))
        direction = entry.decision.direction.rawValue
        result = entry.result.rawValue
        rules = entry.firedRules
            .map { verdict in
                let notes = [verdict.mode == .shadow ? "shadow" : nil, verdict.error == nil ? nil : "guard down"]
                    .compactMap { $0 }
                return verdict.rule + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
            }
            .joined(separator: ", ")
        // The newest turn is the one that was judged for itself.
        text = entry.content.last { $0.text != nil }?.text ?? ""
    }
}
