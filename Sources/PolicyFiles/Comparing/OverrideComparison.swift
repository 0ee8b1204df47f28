internal import Moderation

/// Compares the overrides of two policies, scope by scope.
struct OverrideComparison {
    private(set) var differences: [PolicyDifference] = []
    private let before: PolicySet
    private let after: PolicySet

    init(_ before: PolicySet, _ after: PolicySet) {
        (self.before, self.after) = (before, after)
        let (old, new) = (before.overrides.map(\.scope), after.overrides.map(\.scope))
        var scopes: [ScopePattern] = []
        for scope in old + new where !scopes.contains(scope) { scopes.append(scope) }
        for scope in scopes {
            let (a, b) = (before.overrides.filter { $0.scope == scope }, after.overrides.filter { $0.scope == scope })
            compare(scope, Self.last(a), Self.last(b))
        }
        if old.filter(new.contains) != new.filter(old.contains) {
            var comparison = ValueComparison()
            comparison.add("overrides", nil, nil, .other, "the overrides stand in another order")
            differences += comparison.differences
        }
    }

    /// What overrides for one scope say in the end.
    private static func last(_ overrides: [Override]) -> Override? {
        var set = PolicySet(name: "", revision: "", rules: [])
        set.overrides = overrides
        return set.folded.overrides.first
    }

    private mutating func compare(_ scope: ScopePattern, _ before: Override?, _ after: Override?) {
        var head = ValueComparison(scope: scope)
        head.reply(before?.reply, after?.reply)
        Self.compare("unscanned", before?.unscanned, after?.unscanned, \.strength, into: &head)
        differences += head.differences
        // Where the rule itself changed, that has been said; here counts what the override makes of it.
        for rule in self.after.rules {
            let (old, new) = (before?.changes[rule.id], after?.changes[rule.id])
            guard old != nil || new != nil else { continue }
            compare(scope, old ?? RuleChange(), new ?? RuleChange(), rule)
        }
    }

    private mutating func compare(_ scope: ScopePattern, _ before: RuleChange, _ after: RuleChange, _ rule: Rule) {
        var values = ValueComparison(rule: rule.id, scope: scope)
        let thresholds = rule.detection.thresholds
        values.threshold("flag", before.flag ?? thresholds?.flag, after.flag ?? thresholds?.flag)
        values.threshold("block", before.block ?? thresholds?.block, after.block ?? thresholds?.block)
        values.word("mode", before.mode ?? rule.mode, after.mode ?? rule.mode, strength: \.strength)
        values.word("action", before.action ?? rule.action, after.action ?? rule.action, strength: \.strength)
        values.redaction(before.redactAs ?? rule.redactAs, after.redactAs ?? rule.redactAs)
        values.directions(before.appliesTo ?? rule.appliesTo, after.appliesTo ?? rule.appliesTo)
        values.word("on_error", before.onError ?? rule.onError, after.onError ?? rule.onError) { $0 == .block ? 1 : 0 }
        values.reply(before.reply ?? rule.reply, after.reply ?? rule.reply)
        // What repeats the rule's own value counts only against another override that changes it.
        for key in Set(before.keys).symmetricDifference(after.keys).sorted()
        where !values.differences.contains(where: { $0.key == key }) && isChangedElsewhere(rule.id, key, scope) {
            let words = after.keys.contains(key) ? "says '\(key)' again" : "no longer says '\(key)' again"
            values.add(key, nil, nil, .other, "\(words), against another override")
        }
        differences += values.differences
    }

    private func isChangedElsewhere(_ rule: String, _ key: String, _ scope: ScopePattern) -> Bool {
        (before.overrides + after.overrides).contains { override in
            override.scope != scope && override.changes[rule]?.keys.contains(key) == true
        }
    }

    private static func compare<Value: RawRepresentable & Equatable>(
        _ key: String,
        _ before: Value?,
        _ after: Value?,
        _ strength: (Value) -> Int,
        into values: inout ValueComparison
    ) where Value.RawValue == String {
        switch (before, after) {
        case (let before?, let after?): values.word(key, before, after, strength: strength)
        case (nil, let after?): values.add(key, nil, after.rawValue, .other, "\(key) set to \(after.rawValue)")
        case (let before?, nil): values.add(key, before.rawValue, nil, .other, "\(key) no longer set")
        case (nil, nil): break
        }
    }
}
