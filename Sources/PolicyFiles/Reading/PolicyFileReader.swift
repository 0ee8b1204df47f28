internal import Moderation

/// What one file says, before the files of a policy are joined.
struct PolicyDraft {
    /// A value and where it stands.
    struct Placed<Value> {
        var value: Value
        var location: SourceLocation
    }

    /// Where the document begins.
    var location: SourceLocation
    /// Whether the file says `policy`, be it in the wrong way.
    var hasName: Bool
    var name: Placed<String>?
    var reply: Placed<String>?
    var screen: Placed<Screen>?
    var unscanned: Placed<Outcome>?
    /// Rules with the path of each; unusable ones left out.
    var rules: [(rule: Rule, path: String)] = []
    /// Where each rule's id stands; those of unusable rules too.
    var ids: [(id: String, location: SourceLocation, path: String)] = []
    /// Where each rule says `screened: true`.
    var screened: [(location: SourceLocation, path: String)] = []
}

/// Reads one policy file.
struct PolicyFileReader {
    static let keys = ["version", "policy", "reply", "screen", "unscanned", "rules"]
    /// The version of the format that is read.
    static let version = 1.0

    let detectors: any DetectorBuilder
    let problems: ProblemList

    /// What the file says; nil, which has then been told, when nothing of it can be used.
    func read(_ text: String, file: String) -> PolicyDraft? {
        problems.register(file: file, text: text)
        var reader = YAMLReader(file: file, problems: problems)
        guard
            let root = reader.read(text),
            hasKnownVersion(root),
            let keys = MappingReader(root, path: "", noun: "a policy file", keys: Self.keys, problems: problems)
        else { return nil }
        keys.reportMissing("version", help: "begin the file with 'version: 1'")
        var draft = PolicyDraft(location: root.location, hasName: keys.has("policy"))
        draft.name = placed("policy", keys, keys.text("policy")?.trimmingSpace())
        draft.reply = placed("reply", keys, keys.text("reply")?.trimmingSpace())
        draft.screen = placed("screen", keys, screen(keys))
        draft.unscanned = placed(
            "unscanned",
            keys,
            keys.choice("unscanned", noun: "an action for unscanned", allowed: [Outcome.allow, .flag, .block])
        )
        keys.reportMissing("rules", help: "list the rules, each after '- id: …'")
        let ruleReader = RuleReader(detectors: detectors, problems: problems)
        for (index, node) in (keys.list("rules") ?? []).enumerated() {
            let path = "rules[\(index)]"
            note(node, path: path, in: &draft)
            if let rule = ruleReader.read(node, path: path) { draft.rules.append((rule, path)) }
        }
        return draft
    }

    private func placed<Value>(_ key: String, _ keys: MappingReader, _ value: Value?) -> PolicyDraft.Placed<Value>? {
        value.map { PolicyDraft.Placed(value: $0, location: keys.keyLocation(key)) }
    }

    /// Keeps what is checked across rules and files, even where the rule itself can't be used.
    private func note(_ node: YAMLNode, path: String, in draft: inout PolicyDraft) {
        guard case .mapping(let entries) = node.content else { return }
        for entry in entries {
            if entry.key == "id", case .text(let id) = entry.value.content {
                draft.ids.append((id, entry.value.location, "\(path).id"))
            }
            if entry.key == "screened", case .bool(true) = entry.value.content {
                draft.screened.append((entry.keyLocation, "\(path).screened"))
            }
        }
    }

    /// A file of another version is not read further: its keys may mean something else.
    private func hasKnownVersion(_ root: YAMLNode) -> Bool {
        guard case .mapping(let entries) = root.content,
            let version = entries.first(where: { $0.key == "version" })?.value
        else { return true }
        guard case .number(let number) = version.content else {
            problems.add(
                .wrongType,
                at: version.location,
                path: "version",
                "expected a number, found \(version.kind)",
                help: "write 'version: 1'"
            )
            return true
        }
        guard number == Self.version else {
            problems.add(
                .unsupportedVersion,
                at: version.location,
                path: "version",
                "version \(version.raw) is not supported; this program reads version 1",
                help: "write 'version: 1', or use a newer program"
            )
            return false
        }
        return true
    }

    private func screen(_ keys: MappingReader) -> Screen? {
        guard let node = keys.node("screen") else { return nil }
        let known = ["principle", "bar"]
        guard
            let map = MappingReader(node, path: "screen", noun: "a screen", keys: known, problems: problems)
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
