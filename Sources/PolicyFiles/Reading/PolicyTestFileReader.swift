internal import Moderation

/// Reads a file of tests.
struct PolicyTestFileReader {
    /// The policy that is tested.
    let policy: PolicySet
    let problems: ProblemList

    /// The tests that can be used; what can't has been told.
    func read(_ text: String, file: String) -> [PolicyTest] {
        problems.register(file: file, text: text)
        var reader = YAMLReader(file: file, problems: problems)
        guard
            let root = reader.read(text),
            FormatVersionReader(problems: problems).isKnown(root),
            let keys = MappingReader(root, path: "", format: PolicyFormat.testFile, problems: problems)
        else { return [] }
        keys.reportMissing("version", help: "begin the file with 'version: 1'")
        keys.reportMissing("tests", help: "list the tests, each after '- '")
        return (keys.list("tests") ?? []).enumerated().compactMap { test($1, path: "tests[\($0)]") }
    }

    private func test(_ node: YAMLNode, path: String) -> PolicyTest? {
        let before = problems.errors
        guard let keys = MappingReader(node, path: path, format: PolicyFormat.policyTest, problems: problems) else {
            return nil
        }
        let name = keys.text("name")?.trimmingSpace()
        keys.reportMissing("expect", help: "say what the policy is to decide: expect: allow")
        let expect = keys.choice("expect", noun: "an outcome") as Outcome?
        let texts = TestTextReader(problems: problems).read(keys)
        let scope = scope(keys)
        let rule = keys.text("rule")
        let scores = scores(keys)
        guard let expect, let texts, !problems.hasErrors(since: before) else { return nil }
        let test = PolicyTest(
            name: name,
            prompt: texts.prompt,
            response: texts.response,
            before: texts.before,
            expect: expect,
            rule: rule,
            scores: scores,
            route: scope.route,
            tenant: scope.tenant,
            model: scope.model,
            channel: scope.channel,
            location: node.location
        )
        check(test, keys)
        return problems.hasErrors(since: before) ? nil : test
    }

    private func scope(_ test: MappingReader) -> Scope {
        guard let node = test.node("scope"),
            let keys = MappingReader(
                node,
                path: test.path(of: "scope"),
                format: PolicyFormat.scope,
                problems: problems
            )
        else { return Scope() }
        return Scope(
            route: keys.text("route") ?? "",
            tenant: keys.text("tenant") ?? Scope().tenant,
            model: keys.text("model") ?? "",
            channel: keys.text("channel") ?? ""
        )
    }

    private func scores(_ test: MappingReader) -> [PolicyTest.ScoreBounds] {
        (test.oneOrMore("score") ?? []).compactMap { node, path in
            let format = PolicyFormat.ruleScore
            guard let keys = MappingReader(node, path: path, format: format, problems: problems) else { return nil }
            keys.reportMissing("rule", help: "say whose score it is: rule: violence")
            let bounds = ScoreBoundsReader(problems: problems).read(keys)
            guard let id = keys.text("rule"), isKnown(id, keys) else { return nil }
            if policy.rules.first(where: { $0.id == id })?.detection.needsModel != true {
                let help = "name a rule with a principle or examples"
                keys.report(.misplacedKey, "rule", "the rule '\(id)' has no score", help: help)
            }
            return PolicyTest.ScoreBounds(rule: id, min: bounds.min, max: bounds.max)
        }
    }

    private func isKnown(_ id: String, _ keys: MappingReader) -> Bool {
        let known = policy.rules.map(\.id)
        guard !known.contains(id) else { return true }
        let help = Suggestion.help(for: id, in: known)
        keys.report(.unknownRule, "rule", "'\(id)' is not a rule of the policy", help: help)
        return false
    }

    /// Tells what the policy can never do.
    private func check(_ test: PolicyTest, _ keys: MappingReader) {
        guard let id = test.rule, isKnown(id, keys) else { return }
        guard test.expect != .allow else {
            let message = "no rule decides that a text may pass"
            keys.reportKey(.misplacedKey, "rule", message, help: "remove 'rule', or expect another outcome")
            return
        }
        guard let rule = policy.effective(in: test.scope, test.direction).rules.first(where: { $0.id == id }) else {
            return
        }
        if rule.mode != .enforce {
            let message = "the rule '\(id)' is '\(rule.mode.rawValue)' here and decides nothing"
            keys.report(.impossibleExpectation, "rule", message, help: "name another rule, or put this one in force")
        } else if !rule.appliesTo.contains(test.direction) {
            let message = "the test is for a \(test.direction.rawValue), which the rule '\(id)' does not judge"
            keys.report(.wrongDirection, "rule", message, help: "name a rule that judges \(test.direction.rawValue)s")
        } else if !rule.outcomes.contains(test.expect) {
            let possible = Outcome.allCases.filter(rule.outcomes.contains).map(\.rawValue).joined(separator: ", ")
            let message = "the rule '\(id)' never answers '\(test.expect.rawValue)'"
            keys.report(.impossibleExpectation, "expect", message, help: "it answers one of: \(possible)")
        }
    }
}

extension Rule {
    /// What the rule can answer.
    var outcomes: Set<Outcome> {
        guard let thresholds = detection.thresholds else { return [.allow, action] }
        var outcomes: Set<Outcome> = [.allow]
        if thresholds.flag != nil { outcomes.insert(.flag) }
        if thresholds.block != nil { outcomes.insert(.block) }
        return outcomes
    }
}
