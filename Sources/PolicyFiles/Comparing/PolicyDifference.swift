public import Moderation

/// One way in which two policies differ in effect.
public struct PolicyDifference: Sendable, Codable, Hashable {
    /// Which way the change goes.
    public enum Effect: String, Sendable, Codable, Hashable, CaseIterable {
        /// More texts are flagged, redacted or blocked.
        case stricter
        /// Fewer are.
        case looser
        /// It can't be told without texts, or changes only what is said.
        case other
    }

    /// The rule; nil for what the policy says as a whole.
    public var rule: String?
    /// For which traffic, as it is written under `when`; nil for all.
    public var scope: ScopePattern?
    /// What changed, such as `block`; `rule` for a rule that came or went.
    public var key: String
    /// What it was; nil where there was nothing.
    public var before: String?
    /// What it is; nil where there is nothing.
    public var after: String?
    /// Which way the change goes.
    public var effect: Effect
    /// The change in words.
    public var text: String
}

/// How two policies differ in effect: not in titles, tests, comments, places or names.
///
/// `Codable` for `--format json`.
public struct PolicyDiff: Sendable, Codable, Hashable {
    /// Name of the first policy.
    public var before: String
    /// Name of the second policy.
    public var after: String
    /// Digest of the first.
    public var revisionBefore: String
    /// Digest of the second.
    public var revisionAfter: String
    /// The differences: the policy as a whole, then rule by rule, then override by override.
    public var differences: [PolicyDifference]

    /// Compares two policies.
    public init(from before: PolicySet, to after: PolicySet) {
        (self.before, self.after) = (before.name, after.name)
        (revisionBefore, revisionAfter) = (before.revision, after.revision)
        let (old, new) = (before.folded, after.folded)
        differences =
            HeadComparison(old, new).differences + RuleListComparison(old, new).differences
            + OverrideComparison(old, new).differences
    }

    /// Whether the policies decide alike.
    public var isEqual: Bool { differences.isEmpty }

    /// The differences for people; ends in a line feed.
    public var text: String {
        guard !isEqual else { return "no difference in effect\n" }
        var lines: [String] = []
        for difference in differences {
            let effect = difference.effect == .other ? "changed" : difference.effect.rawValue
            let padding = String(repeating: " ", count: 10 - effect.count)
            let subject = [difference.scope?.words, difference.rule].compactMap(\.self).joined(separator: ": ")
            lines.append("\(effect)\(padding)\(subject.isEmpty ? "" : subject + ": ")\(difference.text)")
            if ["principle", "reply", "screen.principle"].contains(difference.key) {
                if let before = difference.before { lines.append("          - \(before)") }
                if let after = difference.after { lines.append("          + \(after)") }
            }
        }
        let counts = PolicyDifference.Effect.allCases.map { effect in
            "\(differences.count { $0.effect == effect }) \(effect.rawValue)"
        }
        lines.append("\(counted(differences.count, "difference")): \(counts.joined(separator: ", "))")
        return lines.map { $0 + "\n" }.joined()
    }
}

extension ScopePattern {
    /// What it is for, in words.
    var words: String {
        let parts = [("route", routes), ("tenant", tenants), ("model", models), ("channel", channels)]
            .filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: " or "))" }
        let directions = directions.isEmpty ? [] : ["\(directions.words)s"]
        let all = parts + directions
        return all.isEmpty ? "always" : all.joined(separator: ", ")
    }
}
