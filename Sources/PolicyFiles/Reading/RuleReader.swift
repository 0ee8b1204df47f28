internal import Moderation

/// Reads one rule.
struct RuleReader {
    static let detectionKeys = ["principle", "terms", "patterns", "pii", "secrets"]
    static let laterKeys = ["examples", "limits"]
    static let keys =
        ["id", "title"] + detectionKeys
        + ["screened", "thresholds", "action", "applies_to", "mode", "on_error", "reply", "tests"]

    let detectors: any DetectorBuilder
    let problems: ProblemList

    /// The rule; nil, which has then been told, when it can't be used.
    func read(_ node: YAMLNode, path: String) -> Rule? {
        let before = problems.diagnostics.count
        guard
            let keys = MappingReader(
                node,
                path: path,
                noun: "a rule",
                keys: Self.keys,
                later: Self.laterKeys,
                problems: problems
            )
        else { return nil }
        let id = id(keys)
        let title = keys.text("title")
        let detection = detection(keys)
        let action = action(keys, isPrinciple: keys.has("principle"))
        let appliesTo =
            keys.choices("applies_to", noun: "a direction").map(Set<Direction>.init) ?? Set(Direction.allCases)
        let mode = keys.choice("mode", noun: "a mode") ?? RuleMode.enforce
        let onError = keys.choice("on_error", noun: "a choice for on_error") ?? ErrorAction.block
        let reply = keys.text("reply").map { $0.trimmingSpace() }
        let reader = RuleTestReader(
            outcomes: outcomes(detection: detection, action: action),
            appliesTo: appliesTo,
            problems: problems
        )
        let tests = reader.read(keys)
        guard let id, let detection, let action, !hasErrors(since: before) else { return nil }
        warn(keys, id: id, mode: mode, tests: tests)
        return Rule(
            id: id,
            title: title?.trimmingSpace(),
            detection: detection,
            action: action,
            appliesTo: appliesTo,
            mode: mode,
            onError: onError,
            reply: reply,
            tests: tests,
            location: node.location
        )
    }

    private func hasErrors(since start: Int) -> Bool {
        problems.diagnostics[start...].contains { $0.severity == .error }
    }

    private func warn(_ keys: MappingReader, id: String, mode: RuleMode, tests: [RuleTest]) {
        if mode == .off {
            let help = "remove 'mode: off' to put it in force, or use 'mode: shadow' to record what it would do"
            problems.add(
                .ruleOff,
                .warning,
                at: keys.node("mode")?.location ?? keys.location,
                path: keys.path(of: "mode"),
                "the rule '\(id)' is off and judges nothing",
                help: help
            )
        }
        if tests.isEmpty, !keys.has("tests") {
            problems.add(
                .noTests,
                .warning,
                at: keys.location,
                path: keys.path,
                "the rule '\(id)' has no tests",
                help: "add 'tests' with a text it must catch and one it must let pass"
            )
        }
    }

    // MARK: Parts

