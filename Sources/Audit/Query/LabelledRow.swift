import Foundation
public import Moderation

/// A labelled decision as a row of the data sets that `gatehouse eval` and `gatehouse policy calibrate` read.
///
/// Only what the labels say: a rule that nobody spoke of has no label.
public struct LabelledRow: Sendable, Encodable, Hashable {
    /// The decision's id.
    public var id: String
    /// What kind of text it is.
    public var kind: Direction
    /// For a response, what was asked.
    public var prompt: String?
    /// What was judged, as far as it was kept.
    public var text: String
    /// 1 where the text violates the rule, 0 where it does not; `_` stands for `-` in a rule's name.
    public var labels: [String: Int]
    /// 1 harmful, 0 harmless, nil where the labels don't say.
    public var unsafe: Int?
    /// What was decided.
    public var outcome: Outcome
    /// Labels of what is masked in the text.
    public var masked: [String]
    /// Who labelled it last.
    public var labelledBy: String
    /// The last label's note.
    public var note: String?

    /// Draws a row from a record; nil where its text was not kept, or nothing was said of it.
    ///
    /// - Parameters:
    ///   - prompt: for an answer, the record of what was asked.
    ///   - labels: what was said, oldest first.
    public init?(_ entry: AuditEntry, prompt: AuditEntry?, labels: [AuditLabel]) {
        let decision = entry.decision
        guard let newest = labels.last, let text = Self.text(of: entry) else { return nil }
        id = decision.id.description
        kind = decision.direction
        self.prompt = decision.direction == .response ? prompt.flatMap(Self.text) : nil
        self.text = text
        outcome = decision.outcome
        masked = Set(entry.content.flatMap(\.masked)).sorted()
        labelledBy = newest.actor
        note = newest.note

        let truth = LabelTruth(decision, labels)
        self.labels = Dictionary(truth.rules.map { ($0.replacing("-", with: "_"), $1 ? 1 : 0) }) { max($0, $1) }
        unsafe = truth.isUnsafe.map { $0 ? 1 : 0 }
    }

    /// The judged words; nil where one of the texts was not kept.
    private static func text(of entry: AuditEntry) -> String? {
        let isAnswer = entry.decision.direction == .response
        let parts = entry.content.filter { !isAnswer || $0.role == .assistant }
        let texts = parts.compactMap(\.text)
        return parts.isEmpty || texts.count < parts.count ? nil : texts.joined(separator: "\n")
    }

    /// The row on one line, without the line feed.
    public func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// What the labels of a decision say of its text.
struct LabelTruth {
    /// Whether the text violates a rule; rules that nobody spoke of are absent.
    private(set) var rules: [String: Bool] = [:]
    /// Whether the text is harmful; nil where the labels don't say.
    private(set) var isUnsafe: Bool?

    /// - Parameter labels: oldest first, so that later ones take the place of earlier ones.
    init(_ decision: Decision, _ labels: [AuditLabel]) {
        for label in labels {
            let isRight = label.finding == .right
            if let rule = label.rule {
                guard let verdict = decision.verdicts.first(where: { $0.rule == rule }) else { continue }
                // Right of a rule that fired: a violation; right of one that kept silent: none.
                rules[rule] = (verdict.outcome > .allow) == isRight
                if rules[rule] == true, Self.isScored(verdict) { isUnsafe = true }
            } else if decision.outcome > .allow {
                let deciding = decision.verdicts.filter { $0.effective > .allow && $0.error == nil }
                for verdict in deciding { rules[verdict.rule] = isRight }
                if deciding.contains(where: Self.isScored) { isUnsafe = isRight }
            } else {
                // That an allowed text should not have been does not say which rule should have fired.
                isUnsafe = !isRight
                if isRight {
                    for verdict in decision.verdicts where Self.isScored(verdict) { rules[verdict.rule] = false }
                }
            }
        }
    }

    /// Whether a rule judges what a text means, not its form.
    private static func isScored(_ verdict: Verdict) -> Bool { verdict.score != nil || verdict.screenedOut }
}
