extension WordWeights {
    /// The heaviest pieces for people, each with a bar against the heaviest of all.
    func lines(_ ink: Ink) -> [String] {
        let heaviest = heaviest.prefix(8)
        let recorded = recorded.map { ", \(AuditNumber.score($0)) on record" } ?? ", not asked then"
        let heading =
            ink.bold("weights")
            + ink.dim(
                " for \(TerminalText.line(rule)): \(AuditNumber.score(score)) now\(recorded); log-odds that the words add"
            )
        guard let most = heaviest.first?.weight else { return [heading, "  no word speaks for a violation by itself"] }
        return [heading]
            + heaviest.map { piece in
                let cells = max(1, Int((piece.weight / most * 20).rounded()))
                let bar = TerminalText.pad(String(repeating: "█", count: cells), to: 20)
                return "  +\(AuditNumber.score(piece.weight))  \(bar)  \(TerminalText.line(piece.text))"
            }
    }
}
