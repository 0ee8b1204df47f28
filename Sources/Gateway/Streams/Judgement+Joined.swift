import Moderation

extension Judgement {
    /// The judgement of two subjects of one decision, such as two choices of an answer: the stronger outcome and the
    /// higher score of each rule, and the matches, changes and fields of both.
    func joined(with other: Judgement) -> Judgement {
        var joined = self
        joined.absorb(other)
        for verdict in other.verdicts {
            guard let index = joined.verdicts.firstIndex(where: { $0.rule == verdict.rule }) else {
                joined.verdicts.append(verdict)
                continue
            }
            joined.verdicts[index].matches.merge(verdict.matches, uniquingKeysWith: +)
        }
        joined.redactions += other.redactions
        let known = Set(joined.coverage.map(\.pointer))
        joined.coverage += other.coverage.filter { !known.contains($0.pointer) }
        if other.outcome > outcome { joined.reply = other.reply }
        return joined
    }
}
