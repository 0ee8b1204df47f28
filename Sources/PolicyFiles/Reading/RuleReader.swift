internal import Moderation

/// Reads one rule.
struct RuleReader {
    let sources: PolicySources
    let problems: ProblemList

    /// The rule; nil, which has then been told, when it can't be used.
    func read(_ node: YAMLNode, path: String) -> Rule? {
        let before = problems.errors
        guard let keys = MappingReader(node, path: path, format: PolicyFormat.rule, problems: problems) else {
            return nil
        }
        let id = id(keys)
        let title = keys.text("title")
        let reader = DetectionReader(sources: sources, problems: problems)
        let kinds = reader.kinds(keys)
        reportMisplaced(keys, kinds: kinds)
        let detection = reader.read(keys, kinds: kinds)
        let action = action(keys, kinds: kinds)
        let redactAs = keys.choice("redact_as", noun: "a way to redact") as RedactionStyle?
        let restores = keys.bool("restore")
        checkRedaction(keys, action: action, style: redactAs, restores: restores)
        let appliesTo =
            keys.choices("applies_to", noun: "a direction").map(Set<Direction>.init) ?? Set(Direction.allCases)
        let mode = keys.choice("mode", noun: "a mode") ?? RuleMode.enforce
        let onError = keys.choice("on_error", noun: "a choice for on_error") ?? ErrorAction.block
        let reply = keys.text("reply").map { $0.trimmingSpace() }
        let isScored = kinds.contains(where: PolicyFormat.scored.contains)
        let isCalibrated = isScored && CalibrationReader(problems: problems).read(keys)
        let tests = RuleTestReader(
            outcomes: detection.flatMap { detection in
                action.map { Rule(id: "", detection: detection, action: $0).outcomes }
            },
            isScored: detection?.needsModel,
            appliesTo: appliesTo,
            problems: problems
        ).read(keys)
        guard let id, let detection, let action, !problems.hasErrors(since: before) else { return nil }
        warn(keys, id: id, mode: mode, detection: detection, isCalibrated: isCalibrated)
        return Rule(
            id: id,
            title: title?.trimmingSpace(),
            detection: detection,
            action: action,
            redactAs: redactAs ?? .mask,
            restores: restores ?? false,
            appliesTo: appliesTo,
            mode: mode,
            onError: onError,
            reply: reply,
            tests: tests,
            location: node.location
        )
    }

    private func warn(_ keys: MappingReader, id: String, mode: RuleMode, detection: Detection, isCalibrated: Bool) {
        if mode == .off {
            keys.report(
                .ruleOff,
                as: .warning,
                "mode",
                "the rule '\(id)' is off and judges nothing",
                help: "remove 'mode: off' to put it in force, or use 'mode: shadow' to record what it would do"
            )
        }
        if mode != .off, !isCalibrated, !TrainedPrinciples.include(detection) {
            let key = keys.has("principle") ? "principle" : "examples"
            keys.reportKey(
                .uncalibrated,
                as: .warning,
                key,
                "nobody has measured what the thresholds of '\(id)' do",
                help: "run 'gatehouse policy calibrate', or use the words that the model was trained on"
            )
        }
        if !keys.has("tests") {
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

    /// Tells keys that don't go with what the rule looks for.
    private func reportMisplaced(_ keys: MappingReader, kinds: [String]) {
        guard kinds.count == 1 else { return }
        for key in PolicyFormat.rule.keys where keys.has(key.name) && !key.only.isEmpty && !key.only.contains(kinds[0])
        {
            let misplaced = MisplacedKey(key: key, kind: kinds[0])
            keys.reportKey(.misplacedKey, key.name, misplaced.message, help: misplaced.help)
        }
    }

    private func action(_ keys: MappingReader, kinds: [String]) -> Outcome? {
        guard kinds.count == 1 else {
            return keys.choice("action", noun: "an action", allowed: PolicyFormat.actions)
        }
        // Thresholds say what a scored rule does.
        if PolicyFormat.scored.contains(kinds[0]) { return keys.has("action") ? nil : .block }
        let isLimits = kinds[0] == "limits"
        let help = "say what the rule does: action: \(isLimits ? "flag or block" : "flag, redact or block")"
        keys.reportMissing("action", help: help)
        return keys.choice(
            "action",
            noun: isLimits ? "an action of a rule with limits" : "an action",
            allowed: PolicyFormat.actions.filter { !isLimits || $0 != .redact }
        )
    }

    private func checkRedaction(_ keys: MappingReader, action: Outcome?, style: RedactionStyle?, restores: Bool?) {
        if let action, action != .redact, action != .block || keys.has("action") {
            for key in ["redact_as", "restore"] where keys.has(key) {
                keys.reportKey(
                    .misplacedKey,
                    key,
                    "'\(key)' is for rules that redact, and this one says 'action: \(action.rawValue)'",
                    help: "write 'action: redact', or remove '\(key)'"
                )
            }
        } else if restores == true, !keys.has("redact_as") || (style != nil && style != .placeholder) {
            keys.reportKey(
                .misplacedKey,
                "restore",
                "only placeholders can be restored",
                help: "add 'redact_as: placeholder', or remove 'restore'"
            )
        }
    }
}

/// Why a key doesn't go with what a rule looks for.
struct MisplacedKey {
    /// What is wrong.
    let message: String
    /// What to do about it.
    let help: String

    /// Words the problem.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - kind: what the rule looks for, such as `terms`.
    init(key: KeyFormat, kind: String) {
        let isScored = PolicyFormat.scored.contains(kind)
        if key.name == "action", isScored {
            message = "a rule with a \(kind == "principle" ? "principle" : "list of examples") has no action"
            help = "its thresholds say what it does: thresholds: { flag: 0.5, block: 0.8 }"
        } else {
            message = "'\(key.name)' is for rules with \(key.only.joined(separator: ", "))"
            help = key.name == "thresholds" ? "say what the rule does: action: flag, redact or block" : "remove it"
        }
    }
}
