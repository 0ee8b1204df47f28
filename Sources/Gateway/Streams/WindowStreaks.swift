import Moderation

/// How often in a row each rule found the text of a stream at its flag or block level.
struct WindowStreaks: Sendable {
    private var flags: [String: Int] = [:]
    private var blocks: [String: Int] = [:]
    /// Whether a rule is at its block level, but not yet often enough.
    private(set) var isDoubtful = false

    /// Takes the judgement of the next window, and lowers the outcomes that are not yet due.
    ///
    /// Only a score can be borderline: what terms and patterns find is there, and a detector that failed has said nothing.
    mutating func settle(_ judgement: inout Judgement, isLast: Bool, windows: StreamWindows) {
        isDoubtful = false
        for index in judgement.verdicts.indices where judgement.verdicts[index].score != nil {
            let verdict = judgement.verdicts[index]
            guard verdict.error == nil else { continue }
            flags[verdict.rule] = verdict.outcome >= .flag ? flags[verdict.rule, default: 0] + 1 : 0
            blocks[verdict.rule] = verdict.outcome == .block ? blocks[verdict.rule, default: 0] + 1 : 0
            guard !isLast else { continue }
            if verdict.outcome == .block, blocks[verdict.rule, default: 0] < windows.blockWindows {
                judgement.verdicts[index].outcome = .flag
                if verdict.mode == .enforce { isDoubtful = true }
            }
            if judgement.verdicts[index].outcome == .flag, flags[verdict.rule, default: 0] < windows.flagWindows {
                judgement.verdicts[index].outcome = .allow
            }
        }
    }
}
