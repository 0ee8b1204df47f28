internal import Crypto
internal import Moderation

/// The digest that tells one set of effective rules from another.
struct PolicyRevision {
    private var hash = SHA256()

    /// SHA-256, in lower-case hexadecimal, of everything that decides: not places, comments, titles, tests, calibrations or the name.
    ///
    /// Each field is written as its name, the length of its value in bytes, and the value, so that no two sets of rules are
    /// written alike.
    static func digest(of policy: PolicySet) -> String {
        var revision = PolicyRevision()
        revision.write("format", "1")
        revision.write("reply", policy.reply)
        revision.write("unscanned", policy.unscanned.rawValue)
        if let screen = policy.screen {
            revision.write("screen.principle", screen.principle)
            revision.write("screen.bar", String(screen.bar))
        }
        for rule in policy.rules { revision.write(rule) }
        for override in policy.overrides { revision.write(override) }
        return revision.hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private mutating func write(_ rule: Rule) {
        write("rule", rule.id)
        switch rule.detection {
        case .principle(let principle):
            write("principle", principle.text)
            write("screened", String(principle.screened))
            write(principle.thresholds)
        case .examples(let examples):
            write("positive", examples.positive)
            write("negative", examples.negative)
            write(examples.thresholds)
        case .terms(let terms):
            // Plain terms are written as they were before there were languages and stems, so that their revision stays.
            if terms.match != .word { write("match", terms.match.rawValue) }
            for list in terms.lists {
                if list.language != "en" { write("language", list.language) }
                write("terms", list.terms)
            }
        case .patterns(let patterns): write("patterns", patterns)
        case .pii(let kinds): write("pii", kinds.map(\.rawValue))
        case .secrets(let kinds): write("secrets", kinds.map(\.rawValue))
        case .limits(let limits):
            if let most = limits.maxCharacters { write("max_characters", String(most)) }
            if let most = limits.maxLinks { write("max_links", String(most)) }
            if let most = limits.maxRepetition { write("max_repetition", String(most)) }
            if let languages = limits.languages { write("languages", languages) }
        }
        if !rule.detection.needsModel { write("action", rule.action.rawValue) }
        if rule.redactAs != .mask { write("redact_as", rule.redactAs.rawValue) }
        if rule.restores { write("restore", String(rule.restores)) }
        write("applies_to", Direction.allCases.filter(rule.appliesTo.contains).map(\.rawValue))
        write("mode", rule.mode.rawValue)
        write("on_error", rule.onError.rawValue)
        if let reply = rule.reply { write("rule.reply", reply) }
    }

    private mutating func write(_ override: Override) {
        write("override", String(override.changes.count))
        write("route", override.scope.routes)
        write("tenant", override.scope.tenants)
        write("model", override.scope.models)
        write("channel", override.scope.channels)
        write("direction", Direction.allCases.filter(override.scope.directions.contains).map(\.rawValue))
        if let reply = override.reply { write("override.reply", reply) }
        if let unscanned = override.unscanned { write("override.unscanned", unscanned.rawValue) }
        for (id, change) in override.changes.sorted(by: { $0.key < $1.key }) {
            write("change", id)
            if let mode = change.mode { write("mode", mode.rawValue) }
            write(Thresholds(flag: change.flag, block: change.block))
            if let action = change.action { write("action", action.rawValue) }
            if let style = change.redactAs { write("redact_as", style.rawValue) }
            if let directions = change.appliesTo {
                write("applies_to", Direction.allCases.filter(directions.contains).map(\.rawValue))
            }
            if let onError = change.onError { write("on_error", onError.rawValue) }
            if let reply = change.reply { write("change.reply", reply) }
        }
    }

    private mutating func write(_ thresholds: Thresholds) {
        if let flag = thresholds.flag { write("flag", String(flag)) }
        if let block = thresholds.block { write("block", String(block)) }
    }

    private mutating func write(_ name: String, _ values: [String]) {
        write(name, String(values.count))
        for value in values { write("item", value) }
    }

    private mutating func write(_ name: String, _ value: String) {
        let bytes = Array(value.utf8)
        hash.update(data: Array("\(name) \(bytes.count) ".utf8))
        hash.update(data: bytes)
        hash.update(data: [0x0A])
    }
}
