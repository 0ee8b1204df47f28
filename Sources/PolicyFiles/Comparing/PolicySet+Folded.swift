internal import Moderation

extension PolicySet {
    /// The same rules for every scope, with the overrides that hold always made in the rules themselves, and those that stand
    /// next to each other for one scope made one.
    var folded: PolicySet {
        var policy = self
        policy.overrides = []
        for override in overrides {
            if override.scope == ScopePattern() {
                policy.fold(override)
            } else if let last = policy.overrides.last, last.scope == override.scope {
                policy.overrides[policy.overrides.count - 1] = last.followed(by: override)
            } else {
                policy.overrides.append(override)
            }
        }
        policy.overrides.removeAll { $0.changes.isEmpty && $0.reply == nil && $0.unscanned == nil }
        return policy
    }

    /// Makes an override that holds always, over all that was said before it.
    private mutating func fold(_ override: Override) {
        for index in rules.indices {
            if let change = override.changes[rules[index].id] { rules[index] = change.applied(to: rules[index]) }
        }
        if let text = override.reply { reply = text }
        if let outcome = override.unscanned { unscanned = outcome }
        for index in overrides.indices {
            if override.reply != nil { overrides[index].reply = nil }
            if override.unscanned != nil { overrides[index].unscanned = nil }
            for (id, change) in override.changes {
                guard let earlier = overrides[index].changes[id] else { continue }
                let rest = earlier.without(change)
                overrides[index].changes[id] = rest.keys.isEmpty ? nil : rest
            }
        }
    }
}

extension Override {
    /// This override and a later one for the same scope.
    fileprivate func followed(by later: Override) -> Override {
        var override = self
        override.changes.merge(later.changes) { $0.followed(by: $1) }
        override.reply = later.reply ?? reply
        override.unscanned = later.unscanned ?? unscanned
        return override
    }
}

extension RuleChange {
    /// This change and a later one.
    fileprivate func followed(by later: RuleChange) -> RuleChange {
        var change = self
        change.mode = later.mode ?? mode
        change.flag = later.flag ?? flag
        change.block = later.block ?? block
        change.action = later.action ?? action
        change.redactAs = later.redactAs ?? redactAs
        change.appliesTo = later.appliesTo ?? appliesTo
        change.onError = later.onError ?? onError
        change.reply = later.reply ?? reply
        return change
    }

    /// What is left of the change where another one says the last word.
    fileprivate func without(_ last: RuleChange) -> RuleChange {
        var change = self
        if last.mode != nil { change.mode = nil }
        if last.flag != nil { change.flag = nil }
        if last.block != nil { change.block = nil }
        if last.action != nil { change.action = nil }
        if last.redactAs != nil { change.redactAs = nil }
        if last.appliesTo != nil { change.appliesTo = nil }
        if last.onError != nil { change.onError = nil }
        if last.reply != nil { change.reply = nil }
        return change
    }
}
