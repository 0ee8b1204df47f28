public import Foundation
public import Moderation

/// What another policy would do differently: counts, rates and examples.
public struct ChangeReport: Sendable, Codable, Hashable {
    /// Decisions that would become the same.
    public struct Group: Sendable, Codable, Hashable {
        /// What would be done.
        public var to: Outcome
        /// How many of all decisions, and how sure their share is.
        public var records: Proportion
        /// By what was done and by rule, the most frequent first.
        public var changes: [Change]
    }

    /// Decisions that change in one way because of one rule.
    public struct Change: Sendable, Codable, Hashable {
        /// What was done.
        public var from: Outcome
        /// The rule that makes the difference: it would decide or, where less would be done, it decided; nil where it is content
        /// that nobody reads.
        public var rule: String?
        /// How many.
        public var count: Int
        /// Some of them, the newest first.
        public var examples: [Example]
    }

    /// One decision that would change.
    public struct Example: Sendable, Codable, Hashable {
        /// Id of its record.
        public var id: String
        /// When it was made.
        public var time: Date
        /// Which way the text travelled.
        public var direction: Direction
        /// The score of the rule that makes the difference, 0...1, where it has one.
        public var score: Double?
        /// The judged text, where it was kept.
        public var text: String?

        /// Creates an example.
        public init(id: String, time: Date, direction: Direction, score: Double? = nil, text: String? = nil) {
            self.id = id
            self.time = time
            self.direction = direction
            self.score = score
            self.text = text
        }
    }

    /// Decisions that could be compared.
    public var decided: Int
    /// Those that change.
    public var changed: Proportion
    /// Those that change, the strongest outcome first.
    public var groups: [Group]

    /// Draws the report from counts.
    ///
    /// - Parameter example: the decision at a place of the store, as far as a reader may see it.
    public init(_ tally: ChangeTally, example: (Int64, ChangeTally.Change) -> Example?) {
        decided = tally.decided
        changed = Proportion(tally.changed, of: tally.decided)
        groups = Outcome.allCases.reversed().compactMap { outcome in
            let counts = tally.counts.filter { $0.key.to == outcome }
            guard !counts.isEmpty else { return nil }
            let changes = counts.map { key, count in
                Change(
                    from: key.from,
                    rule: key.rule,
                    count: count,
                    examples: (tally.places[key] ?? []).reversed().compactMap { example($0, key) }
                )
            }
            return Group(
                to: outcome,
                records: Proportion(counts.values.reduce(0, +), of: tally.decided),
                changes: changes.sorted { a, b in
                    a.count != b.count ? a.count > b.count : (a.rule ?? "", a.from) < (b.rule ?? "", b.from)
                }
            )
        }
    }

    /// Decisions that would be blocked and were not.
    public var newlyBlocked: Int { groups.first { $0.to == .block }?.records.count ?? 0 }

    /// For people.
    ///
    /// - Parameter clean: makes a kept text safe to print on one line.
    public func text(clean: (String) -> String) -> String {
        guard !groups.isEmpty else { return "no decision would change\n" }
        return groups.map { group in
            let head = "newly \(group.to.participle)".padding(toLength: 16, withPad: " ", startingAt: 0)
            let lines = group.changes.map { $0.text(to: group.to, clean: clean) }
            return "\(head)\(group.records.count)   \(group.records.text)\n" + lines.joined()
        }.joined()
    }
}

extension ChangeReport.Change {
    fileprivate func text(to: Outcome, clean: (String) -> String) -> String {
        let rule = rule ?? "content that no detector reads"
        let words = to > from ? "\(rule)  (was \(from.rawValue))" : "no longer by \(rule)  (was \(from.rawValue))"
        let lines = examples.map { example in
            let score = example.score.map { String(format: "  %.3f", $0) } ?? ""
            let text = example.text.map { "  " + clean($0) } ?? ""
            return "      \(example.id)  \(example.direction.rawValue)\(score)\(text)\n"
        }
        return "  \(String(count).leftPadded(to: 8))  \(words)\n" + lines.joined()
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

extension Outcome {
    /// As in "newly blocked".
    var participle: String {
        switch self {
        case .allow: "allowed"
        case .flag: "flagged"
        case .redact: "redacted"
        case .block: "blocked"
        }
    }
}
