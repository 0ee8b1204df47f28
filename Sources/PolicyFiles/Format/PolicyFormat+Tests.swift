internal import Moderation

extension PolicyFormat {
    /// A file of tests of whole policies.
    static let testFile = MappingFormat(
        name: "testFile",
        noun: "a test file",
        keys: [
            KeyFormat("version", .version(version), absent: .required, "version of this format"),
            KeyFormat("tests", .list(.mapping(policyTest)), absent: .required, "the tests"),
        ]
    )

    /// A test of a whole policy.
    static let policyTest = MappingFormat(
        name: "policyTest",
        noun: "a test of a policy",
        keys: [KeyFormat("name", .text, "a line for people, by which `--run` finds it")]
            + test.keys.filter { $0.name != "score" }.map { key in
                guard key.name == "expect" else { return key }
                var key = key
                key.meaning = "what the whole policy is to decide, with its screen and overrides"
                return key
            } + [
                KeyFormat("rule", .ruleID, "the rule that decides, or one of those that do"),
                KeyFormat("score", .oneOrMore(.mapping(ruleScore)), "bounds of the scores of rules"),
                KeyFormat("scope", .mapping(scope), "where the text comes from and goes to"),
            ],
        atLeastOne: test.atLeastOne
    )

    /// Bounds of the score of a rule.
    static let ruleScore = MappingFormat(
        name: "ruleScore",
        noun: "bounds of a score",
        keys: [KeyFormat("rule", .ruleID, absent: .required, "the rule")] + score.keys,
        atLeastOne: score.atLeastOne
    )

    /// Where a text comes from and goes to.
    static let scope = MappingFormat(
        name: "scope",
        noun: "a scope",
        keys: [
            KeyFormat("route", .text, "route of the gateway, such as `/v1/chat/completions`"),
            KeyFormat("tenant", .text, absent: .fallback("`default`"), "whose traffic"),
            KeyFormat("model", .text, "name of the chatbot's model"),
            KeyFormat("channel", .text, "channel of a chat platform, such as `slack/T024/C012`"),
        ]
    )
}
