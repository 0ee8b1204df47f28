internal import Moderation

/// A rule of a locked policy, which may only be made stricter.
struct RuleLock {
    /// The rule as the locked policy leaves it.
    let rule: Rule
    /// Where the policy says `locked: true`.
    let location: SourceLocation

    /// What a change would weaken: the key that says it, and why; empty when nothing.
    func loosened(by change: RuleChange) -> [(key: String, message: String)] {
        var found: [(key: String, message: String)] = []
        if let mode = change.mode, mode.strength < rule.mode.strength {
            found.append(("mode", "'mode: \(mode.rawValue)' is weaker than '\(rule.mode.rawValue)'"))
        }
        let thresholds = rule.detection.thresholds
        for (key, new, old) in [("flag", change.flag, thresholds?.flag), ("block", change.block, thresholds?.block)] {
            if let new, let old, new > old { found.append((key, "'\(key): \(new)' is higher than \(old)")) }
        }
        if let action = change.action, action < rule.action {
            found.append(("action", "'action: \(action.rawValue)' is weaker than '\(rule.action.rawValue)'"))
        }
        if let directions = change.appliesTo, !directions.isSuperset(of: rule.appliesTo) {
            let missing = Direction.allCases.filter(rule.appliesTo.subtracting(directions).contains)
            let words = missing.map(\.rawValue).joined(separator: ", ")
            found.append(("applies_to", "'applies_to' leaves out \(words)"))
        }
        if let onError = change.onError, onError == .allow, rule.onError == .block {
            found.append(("on_error", "'on_error: allow' is weaker than 'block'"))
        }
        return found
    }
}

extension RuleMode {
    /// How much a rule does in this mode; more is stricter.
    var strength: Int {
        switch self {
        case .off: 0
        case .shadow: 1
        case .enforce: 2
        }
    }
}
