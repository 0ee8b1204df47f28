internal import Moderation

extension PolicyFormat {
    /// A rule.
    static let rule = MappingFormat(
        name: "rule",
        noun: "a rule",
        keys: [
            KeyFormat(
                "id",
                .ruleID,
                absent: .required,
                "its name in records and metrics: up to 64 of `a-z`, `0-9`, `-`, `_` and `.`; keep it when you change the rule"
            ),
            KeyFormat("title", .text, "a line for people"),
            KeyFormat(
                "principle",
                .text,
                absent: oneDetection,
                "what the model judges by, in one or two plain sentences"
            ),
            KeyFormat(
                "examples",
                .mapping(examples),
                absent: oneDetection,
                "texts that show what is meant; the model compares with them"
            ),
            KeyFormat("terms", .list(.text), absent: oneDetection, "words or phrases"),
            KeyFormat(
                "terms_from",
                .list(.text),
                absent: oneDetection,
                "files of terms (`*.txt`, relative to this file), with or without `terms`"
            ),
            KeyFormat("patterns", .list(.text), absent: oneDetection, "regular expressions"),
            KeyFormat("pii", .list(.word(words(PIIKind.self))), absent: oneDetection, "kinds of personal data"),
            KeyFormat(
                "secrets",
                .list(.word(words(SecretKind.self))),
                absent: oneDetection,
                "kinds of keys, tokens and other secrets"
            ),
            KeyFormat("limits", .mapping(limits), absent: oneDetection, "what a text may be at most"),
            KeyFormat(
                "match",
                .word(words(TermMatch.self)),
                absent: .fallback("`word`"),
                only: ["terms"],
                "`stem` finds every form of a word, `word` only the one that is written"
            ),
            KeyFormat("language", .language, absent: .fallback("`en`"), only: ["terms"], "language of `terms`"),
            KeyFormat(
                "screened",
                .bool,
                absent: .fallback("`false`"),
                only: ["principle"],
                "whether a low screening score may answer for this rule"
            ),
            KeyFormat(
                "thresholds",
                .mapping(thresholds),
                absent: .conditional("required with `principle`, `examples`"),
                only: scored,
                "scores from which the rule acts"
            ),
            KeyFormat(
                "calibrated",
                .mapping(calibrated),
                only: scored,
                "what the thresholds were found to do; `gatehouse policy calibrate` writes it"
            ),
            KeyFormat(
                "action",
                .word(actions.map(\.rawValue)),
                absent: .conditional("required without thresholds"),
                only: matched + ["limits"],
                "what is done with a match; `limits` can't redact"
            ),
            KeyFormat(
                "redact_as",
                .word(words(RedactionStyle.self)),
                absent: .fallback("`mask`"),
                only: matched,
                "what stands in the place of a match: its kind, its kind and a number, its kind and a digest"
            ),
            KeyFormat(
                "restore",
                .bool,
                absent: .fallback("`false`"),
                only: matched,
                "with `redact_as: placeholder`: whether the answer gets the original words back"
            ),
            KeyFormat(
                "applies_to",
                .list(.word(words(Direction.self))),
                absent: .fallback("`[prompt, response]`"),
                "which way the text travels"
            ),
            KeyFormat(
                "mode",
                .word(words(RuleMode.self)),
                absent: .fallback("`enforce`"),
                "`shadow` records and does not act; `off` does nothing"
            ),
            KeyFormat(
                "on_error",
                .word(words(ErrorAction.self)),
                absent: .fallback("`block`"),
                "what happens when the rule can't answer: the model is not there, a pattern takes too long"
            ),
            KeyFormat("reply", .text, absent: .fallback("the policy's"), "what the user is told when this rule blocks"),
            KeyFormat(
                "tests",
                .list(.mapping(test)),
                absent: .fallback("none, with a warning"),
                "examples that the rule must get right"
            ),
        ],
        exactlyOne: detections.map { $0 == "terms" ? ["terms", "terms_from"] : [$0] },
        needs: [
            MappingFormat.Need(with: scored, key: "thresholds"),
            MappingFormat.Need(with: matched + ["terms_from", "limits"], key: "action"),
        ]
    )

