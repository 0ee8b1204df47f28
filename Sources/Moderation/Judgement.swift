/// What all rules together say of one subject.
public struct Judgement: Sendable, Hashable {
    /// One verdict a rule that was evaluated, in policy order.
    public var verdicts: [Verdict]
    /// What redacting rules replace, and where an answer gets original words back.
    public var redactions: [Redaction]
    /// What stands in the place of redacted words, in this text and before it.
    public var placeholders: Placeholders
    /// Every field of the subject, and whether it was looked at.
    public var coverage: [Coverage]
    /// Highest screening score, 0...1, when a screen was asked.
    public var screenScore: Double?
    /// What the client is told when the outcome is `block`.
    public var reply: String
    /// Time that judging took.
    public var duration: Duration
    /// Whether the classifier had no room for the subject.
    public var isOverloaded: Bool

    /// What the policy asks for because of content that no detector reads; allow where there is none.
    public var unscanned: Outcome

    /// Creates a judgement.
    public init(
        verdicts: [Verdict],
        redactions: [Redaction] = [],
        placeholders: Placeholders = Placeholders(),
        coverage: [Coverage] = [],
        screenScore: Double? = nil,
        reply: String = PolicySet.defaultReply,
        duration: Duration = .zero,
        isOverloaded: Bool = false,
        unscanned: Outcome = .allow
    ) {
        self.verdicts = verdicts
        self.redactions = redactions
        self.placeholders = placeholders
        self.coverage = coverage
        self.screenScore = screenScore
        self.reply = reply
        self.duration = duration
        self.isOverloaded = isOverloaded
        self.unscanned = unscanned
    }

    /// The strongest outcome of the rules that act, and of what could not be read.
    public var outcome: Outcome { max(verdicts.lazy.map(\.effective).max() ?? .allow, unscanned) }

    /// Why the outcome came about.
    public var cause: Cause {
        let outcome = outcome
        guard outcome > .allow else { return .none }
        let deciding = verdicts.filter { $0.effective == outcome }
        if deciding.contains(where: { $0.error == nil }) { return .content }
        if deciding.isEmpty { return .unscanned }
        return isOverloaded ? .overloaded : .guardUnavailable
    }

    /// Whether a detector failed, and which way its rule fell; `closed` when both happened.
    public var failMode: FailMode {
        let failed = verdicts.filter { $0.error != nil && $0.mode == .enforce }
        if failed.isEmpty { return .none }
        return failed.contains { $0.outcome == .block } ? .closed : .open
    }

    /// Joins the judgement of an earlier, shorter reading of the same subject (a window of a stream) into this one.
    ///
    /// The stronger outcome and the higher score of each rule stay; redactions and coverage are this judgement's own, since
    /// the longer text contains the shorter.
    public mutating func absorb(_ earlier: Judgement) {
        for old in earlier.verdicts {
            guard let index = verdicts.firstIndex(where: { $0.rule == old.rule }) else { continue }
            if old.outcome > verdicts[index].outcome {
                verdicts[index].outcome = old.outcome
                verdicts[index].error = old.error
            }
            // A window that passed because its detector failed is not forgotten when the next one is judged.
            if verdicts[index].outcome == .allow, verdicts[index].error == nil { verdicts[index].error = old.error }
            if let oldScore = old.score, oldScore > (verdicts[index].score ?? -1) {
                verdicts[index].score = oldScore
                verdicts[index].screenedOut = false
            }
        }
        if let old = earlier.screenScore { screenScore = max(screenScore ?? 0, old) }
        duration += earlier.duration
        isOverloaded = isOverloaded || earlier.isOverloaded
        unscanned = max(unscanned, earlier.unscanned)
    }
}
