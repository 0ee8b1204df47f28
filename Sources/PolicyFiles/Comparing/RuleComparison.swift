internal import Moderation

/// Compares the rules of two policies.
struct RuleListComparison {
    private(set) var differences: [PolicyDifference] = []

    init(_ before: PolicySet, _ after: PolicySet) {
        let old = Dictionary(before.rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let new = Dictionary(after.rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for rule in before.rules where new[rule.id] == nil { differences += Self.cameOrWent(rule, isNew: false) }
        for rule in after.rules {
            if let other = old[rule.id] {
                differences += RuleComparison(other, rule).differences
            } else {
                differences += Self.cameOrWent(rule, isNew: true)
            }
        }
        let kept = before.rules.map(\.id).filter { new[$0] != nil }
        if kept != after.rules.map(\.id).filter({ old[$0] != nil }) {
            var comparison = ValueComparison()
            // The first rule that blocks gives the reply.
            comparison.add("rules", nil, nil, .other, "the rules stand in another order")
            differences += comparison.differences
        }
    }

    private static func cameOrWent(_ rule: Rule, isNew: Bool) -> [PolicyDifference] {
        var comparison = ValueComparison(rule: rule.id)
        let mode = rule.mode == .enforce ? "" : " (\(rule.mode.rawValue))"
        let effect: PolicyDifference.Effect = rule.mode != .enforce ? .other : isNew ? .stricter : .looser
        let words = isNew ? "rule added\(mode)" : "rule removed\(mode)"
        comparison.add("rule", isNew ? nil : rule.detection.key, isNew ? rule.detection.key : nil, effect, words)
        return comparison.differences
    }
}

/// Compares two versions of a rule.
struct RuleComparison {
    private var values: ValueComparison

    /// What was found.
    var differences: [PolicyDifference] { values.differences }

    init(_ before: Rule, _ after: Rule) {
        values = ValueComparison(rule: after.id)
        values.word("mode", before.mode, after.mode, strength: \.strength)
        compare(before.detection, after.detection)
        if before.detection.needsModel == after.detection.needsModel {
            let (old, new) = (before.detection.thresholds, after.detection.thresholds)
            values.threshold("flag", old?.flag, new?.flag)
            values.threshold("block", old?.block, new?.block)
        }
        if !before.detection.needsModel, !after.detection.needsModel {
            values.word("action", before.action, after.action, strength: \.strength)
        }
        values.redaction(before.redactAs, after.redactAs)
        if before.restores != after.restores {
            let words = after.restores ? "gives redacted words back in answers" : "no longer gives redacted words back"
            values.add("restore", "\(before.restores)", "\(after.restores)", .other, words)
        }
        values.directions(before.appliesTo, after.appliesTo)
        values.word("on_error", before.onError, after.onError) { $0 == .block ? 1 : 0 }
        values.reply(before.reply, after.reply)
    }

    private mutating func compare(_ before: Detection, _ after: Detection) {
        switch (before, after) {
        case (.principle(let old), .principle(let new)):
            if old.text != new.text { values.add("principle", old.text, new.text, .other, "principle reworded") }
            if old.screened != new.screened {
                let words = new.screened ? "the screen may answer for it" : "asked whatever the screen says"
                let effect: PolicyDifference.Effect = new.screened ? .looser : .stricter
                values.add("screened", "\(old.screened)", "\(new.screened)", effect, words)
            }
        case (.examples(let old), .examples(let new)):
            values.items("examples.positive", noun: "positive example", old.positive, new.positive)
            // A look-alike more is one text more that passes.
            var negative = ValueComparison(rule: values.rule)
            negative.items("examples.negative", noun: "negative example", old.negative, new.negative)
            for difference in negative.differences {
                let effect: PolicyDifference.Effect =
                    difference.effect == .stricter ? .looser : difference.effect == .looser ? .stricter : .other
                values.add(difference.key, difference.before, difference.after, effect, difference.text)
            }
        case (.terms(let old), .terms(let new)): compare(old, new)
        case (.patterns(let old), .patterns(let new)): values.items("patterns", noun: "pattern", old, new)
        case (.pii(let old), .pii(let new)):
            values.items("pii", noun: "kind", old.map(\.rawValue), new.map(\.rawValue))
        case (.secrets(let old), .secrets(let new)):
            values.items("secrets", noun: "kind", old.map(\.rawValue), new.map(\.rawValue))
        case (.limits(let old), .limits(let new)): compare(old, new)
        default:
            let words = "looks for \(after.key) instead of \(before.key)"
            values.add("detection", before.key, after.key, .other, words)
        }
    }

    private mutating func compare(_ before: Terms, _ after: Terms) {
        values.word("match", before.match, after.match) { $0 == .stem ? 1 : 0 }
        let languages = (before.lists + after.lists).map(\.language)
        let isOneLanguage = Set(languages).count == 1
        let (old, new) = (Self.words(before, isOneLanguage), Self.words(after, isOneLanguage))
        values.items("terms", noun: "term", old, new)
        if old == new, before.lists != after.lists {
            values.add("terms", nil, nil, .other, "terms are listed otherwise")
        }
    }

    private static func words(_ terms: Terms, _ isOneLanguage: Bool) -> [String] {
        terms.lists.flatMap { list in list.terms.map { isOneLanguage ? $0 : "\($0) (\(list.language))" } }
    }

    private mutating func compare(_ before: Limits, _ after: Limits) {
        func limit<Number: Comparable & CustomStringConvertible>(_ key: String, _ old: Number?, _ new: Number?) {
            guard old != new else { return }
            let isStricter = old.map { old in new.map { $0 < old } ?? false } ?? true
            let words = "\(key) \(old.map(\.description) ?? "any") → \(new.map(\.description) ?? "any")"
            values.add(key, old?.description, new?.description, isStricter ? .stricter : .looser, words)
        }
        limit("max_characters", before.maxCharacters, after.maxCharacters)
        limit("max_links", before.maxLinks, after.maxLinks)
        limit("max_repetition", before.maxRepetition, after.maxRepetition)
        guard before.languages != after.languages else { return }
        let (old, new) = (before.languages.map(Set.init), after.languages.map(Set.init))
        let effect: PolicyDifference.Effect =
            switch (old, new) {
            case (nil, _): .stricter
            case (_, nil): .looser
            case (let old?, let new?):
                old == new ? .other : new.isSubset(of: old) ? .stricter : old.isSubset(of: new) ? .looser : .other
            }
        let words = [before.languages, after.languages].map { $0?.joined(separator: ", ") ?? "every language" }
        values.add("languages", words[0], words[1], effect, "languages \(words[0]) → \(words[1])")
    }
}
