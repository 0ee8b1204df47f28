internal import Moderation

/// Reads one policy file.
struct PolicyFileReader {
    let sources: PolicySources
    let problems: ProblemList

    /// What the file says; nil, which has then been told, when nothing of it can be used.
    func read(_ text: String, file: String) -> PolicyDraft? {
        problems.register(file: file, text: text)
        var reader = YAMLReader(file: file, problems: problems)
        guard
            let root = reader.read(text),
            FormatVersionReader(problems: problems).isKnown(root),
            let keys = MappingReader(root, path: "", format: PolicyFormat.file, problems: problems)
        else { return nil }
        keys.reportMissing("version", help: "begin the file with 'version: 1'")
        var draft = PolicyDraft(file: file, location: root.location, hasName: keys.has("policy"))
        draft.name = placed("policy", keys, keys.text("policy")?.trimmingSpace())
        draft.extends = extends(keys)
        draft.locked = keys.bool("locked") == true ? keys.keyLocation("locked") : nil
        draft.reply = placed("reply", keys, keys.text("reply")?.trimmingSpace())
        draft.screen = placed("screen", keys, screen(keys))
        draft.unscanned = placed("unscanned", keys, unscanned(keys))
        draft.disabled = disabled(keys)
        readRules(keys, into: &draft)
        draft.overrides = OverrideReader(problems: problems).read(keys)
        return draft
    }

    private func placed<Value>(_ key: String, _ keys: MappingReader, _ value: Value?) -> Placed<Value>? {
        value.map { Placed(value: $0, location: keys.keyLocation(key), path: keys.path(of: key)) }
    }

    private func unscanned(_ keys: MappingReader) -> Outcome? {
        keys.choice("unscanned", noun: "an action for unscanned", allowed: PolicyFormat.unscannedActions)
    }

    private func extends(_ keys: MappingReader) -> [Placed<String>] {
        (keys.oneOrMore("extends") ?? []).compactMap { node, path in
            keys.text(node, path: path).map { Placed(value: $0, location: node.location, path: path) }
        }
    }

    private func disabled(_ keys: MappingReader) -> [Placed<String>] {
        if keys.has("disable"), !keys.has("extends") {
            keys.reportKey(
                .misplacedKey,
                "disable",
                "'disable' is for rules of extended policies, and this file extends none",
                help: "write 'mode: off' in the rule, or remove the rule"
            )
        }
        return keys.ids("disable")
    }

    private func readRules(_ keys: MappingReader, into draft: inout PolicyDraft) {
        if !keys.has("extends"), !keys.has("overrides") {
            keys.reportMissing("rules", help: "list the rules, each after '- id: …'")
        }
        let reader = RuleReader(sources: sources, problems: problems)
        for (index, node) in (keys.list("rules") ?? []).enumerated() {
            let path = "rules[\(index)]"
            note(node, path: path, in: &draft)
            if let rule = reader.read(node, path: path) { draft.rules.append((rule, node.places)) }
        }
    }

    /// Keeps what is checked across rules and files, even where the rule itself can't be used.
    private func note(_ node: YAMLNode, path: String, in draft: inout PolicyDraft) {
        guard case .mapping(let entries) = node.content else { return }
        for entry in entries {
            if entry.key == "id", case .text(let id) = entry.value.content {
                draft.ids.append(Placed(value: id, location: entry.value.location, path: "\(path).id"))
            }
            if entry.key == "screened", case .bool(true) = entry.value.content {
                draft.screened.append((entry.keyLocation, "\(path).screened"))
            }
        }
    }

    private func screen(_ keys: MappingReader) -> Screen? {
        guard let node = keys.node("screen"),
            let map = MappingReader(node, path: "screen", format: PolicyFormat.screen, problems: problems)
        else { return nil }
        map.reportMissing(
            "principle",
            help: "write the screening question, such as 'The message shall not be harmful.'"
        )
        map.reportMissing("bar", help: "write the score below which screened rules are not asked, such as 0.05")
        guard let principle = map.text("principle"), let bar = map.fraction("bar") else { return nil }
        return Screen(principle: principle.trimmingSpace(), bar: bar)
    }
}
