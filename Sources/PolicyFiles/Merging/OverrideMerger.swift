internal import Moderation

/// Looks up the rules that overrides name, checks each change against its rule, and puts the overrides in order.
struct OverrideMerger {
    private let layers: [PolicyLayer]
    private let problems: ProblemList
    /// Which rule ids are written in which layer; those of unusable rules too.
    private let ids: [Set<String>]
    /// Each rule with the changes that hold always and were made so far.
    private var rules: [String: Rule] = [:]
    private var locks: [String: RuleLock] = [:]

    /// After so many problems, nobody looks for what may have been meant: it takes a while among many rules.
    private static let mostSuggestions = 50

    init(layers: [PolicyLayer], problems: ProblemList) {
        self.layers = layers
        self.problems = problems
        ids = layers.map { Set($0.drafts.flatMap(\.ids).map(\.value)) }
        for rule in layers.flatMap({ $0.drafts.flatMap { $0.rules.map(\.rule) } }) where rules[rule.id] == nil {
            rules[rule.id] = rule
        }
    }

    /// The overrides and where their values are written: those of extended policies first, then in order of files and of
    /// writing.
    consuming func merge() -> [(override: Override, places: OverridePlaces)] {
        for (index, layer) in layers.enumerated() {
            let inherited = layer.bases.reduce(into: Set<String>()) { $0.formUnion(ids[$1]) }
            let known = inherited.union(ids[index])
            for draft in layer.drafts {
                for id in draft.disabled { disable(id, known: inherited, own: ids[index], holdsAlways: true) }
            }
            // What a policy always changes is what it locks; what it changes in some scopes has to keep to that.
            let overrides = layer.drafts.flatMap(\.overrides)
            for override in overrides where override.holdsAlways { check(override, known: known) }
            if let locked = layer.locked { lock(known, at: locked) }
            for override in overrides where !override.holdsAlways { check(override, known: known) }
        }
        return layers.flatMap(\.drafts).flatMap(Self.overrides)
    }

    private static func overrides(of draft: PolicyDraft) -> [(override: Override, places: OverridePlaces)] {
        var overrides: [(override: Override, places: OverridePlaces)] = []
        if let first = draft.disabled.first {
            let changes = off(draft.disabled)
            let override = Override(scope: ScopePattern(), changes: changes, location: first.location)
            overrides.append((override, OverridePlaces(rules: places(draft.disabled))))
        }
        for written in draft.overrides {
            var changes = off(written.disabled)
            for draft in written.changes {
                var change = draft.change
                if let mode = changes[draft.id.value]?.mode { change.mode = mode }
                changes[draft.id.value] = change
            }
            let override = Override(
                scope: written.scope,
                changes: changes,
                reply: written.reply?.value,
                unscanned: written.unscanned?.value,
                location: written.location
            )
            let head = ["reply": written.reply?.location, "unscanned": written.unscanned?.location]
            let rules = written.changes.map { ($0.id.value, $0.places) }
            let places = OverridePlaces(
                head: head.compactMapValues(\.self),
                rules: places(written.disabled).merging(rules) { $1.merging($0) { $1 } }
            )
            overrides.append((override, places))
        }
        return overrides
    }

    private static func places(_ disabled: [Placed<String>]) -> [String: [String: SourceLocation]] {
        Dictionary(disabled.map { ($0.value, ["mode": $0.location]) }, uniquingKeysWith: { first, _ in first })
    }

    private static func off(_ ids: [Placed<String>]) -> [String: RuleChange] {
        var changes: [String: RuleChange] = [:]
        for id in ids {
            var change = RuleChange()
            change.mode = .off
            change.location = id.location
            changes[id.value] = change
        }
        return changes
    }

    private mutating func lock(_ ids: Set<String>, at location: SourceLocation) {
        for id in ids where locks[id] == nil {
            if let rule = rules[id] { locks[id] = RuleLock(rule: rule, location: location) }
        }
    }

    // MARK: Checks

    private mutating func check(_ override: OverrideDraft, known: Set<String>) {
        for id in override.disabled { disable(id, known: known, own: [], holdsAlways: override.holdsAlways) }
        for change in override.changes where isKnown(change.id, known: known, own: []) {
            guard let rule = rules[change.id.value] else { continue }
            let checker = ChangeChecker(problems: problems)
            guard checker.check(change, of: rule, lock: locks[change.id.value]), override.holdsAlways else { continue }
            rules[change.id.value] = change.change.applied(to: rule)
        }
    }

    private mutating func disable(_ id: Placed<String>, known: Set<String>, own: Set<String>, holdsAlways: Bool) {
        guard isKnown(id, known: known, own: own) else { return }
        if let lock = locks[id.value], lock.rule.mode != .off {
            problems.add(
                .loosensLockedRule,
                at: id.location,
                path: id.path,
                "the rule '\(id.value)' is locked and can't be turned off",
                help: "remove it from 'disable'",
                notes: lock.notes
            )
        }
        if holdsAlways { rules[id.value]?.mode = .off }
    }

    private func isKnown(_ id: Placed<String>, known: Set<String>, own: Set<String>) -> Bool {
        if known.contains(id.value) { return true }
        let help: String
        if own.contains(id.value) {
            help = "it is written in this policy: say 'mode: off' there, or remove it"
        } else if known.isEmpty || problems.errors > Self.mostSuggestions {
            help = "there is no rule of this id"
        } else {
            help = Suggestion.help(for: id.value, in: known.sorted())
        }
        problems.add(
            .unknownRule,
            at: id.location,
            path: id.path,
            "'\(id.value)' is not a rule of \(own.isEmpty ? "this policy or those it extends" : "an extended policy")",
            help: help
        )
        return false
    }
}

extension OverrideDraft {
    /// Whether it is for every text.
    var holdsAlways: Bool { scope == ScopePattern() }
}

extension RuleLock {
    /// The places that a message cites.
    var notes: [PolicyDiagnostic.Note] {
        let written = rule.location.map { PolicyDiagnostic.Note(location: $0, message: "the rule") }
        return [written, .init(location: location, message: "locked here")].compactMap(\.self)
    }
}
