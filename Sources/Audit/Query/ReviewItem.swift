public import Moderation

/// A decision that a person should look at.
public struct ReviewItem: Sendable, Hashable {
    /// The threshold that a score came nearest to.
    public struct Nearest: Sendable, Codable, Hashable {
        /// The rule.
        public var rule: String
        /// Its score.
        public var score: Double
        /// The threshold.
        public var threshold: Double
        /// What the rule asks for from the threshold on.
        public var outcome: Outcome
        /// How far the score is from the threshold.
        public var distance: Double { abs(score - threshold) }
    }

    /// The record.
    public var entry: AuditEntry
    /// What it came nearest to; nil where no rule with thresholds gave a score.
    public var nearest: Nearest?

    init(_ entry: AuditEntry) {
        self.entry = entry
        nearest =
            entry.decision.verdicts.flatMap { verdict -> [Nearest] in
                guard let score = verdict.score, verdict.mode == .enforce else { return [] }
                let thresholds = [(verdict.thresholds?.flag, Outcome.flag), (verdict.thresholds?.block, .block)]
                return thresholds.compactMap { threshold, outcome in
                    threshold.map { Nearest(rule: verdict.rule, score: score, threshold: $0, outcome: outcome) }
                }
            }
            .min { $0.distance < $1.distance }
    }
}

/// What a reviewer answers to a decision.
public enum ReviewAnswer: Sendable, Hashable {
    /// The decision was right or wrong, with a note.
    case label(AuditLabel.Finding, note: String?)
    /// Goes on without a label.
    case skip
    /// Ends the review.
    case quit

    /// Reads an answer; nil for anything that is none.
    ///
    /// `r` or `right`, `w` or `wrong`, each with a note behind it if wanted; `s`, `skip` or nothing; `q` or `quit`.
    public init?(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        let note = words.count > 1 ? words[1].split(separator: " ").joined(separator: " ") : nil
        switch words.first?.lowercased() {
        case "r", "right": self = .label(.right, note: note)
        case "w", "wrong": self = .label(.wrong, note: note)
        case nil, "s", "skip": self = .skip
        case "q", "quit": self = .quit
        default: return nil
        }
    }
}
