internal import Moderation

/// One thing that a rule says, in words.
struct RuleValue: Equatable {
    /// The key that says it; `flag` and `block` stand for themselves.
    var key: String
    /// What it says.
    var text: String
}

extension Rule {
    /// Everything that the rule says and that decides, in the order of the format.
    var values: [RuleValue] {
        var values = detection.values
        if let thresholds = detection.thresholds {
            if let flag = thresholds.flag { values.append(RuleValue(key: "flag", text: String(flag))) }
            if let block = thresholds.block { values.append(RuleValue(key: "block", text: String(block))) }
        } else {
            values.append(RuleValue(key: "action", text: action.rawValue))
        }
        if action == .redact {
            values.append(RuleValue(key: "redact_as", text: redactAs.rawValue))
            if restores { values.append(RuleValue(key: "restore", text: "true")) }
        }
        values.append(RuleValue(key: "applies_to", text: appliesTo.words))
        values.append(RuleValue(key: "mode", text: mode.rawValue))
        values.append(RuleValue(key: "on_error", text: onError.rawValue))
        if let reply { values.append(RuleValue(key: "reply", text: reply)) }
        return values
    }
}

extension Detection {
    fileprivate var values: [RuleValue] {
        switch self {
        case .principle(let principle):
            let screened = principle.screened ? [RuleValue(key: "screened", text: "true")] : []
            return [RuleValue(key: "principle", text: principle.text)] + screened
        case .examples(let examples):
            let positive = counted(examples.positive.count, "positive example")
            return [RuleValue(key: "examples", text: "\(positive), \(examples.negative.count) negative")]
        case .terms(let terms):
            let lists = terms.lists.map { "\(counted($0.terms.count, "term")) (\($0.language))" }
            let match = terms.match == .word ? [] : [RuleValue(key: "match", text: terms.match.rawValue)]
            return [RuleValue(key: "terms", text: lists.joined(separator: ", "))] + match
        case .patterns(let patterns): return [RuleValue(key: "patterns", text: counted(patterns.count, "pattern"))]
        case .pii(let kinds): return [RuleValue(key: "pii", text: kinds.map(\.rawValue).joined(separator: ", "))]
        case .secrets(let kinds):
            return [RuleValue(key: "secrets", text: kinds.map(\.rawValue).joined(separator: ", "))]
        case .limits(let limits): return [RuleValue(key: "limits", text: limits.words)]
        }
    }
}

extension Limits {
    /// The limits that there are.
    var words: String {
        [
            maxCharacters.map { "max_characters \($0)" }, maxLinks.map { "max_links \($0)" },
            maxRepetition.map { "max_repetition \($0)" },
            languages.map { "languages \($0.joined(separator: ", "))" },
        ].compactMap(\.self).joined(separator: ", ")
    }
}

extension Set<Direction> {
    /// The directions, in their own order.
    var words: String { Direction.allCases.filter(contains).map(\.rawValue).joined(separator: ", ") }
}

extension RuleChange {
    /// The keys that the change says something of.
    var keys: [String] {
        let keys: [(String, Bool)] = [
            ("flag", flag != nil), ("block", block != nil), ("action", action != nil), ("redact_as", redactAs != nil),
            ("applies_to", appliesTo != nil), ("mode", mode != nil), ("on_error", onError != nil),
            ("reply", reply != nil),
        ]
        return keys.filter(\.1).map(\.0)
    }
}
