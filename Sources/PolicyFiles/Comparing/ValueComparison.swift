internal import Moderation

/// Gathers the differences of one rule, of one override of it, or of the policy as a whole.
struct ValueComparison {
    /// The rule; nil for the policy as a whole.
    var rule: String?
    /// For which traffic; nil for all.
    var scope: ScopePattern?
    /// What was found.
    private(set) var differences: [PolicyDifference] = []

    init(rule: String? = nil, scope: ScopePattern? = nil) {
        self.rule = rule
        self.scope = scope
    }

    mutating func add(
        _ key: String,
        _ before: String?,
        _ after: String?,
        _ effect: PolicyDifference.Effect,
        _ text: String
    ) {
        differences.append(
            PolicyDifference(
                rule: rule,
                scope: scope,
                key: key,
                before: before,
                after: after,
                effect: effect,
                text: text
            )
        )
    }

    /// A threshold: lower is stricter, none is loosest.
    mutating func threshold(_ key: String, _ before: Double?, _ after: Double?) {
        guard before != after else { return }
        let effect: PolicyDifference.Effect = (after ?? .infinity) < (before ?? .infinity) ? .stricter : .looser
        let words =
            switch (before, after) {
            case (let before?, let after?): "\(key)s from \(before) → \(after)"
            case (nil, let after?): "\(key)s from \(after), which it did not before"
            default: "no longer \(key)s"
            }
        add(key, before.map { "\($0)" }, after.map { "\($0)" }, effect, words)
    }

    /// A word of a scale.
    mutating func word<Value: RawRepresentable & Equatable>(
        _ key: String,
        _ before: Value,
        _ after: Value,
        strength: (Value) -> Int
    ) where Value.RawValue == String {
        guard before != after else { return }
        let rise = strength(after) - strength(before)
        let effect: PolicyDifference.Effect = rise == 0 ? .other : rise > 0 ? .stricter : .looser
        add(key, before.rawValue, after.rawValue, effect, "\(key) \(before.rawValue) → \(after.rawValue)")
    }

    /// A set of things that are looked for.
    mutating func items(_ key: String, noun: String, _ before: [String], _ after: [String]) {
        let (gone, new) = (before.filter { !Set(after).contains($0) }, after.filter { !Set(before).contains($0) })
        if !gone.isEmpty { add(key, gone.joined(separator: ", "), nil, .looser, "\(listed(gone, noun)) removed") }
        if !new.isEmpty { add(key, nil, new.joined(separator: ", "), .stricter, "\(listed(new, noun)) added") }
        if gone.isEmpty, new.isEmpty, before != after { add(key, nil, nil, .other, "\(noun)s in another order") }
    }

    private func listed(_ items: [String], _ noun: String) -> String {
        items.count <= 3 ? "\(noun) \(items.map { "'\($0)'" }.joined(separator: ", "))" : counted(items.count, noun)
    }

    mutating func directions(_ before: Set<Direction>, _ after: Set<Direction>) {
        guard before != after else { return }
        let effect: PolicyDifference.Effect =
            after.isSuperset(of: before) ? .stricter : before.isSuperset(of: after) ? .looser : .other
        add("applies_to", before.words, after.words, effect, "judges \(before.words) → \(after.words)")
    }

    /// What is said to the user.
    mutating func reply(_ before: String?, _ after: String?) {
        guard before != after else { return }
        add(
            "reply",
            before,
            after,
            .other,
            before == nil ? "reply added" : after == nil ? "reply removed" : "reply reworded"
        )
    }

    mutating func redaction(_ before: RedactionStyle, _ after: RedactionStyle) {
        guard before != after else { return }
        let words = "redacts as \(before.rawValue) → \(after.rawValue)"
        add("redact_as", before.rawValue, after.rawValue, .other, words)
    }
}

extension Outcome {
    /// Its place in the order of outcomes.
    var strength: Int { Outcome.allCases.sorted().firstIndex(of: self) ?? 0 }
}
