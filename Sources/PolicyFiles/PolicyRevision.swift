internal import Crypto
internal import Moderation

/// The digest that tells one set of effective rules from another.
struct PolicyRevision {
    private var hash = SHA256()

    /// SHA-256, in lower-case hexadecimal, of everything that decides: not places, comments, titles, tests or the name.
    ///
    /// Each field is written as its name, the length of its value in bytes, and the value, so that no two sets of rules are
    /// written alike.
    static func digest(rules: [Rule], screen: Screen?, reply: String, unscanned: Outcome) -> String {
        var revision = PolicyRevision()
        revision.write("format", "1")
        revision.write("reply", reply)
        revision.write("unscanned", unscanned.rawValue)
        if let screen {
            revision.write("screen.principle", screen.principle)
            revision.write("screen.bar", String(screen.bar))
        }
        for rule in rules { revision.write(rule) }
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
            write("match", terms.match.rawValue)
            for list in terms.lists { write("terms.\(list.language)", list.terms) }
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
        if rule.action == .redact {
            write("redact_as", rule.redactAs.rawValue)
            write("restore", String(rule.restores))
        }
        write("applies_to", Direction.allCases.filter(rule.appliesTo.contains).map(\.rawValue))
        write("mode", rule.mode.rawValue)
        write("on_error", rule.onError.rawValue)
        if let reply = rule.reply { write("rule.reply", reply) }
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
