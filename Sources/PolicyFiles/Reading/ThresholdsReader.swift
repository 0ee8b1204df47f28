internal import Moderation

/// Reads the thresholds of a rule or of a change.
struct ThresholdsReader {
    let problems: ProblemList

    /// The thresholds; nil, which has then been told, when they can't be used or are missing.
    func read(_ keys: MappingReader) -> Thresholds? {
        let help = "say at which scores the rule acts: thresholds: { flag: 0.5, block: 0.8 }"
        keys.reportMissing("thresholds", help: help)
        return readIfPresent(keys)
    }

    /// The thresholds; nil when they can't be used, which has then been told, and when there are none.
    func readIfPresent(_ keys: MappingReader) -> Thresholds? {
        let format = PolicyFormat.thresholds
        guard let node = keys.node("thresholds"),
            let map = MappingReader(node, path: keys.path(of: "thresholds"), format: format, problems: problems)
        else { return nil }
        guard format.atLeastOne.contains(where: map.has) else {
            map.reportMissing("block", help: "write at least one of \(format.list)")
            return nil
        }
        let before = problems.errors
        let thresholds = Thresholds(flag: map.fraction("flag"), block: map.fraction("block"))
        if let flag = thresholds.flag, let block = thresholds.block, flag > block {
            map.report(
                .thresholdOrder,
                "flag",
                "the threshold for flag, \(flag), is above the one for block, \(block)",
                help: "a text is flagged at lower scores than it is blocked; swap the two"
            )
        }
        return problems.hasErrors(since: before) ? nil : thresholds
    }
}

/// Reads codes of languages.
struct LanguageReader {
    let problems: ProblemList

    /// A language; nil when it can't be used, which has then been told, and when there is none.
    func language(_ keys: MappingReader, _ key: String) -> String? {
        keys.node(key).flatMap { read($0, path: keys.path(of: key)) }
    }

    /// Languages; nil when one can't be used, which has then been told, and when there are none.
    func languages(_ keys: MappingReader, _ key: String) -> [String]? {
        guard let items = keys.list(key) else { return nil }
        let codes = items.enumerated().map { read($1, path: "\(keys.path(of: key))[\($0)]") }
        return codes.contains { $0 == nil } ? nil : codes.compactMap { $0 }
    }

    private func read(_ node: YAMLNode, path: String) -> String? {
        // A plain `no` is text in YAML 1.2, so Norwegian needs no quotes.
        guard case .text(let code) = node.content, Self.isCode(code) else {
            problems.add(
                .unknownValue,
                at: node.location,
                path: path,
                "expected a two-letter language code, found \(node.raw.isEmpty ? node.kind : "'\(node.raw)'")",
                help: "write a code of ISO 639-1, such as en, de or fr"
            )
            return nil
        }
        return code
    }

    /// Whether a word has the form of a two-letter code.
    static func isCode(_ word: some StringProtocol) -> Bool {
        word.utf8.count == 2 && word.utf8.allSatisfy { (0x61...0x7A).contains($0) }
    }
}