    private func id(_ keys: MappingReader) -> String? {
        keys.reportMissing("id", help: "give the rule a name of its own, such as 'id: house-words'")
        guard let id = keys.text("id") else { return nil }
        let isValid =
            id.utf8.count <= 64
            && id.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || [0x2D, 0x5F, 0x2E].contains(byte)
            }
        guard isValid else {
            keys.report(
                .invalidID,
                "id",
                "'\(id)' is not an id",
                help: "use up to 64 lower-case letters, digits, '-', '_' and '.'"
            )
            return nil
        }
        return id
    }

    private func detection(_ keys: MappingReader) -> Detection? {
        let present = Self.detectionKeys.filter(keys.has)
        let all = Self.detectionKeys.joined(separator: ", ")
        if present.count > 1 {
            problems.add(
                .severalDetections,
                at: keys.keyLocation(present[1]),
                path: keys.path,
                "a rule looks for one thing; this one has \(present.joined(separator: " and "))",
                help: "make it \(present.count) rules",
                notes: [.init(location: keys.keyLocation(present[0]), message: "'\(present[0])' is written here")]
            )
        }
        if present.isEmpty, !Self.laterKeys.contains(where: keys.has) {
            problems.add(
                .noDetection,
                at: keys.location,
                path: keys.path,
                "the rule says nothing to look for",
                help: "add one of: \(all)"
            )
        }
        let detections = present.map { read($0, keys) }
        return detections.count == 1 ? detections[0] : nil
    }

    private func read(_ key: String, _ keys: MappingReader) -> Detection? {
        switch key {
        case "principle": principle(keys)
        case "terms":
            check(
                keys.texts("terms", mayBeEmpty: true).map { .terms(Terms(lists: [TermList(terms: $0)])) },
                "terms",
                keys
            )
        case "patterns": check(keys.texts("patterns", mayBeEmpty: true).map(Detection.patterns), "patterns", keys)
        case "pii": keys.choices("pii", noun: "a kind of personal data").map(Detection.pii)
        default: keys.choices("secrets", noun: "a kind of secret").map(Detection.secrets)
        }
    }

    /// Asks the detectors whether terms and patterns can work; a list is asked item by item, so that every bad one is told.
    private func check(_ detection: Detection?, _ key: String, _ keys: MappingReader) -> Detection? {
        let single: [Detection] =
            switch detection {
            case .terms(let terms): terms.all.map { .terms([$0]) }
            case .patterns(let patterns): patterns.map { .patterns([$0]) }
            default: []
            }
        guard case .list(let items)? = keys.node(key)?.content else { return nil }
        var isValid = true
        for (index, (item, one)) in zip(items, single).enumerated() {
            do throws(DetectionError) {
                _ = try detectors.detector(for: one)
            } catch {
                isValid = false
                let path = "\(keys.path(of: key))[\(index)]"
                problems.add(.invalidDetection, at: item.location, path: path, error.message, help: error.help)
            }
        }
        return isValid ? detection : nil
    }

    private func principle(_ keys: MappingReader) -> Detection? {
        keys.reportMissing(
            "thresholds",
            help: "say at which scores the rule acts: thresholds: { flag: 0.5, block: 0.8 }"
        )
        let screened = keys.bool("screened")
        let text = keys.text("principle")
        guard let node = keys.node("thresholds") else { return nil }
        let path = keys.path(of: "thresholds")
        guard
            let map = MappingReader(
                node,
                path: path,
                noun: "thresholds",
                keys: ["flag", "block"],
                problems: problems
            )
        else { return nil }
        if !map.has("flag"), !map.has("block") {
            map.reportMissing("block", help: "write at least one of flag and block")
            return nil
        }
        let thresholds = Thresholds(flag: map.fraction("flag"), block: map.fraction("block"))
        if let flag = thresholds.flag, let block = thresholds.block, flag > block {
            map.report(
                .thresholdOrder,
                "flag",
                "the threshold for flag, \(flag), is above the one for block, \(block)",
                help: "a text is flagged at lower scores than it is blocked; swap the two"
            )
        }
        // Folded YAML text ends in a line feed, which is no part of the principle.
        return text.map {
            .principle(Principle(text: $0.trimmingSpace(), screened: screened ?? false, thresholds: thresholds))
        }
    }

    private func action(_ keys: MappingReader, isPrinciple: Bool) -> Outcome? {
        if isPrinciple {
            guard keys.has("action") else { return .block }
            problems.add(
                .misplacedKey,
                at: keys.keyLocation("action"),
                path: keys.path(of: "action"),
                "a rule with a principle has no action",
                help: "its thresholds say what it does: thresholds: { flag: 0.5, block: 0.8 }"
            )
            return nil
        }
        for key in ["thresholds", "screened"] where keys.has(key) {
            problems.add(
                .misplacedKey,
                at: keys.keyLocation(key),
                path: keys.path(of: key),
                "'\(key)' is for rules with a principle",
                help: key == "thresholds" ? "say what the rule does: action: flag, redact or block" : "remove it"
            )
        }
        let isOneKind = Self.detectionKeys.contains(where: keys.has)
        if isOneKind { keys.reportMissing("action", help: "say what the rule does: action: flag, redact or block") }
        return keys.choice("action", noun: "an action", allowed: [Outcome.flag, .redact, .block])
    }

    /// What the rule can answer.
    private func outcomes(detection: Detection?, action: Outcome?) -> Set<Outcome>? {
        guard let detection, let action else { return nil }
        guard case .principle(let principle) = detection else { return [.allow, action] }
        var outcomes: Set<Outcome> = [.allow]
        if principle.thresholds.flag != nil { outcomes.insert(.flag) }
        if principle.thresholds.block != nil { outcomes.insert(.block) }
        return outcomes
    }
}
