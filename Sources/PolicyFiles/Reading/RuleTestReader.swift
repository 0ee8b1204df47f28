internal import Moderation

/// Reads the tests of one rule.
struct RuleTestReader {
    /// What the rule can answer; nil when that isn't known.
    let outcomes: Set<Outcome>?
    /// Whether the rule has a score; nil when that isn't known.
    let isScored: Bool?
    /// Which directions the rule judges.
    let appliesTo: Set<Direction>
    let problems: ProblemList

    func read(_ rule: MappingReader) -> [RuleTest] {
        guard let items = rule.list("tests") else { return [] }
        return items.enumerated().compactMap { read($1, path: "\(rule.path(of: "tests"))[\($0)]") }
    }

    private func read(_ node: YAMLNode, path: String) -> RuleTest? {
        guard let keys = MappingReader(node, path: path, format: PolicyFormat.test, problems: problems) else {
            return nil
        }
        keys.reportMissing("expect", help: "say what the rule is to answer: expect: allow")
        let expect = keys.choice("expect", noun: "an outcome") as Outcome?
        let texts = TestTextReader(problems: problems).read(keys)
        if isScored == false, keys.has("score") {
            keys.reportKey(
                .misplacedKey,
                "score",
                "'score' is for tests of rules with principle, examples",
                help: "remove it; 'expect' says all there is to say"
            )
        }
        let score = ScoreBoundsReader(problems: problems).read(keys, "score")
        guard let texts else { return nil }
        checkDirection(keys, texts.response == nil ? .prompt : .response)
        if let expect, let outcomes, !outcomes.contains(expect) {
            let possible = Outcome.allCases.filter(outcomes.contains).map(\.rawValue).joined(separator: ", ")
            keys.report(
                .impossibleExpectation,
                "expect",
                "the rule never answers '\(expect.rawValue)'",
                help: "it answers one of: \(possible)"
            )
            return nil
        }
        guard let expect else { return nil }
        return RuleTest(
            prompt: texts.prompt,
            response: texts.response,
            expect: expect,
            before: texts.before,
            minScore: score.min,
            maxScore: score.max,
            location: node.location
        )
    }

    private func checkDirection(_ keys: MappingReader, _ direction: Direction) {
        guard !appliesTo.contains(direction) else { return }
        let other = direction == .prompt ? "write the chatbot's text as 'response'" : "write the user's text as 'text'"
        problems.add(
            .wrongDirection,
            at: keys.location,
            path: keys.path,
            "the test is for a \(direction.rawValue), which the rule does not judge",
            help: "\(other), or add \(direction.rawValue) to applies_to"
        )
    }
}
