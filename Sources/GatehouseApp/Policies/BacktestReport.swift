import Audit
public import Foundation
public import PolicyFiles

/// What another policy would have done about recorded traffic.
public struct BacktestReport: Sendable, Codable, Hashable {
    /// Decisions that could not be made again, for one reason.
    public struct Undecided: Sendable, Codable, Hashable {
        /// Why the record does not say enough.
        public var gap: Redecision.Gap
        /// Why the text could not help.
        public var reason: String
        /// How many.
        public var count: Int
    }

    /// Name of the policy.
    public var policy: String
    /// Digest of its rules.
    public var revision: String
    /// Earliest record, where that was asked for.
    public var since: Date?
    /// Records of that time.
    public var records: Int
    /// Decided from recorded scores and matches.
    public var fromRecords: Int
    /// Decided by judging kept texts again.
    public var fromTexts: Int
    /// Those of them whose text was kept with personal data masked.
    public var fromMaskedTexts: Int
    /// Not decided; never counted as unchanged.
    public var undecided: [Undecided]
    /// Records for which nothing was judged, such as answers that never came.
    public var empty: Int
    /// How long it took, in seconds.
    public var seconds: Double
    /// What would change.
    public var changes: ChangeReport

    /// For people.
    public var text: String {
        var head = "policy '\(policy)', revision \(revision.prefix(12)), on \(records) records"
        if let since { head += " since \(since.formatted(.iso8601))" }
        var lines = [head, line(fromRecords, "decided from recorded scores")]
        if fromTexts > 0 {
            let masked = fromMaskedTexts > 0 ? ", \(fromMaskedTexts) of them masked" : ""
            lines.append(line(fromTexts, "decided by judging kept texts again" + masked))
        }
        for item in undecided { lines.append(line(item.count, "not decidable: \(item.gap.words), \(item.reason)")) }
        if empty > 0 { lines.append(line(empty, "without anything judged")) }
        lines.append(String(format: "  %.1f s", seconds))
        return lines.map { $0 + "\n" }.joined() + "\n" + changes.text { TerminalText.line($0, limit: 80) }
    }

    private func line(_ count: Int, _ words: String) -> String { String(format: "  %9d  ", count) + words }
}

extension Redecision.Gap {
    fileprivate var words: String {
        switch self {
        case .changedRule: "a rule is new or asks something else"
        case .screenedOut: "the screening question had answered"
        case .searchedElsewhere: "a rule searches other parts of the conversation"
        case .unknownPolicy: "the policy of that day is not known"
        case .unread: "content that nobody reads"
        }
    }
}
