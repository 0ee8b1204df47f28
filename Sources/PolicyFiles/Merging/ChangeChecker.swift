internal import Moderation

/// Checks what an override makes of one rule.
struct ChangeChecker {
    let problems: ProblemList

    /// Whether the change makes sense for the rule; what doesn't has been told.
    func check(_ draft: ChangeDraft, of rule: Rule, lock: RuleLock?) -> Bool {
        let before = problems.errors
        checkPlacement(draft, of: rule)
        checkResult(draft, of: rule)
        for (key, message) in lock?.loosened(by: draft.change) ?? [] {
            report(
                .loosensLockedRule,
                draft,
                key,
                "\(message), and the rule '\(rule.id)' is locked",
                help: "a locked rule can only be made stricter",
                notes: lock?.notes ?? []
            )
        }
        return !problems.hasErrors(since: before)
    }

    /// Tells keys that don't go with what the rule looks for.
    private func checkPlacement(_ draft: ChangeDraft, of rule: Rule) {
        let kind = rule.detection.key
        for key in PolicyFormat.change.keys where draft.places[key.name] != nil {
            guard !key.only.isEmpty, !key.only.contains(kind) else { continue }
            let misplaced = MisplacedKey(key: key, kind: kind)
            report(.misplacedKey, draft, key.name, misplaced.message, help: misplaced.help, notes: rule.notes)
        }
        if kind == "limits", draft.change.action == .redact {
            let message = "'redact' is not an action of a rule with limits"
            report(.unknownValue, draft, "action", message, help: "use one of: flag, block", notes: rule.notes)
        }
    }

    /// Tells values that don't go together once the change is made.
    private func checkResult(_ draft: ChangeDraft, of rule: Rule) {
        let changed = draft.change.applied(to: rule)
        if let thresholds = changed.detection.thresholds, let flag = thresholds.flag, let block = thresholds.block,
            flag > block
        {
            report(
                .thresholdOrder,
                draft,
                draft.change.flag == nil ? "block" : "flag",
                "with this, the threshold for flag, \(flag), is above the one for block, \(block)",
                help: "a text is flagged at lower scores than it is blocked; change the other threshold too",
                notes: rule.notes
            )
        }
        guard PolicyFormat.matched.contains(rule.detection.key) else { return }
        if draft.change.redactAs != nil, changed.action != .redact {
            let message = "'redact_as' is for rules that redact, and this one says 'action: \(changed.action.rawValue)'"
            report(.misplacedKey, draft, "redact_as", message, help: "add 'action: redact'", notes: rule.notes)
        } else if rule.restores, changed.redactAs != .placeholder {
            let message = "the rule says 'restore: true', and only placeholders can be restored"
            report(.misplacedKey, draft, "redact_as", message, help: "remove 'redact_as'", notes: rule.notes)
        }
    }

    private func report(
        _ code: PolicyDiagnosticCode,
        _ draft: ChangeDraft,
        _ key: String,
        _ message: String,
        help: String,
        notes: [PolicyDiagnostic.Note]
    ) {
        let location = draft.places[key] ?? draft.id.location
        problems.add(code, at: location, path: draft.path(of: key), message, help: help, notes: notes)
    }
}

extension Rule {
    /// Where the rule is written, for messages.
    fileprivate var notes: [PolicyDiagnostic.Note] { location.map { [.init(location: $0, message: "the rule")] } ?? [] }
}

extension Detection {
    /// The key that it is written with.
    var key: String {
        switch self {
        case .principle: "principle"
        case .examples: "examples"
        case .terms: "terms"
        case .patterns: "patterns"
        case .pii: "pii"
        case .secrets: "secrets"
        case .limits: "limits"
        }
    }
}