    private static let oneDetection = KeyFormat.Absence.conditional("one of these")

    /// A test in a rule.
    static let test = MappingFormat(
        name: "test",
        noun: "a test",
        keys: [
            KeyFormat("text", .text, absent: .conditional("required without `response`"), "what the user says"),
            KeyFormat("prompt", .text, "the same as `text`"),
            KeyFormat(
                "response",
                .text,
                "what the chatbot says; makes it a test of a response, with `prompt` the turn before"
            ),
            KeyFormat("before", .list(.mapping(turn)), "earlier turns, oldest first"),
            KeyFormat("expect", .word(words(Outcome.self)), absent: .required, "what this rule alone is to answer"),
            KeyFormat("score", .mapping(score), only: scored, "bounds of the rule's score"),
        ],
        atLeastOne: ["text", "prompt", "response"]
    )

    /// An earlier turn.
    static let turn = MappingFormat(
        name: "turn",
        noun: "a turn",
        keys: [
            KeyFormat("user", .text, "what the user said"),
            KeyFormat("assistant", .text, "what the chatbot said"),
            KeyFormat("system", .text, "the operator's instructions"),
        ],
        exactlyOne: [["user"], ["assistant"], ["system"]]
    )

    /// Bounds of a score.
    static let score = MappingFormat(
        name: "score",
        noun: "bounds of a score",
        keys: [
            KeyFormat("min", .fraction, absent: .fallback("0"), "the lowest score that is right"),
            KeyFormat("max", .fraction, absent: .fallback("1"), "the highest score that is right"),
        ],
        atLeastOne: ["min", "max"]
    )

    /// An override.
    static let override = MappingFormat(
        name: "override",
        noun: "an override",
        keys: [
            KeyFormat(
                "when",
                .mapping(when),
                absent: .fallback("always"),
                "what it is for; everything that is said must fit"
            ),
            KeyFormat("disable", .list(.ruleID), "rules that are turned off"),
            KeyFormat("reply", .text, absent: .fallback("unchanged"), "as in the file"),
            KeyFormat(
                "unscanned",
                .word(unscannedActions.map(\.rawValue)),
                absent: .fallback("unchanged"),
                "as in the file"
            ),
            KeyFormat("rules", .byRule(change), "what changes in which rule, by rule id"),
        ],
        atLeastOne: ["disable", "reply", "unscanned", "rules"]
    )

    /// What an override is for.
    static let when = MappingFormat(
        name: "when",
        noun: "a condition",
        keys: [
            KeyFormat("route", .oneOrMore(.text), absent: .fallback("every route"), "routes, such as `/v1/chat/*`"),
            KeyFormat("tenant", .oneOrMore(.text), absent: .fallback("every tenant"), "tenants"),
            KeyFormat("model", .oneOrMore(.text), absent: .fallback("every model"), "names of the chatbot's models"),
            KeyFormat(
                "channel",
                .oneOrMore(.text),
                absent: .fallback("every channel"),
                "channels of chat platforms, such as `slack/T024/*`"
            ),
            KeyFormat(
                "direction",
                .oneOrMore(.word(words(Direction.self))),
                absent: .fallback("both"),
                "which way the text travels"
            ),
        ]
    )

    /// What an override makes of one rule.
    static let change = MappingFormat(
        name: "change",
        noun: "a change of a rule",
        keys: ["mode", "thresholds", "action", "redact_as", "applies_to", "on_error", "reply"].compactMap { name in
            guard var key = rule[name] else { return nil }
            key.absence = .fallback("unchanged")
            return key
        },
        atLeastOne: ["mode", "thresholds", "action", "redact_as", "applies_to", "on_error", "reply"]
    )
}
