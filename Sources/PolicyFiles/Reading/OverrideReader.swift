internal import Moderation

/// Reads the overrides of a file.
struct OverrideReader {
    let problems: ProblemList

    func read(_ file: MappingReader) -> [OverrideDraft] {
        guard let items = file.list("overrides") else { return [] }
        return items.enumerated().compactMap { read($1, path: "\(file.path(of: "overrides"))[\($0)]") }
    }

    private func read(_ node: YAMLNode, path: String) -> OverrideDraft? {
        let format = PolicyFormat.override
        guard let keys = MappingReader(node, path: path, format: format, problems: problems) else { return nil }
        if !format.atLeastOne.contains(where: keys.has) {
            keys.reportMissing("rules", help: "say what changes, with at least one of \(format.list)")
        }
        var draft = OverrideDraft(scope: scope(keys), location: node.location)
        if let reply = keys.text("reply") {
            draft.reply = Placed(
                value: reply.trimmingSpace(),
                location: keys.keyLocation("reply"),
                path: keys.path(of: "reply")
            )
        }
        let unscanned: Outcome? = keys.choice(
            "unscanned",
            noun: "an action for unscanned",
            allowed: PolicyFormat.unscannedActions
        )
        if let unscanned {
            draft.unscanned = Placed(
                value: unscanned,
                location: keys.keyLocation("unscanned"),
                path: keys.path(of: "unscanned")
            )
        }
        draft.disabled = keys.ids("disable")
        draft.changes = changes(keys)
        reportDisabledTwice(draft)
        return draft
    }

    private func scope(_ override: MappingReader) -> ScopePattern {
        guard let node = override.node("when"),
            let keys = MappingReader(
                node,
                path: override.path(of: "when"),
                format: PolicyFormat.when,
                problems: problems
            )
        else { return ScopePattern() }
        func patterns(_ key: String) -> [String] {
            (keys.oneOrMore(key) ?? []).compactMap { keys.text($0.node, path: $0.path) }
        }
        let directions: [Direction] = (keys.oneOrMore("direction") ?? []).compactMap { node, path in
            keys.choice(node, path: path, noun: "a direction")
        }
        return ScopePattern(
            routes: patterns("route"),
            tenants: patterns("tenant"),
            models: patterns("model"),
            channels: patterns("channel"),
            directions: Set(directions)
        )
    }

    private func changes(_ override: MappingReader) -> [ChangeDraft] {
        guard let node = override.node("rules") else { return [] }
        guard case .mapping(let entries) = node.content else {
            override.report(
                .wrongType,
                "rules",
                "the rules of an override must be a mapping, not \(node.kind)",
                help: "write each rule's id as a key: rules: { house-words: { mode: shadow } }"
            )
            return []
        }
        if entries.isEmpty {
            override.report(.emptyList, "rules", "no rule is changed", help: "name a rule, or remove the key")
        }
        return entries.compactMap { entry in
            let path = "\(override.path(of: "rules")).\(entry.key)"
            let id = Placed(value: entry.key, location: entry.keyLocation, path: path)
            return change(entry.value, id: id)
        }
    }

    private func change(_ node: YAMLNode, id: Placed<String>) -> ChangeDraft? {
        let format = PolicyFormat.change
        guard let keys = MappingReader(node, path: id.path, format: format, problems: problems) else { return nil }
        if !format.atLeastOne.contains(where: keys.has) {
            keys.reportMissing("mode", help: "say what changes, with at least one of \(format.list)")
        }
        var change = RuleChange()
        change.mode = keys.choice("mode", noun: "a mode")
        let thresholds = ThresholdsReader(problems: problems).readIfPresent(keys)
        change.flag = thresholds?.flag
        change.block = thresholds?.block
        change.action = keys.choice("action", noun: "an action", allowed: PolicyFormat.actions)
        change.redactAs = keys.choice("redact_as", noun: "a way to redact")
        change.appliesTo = keys.choices("applies_to", noun: "a direction").map(Set<Direction>.init)
        change.onError = keys.choice("on_error", noun: "a choice for on_error")
        change.reply = keys.text("reply")?.trimmingSpace()
        change.location = id.location
        return ChangeDraft(id: id, change: change, places: node.places)
    }

    private func reportDisabledTwice(_ draft: OverrideDraft) {
        for change in draft.changes where change.change.mode != nil {
            guard let disabled = draft.disabled.first(where: { $0.value == change.id.value }),
                let mode = change.places["mode"]
            else { continue }
            problems.add(
                .misplacedKey,
                at: mode,
                path: change.path(of: "mode"),
                "the override turns the rule off and gives it a mode",
                help: "keep one of the two",
                notes: [.init(location: disabled.location, message: "turned off here")]
            )
        }
    }
}
