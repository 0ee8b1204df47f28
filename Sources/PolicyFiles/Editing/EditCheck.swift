internal import Moderation

/// Whether an edited policy file says what the old one said but for the values that were to change.
struct EditCheck {
    let rule: String
    let thresholds: Thresholds
    let stamp: CalibrationStamp

    func holds(from old: String, to new: String) -> Bool {
        guard let old = read(old), let new = read(new), let stamp = read(stamp.flowText) else { return false }
        guard let written = entries(of: new), isSame(written.calibrated, stamp) else { return false }
        for (name, value) in [("flag", thresholds.flag), ("block", thresholds.block)] {
            guard let value else { continue }
            guard case .number(value)? = written.thresholds.first(where: { $0.key == name })?.value.content else {
                return false
            }
        }
        return isSame(pruned(old), pruned(new))
    }

    private func read(_ text: String) -> YAMLNode? {
        let problems = ProblemList()
        var reader = YAMLReader(file: "", problems: problems)
        let node = reader.read(text)
        return problems.hasErrors ? nil : node
    }

    /// The values of the rule that change.
    private func entries(of root: YAMLNode) -> (thresholds: [YAMLNode.Entry], calibrated: YAMLNode)? {
        guard let rules = root["rules"], case .list(let items) = rules.content,
            let rule = items.first(where: { $0["id"]?.raw == rule }), let calibrated = rule["calibrated"],
            case .mapping(let thresholds)? = rule["thresholds"]?.content
        else { return nil }
        return (thresholds, calibrated)
    }

    /// The file without the values that change.
    private func pruned(_ root: YAMLNode) -> YAMLNode {
        root.mapping("rules") { rules in
            guard case .list(let items) = rules.content else { return rules }
            var rules = rules
            rules.content = .list(
                items.map { item in
                    guard item["id"]?.raw == rule else { return item }
                    return item.without(["calibrated"]).mapping("thresholds") { node in
                        node.without(
                            [thresholds.flag == nil ? nil : "flag", thresholds.block == nil ? nil : "block"]
                                .compactMap { $0 }
                        )
                    }
                }
            )
            return rules
        }
    }

    private func isSame(_ a: YAMLNode, _ b: YAMLNode) -> Bool {
        switch (a.content, b.content) {
        case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy(isSame)
        case (.mapping(let a), .mapping(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
        case (.null, .null), (.bool, .bool), (.number, .number), (.text, .text): a.raw == b.raw
        default: false
        }
    }
}

extension YAMLNode {
    /// The value of a key; nil when this is no mapping or doesn't have it.
    fileprivate subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    fileprivate func without(_ keys: [String]) -> YAMLNode {
        guard case .mapping(let entries) = content else { return self }
        var node = self
        node.content = .mapping(entries.filter { !keys.contains($0.key) })
        return node
    }

    fileprivate func mapping(_ key: String, _ change: (YAMLNode) -> YAMLNode) -> YAMLNode {
        guard case .mapping(var entries) = content else { return self }
        for index in entries.indices where entries[index].key == key {
            entries[index].value = change(entries[index].value)
        }
        var node = self
        node.content = .mapping(entries)
        return node
    }
}
