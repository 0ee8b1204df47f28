internal import Moderation

/// Reads the tests of one rule.
struct RuleTestReader {
    /// What the rule can answer; nil when that isn't known.
    let outcomes: Set<Outcome>?
    /// Which directions the rule judges.
    let appliesTo: Set<Direction>
    let problems: ProblemList

    func read(_ rule: MappingReader) -> [RuleTest] {
        guard let items = rule.list("tests") else { return [] }
        return items.enumerated().compactMap { read($1, path: "\(rule.path(of: "tests"))[\($0)]") }
    }

    private func read(_ node: YAMLNode, path: String) -> RuleTest? {
        let known = ["text", "prompt", "response", "expect"]
        guard let keys = MappingReader(node, path: path, noun: "a test", keys: known, problems: problems) else {
            return nil
        }
        keys.reportMissing("expect", help: "say what the rule is to answer: expect: allow")
        let expect = keys.choice("expect", noun: "an outcome") as Outcome?
        if keys.has("text"), keys.has("prompt") {
            problems.add(
                .misplacedKey,
                at: keys.keyLocation("prompt"),
                path: keys.path(of: "prompt"),
                "'text' and 'prompt' are the same",
                help: "keep one of the two"
            )
            return nil
        }
        let promptKey = keys.has("text") ? "text" : "prompt"
        let response = keys.text("response")
        if !keys.has("response"), !keys.has(promptKey) {
            keys.reportMissing(
                "text",
                help: "write the text to judge: 'text' for a user's, 'response' for the chatbot's"
            )
            return nil
        }
        let prompt = keys.text(promptKey)
        checkDirection(keys)
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
        guard let expect, keys.has("response") ? response != nil : prompt != nil else { return nil }
        return RuleTest(prompt: prompt ?? "", response: response, expect: expect, location: node.location)
    }

    private func checkDirection(_ keys: MappingReader) {
        let direction: Direction = keys.has("response") ? .response : .prompt
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
