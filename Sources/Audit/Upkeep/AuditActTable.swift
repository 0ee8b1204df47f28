/// Lists what people did to a store, for people.
public enum AuditActTable {
    /// One line for each act; ends in a line feed.
    public static func render(_ acts: [AuditAct]) -> String {
        guard !acts.isEmpty else { return "nothing was done to the store besides recording\n" }
        return acts.map(line).joined()
    }

    private static func line(_ act: AuditAct) -> String {
        let words = [
            TerminalText.pad("\(act.number)", to: 4, alignsRight: true), AuditTime.seconds(act.time),
            act.kind.rawValue,
            act.records == 0
                ? ""
                : "\(act.texts) texts of \(act.records) records (\(act.first.sequence) to \(act.last.sequence)),",
            TerminalText.line(act.subject) + ",",
            "by \(TerminalText.line(act.actor))",
        ]
        return words.filter { !$0.isEmpty }.joined(separator: " ") + "\n"
    }
}
