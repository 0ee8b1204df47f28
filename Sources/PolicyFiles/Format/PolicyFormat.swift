internal import Moderation

/// The keys of a policy file, each written once: reader, JSON Schema and documentation are made of them.
enum PolicyFormat {
    /// The version of the format that is read.
    static let version = 1
    /// What an author may do with a match.
    static let actions = [Outcome.flag, .redact, .block]
    /// What a policy may do about content that no detector reads.
    static let unscannedActions = [Outcome.allow, .flag, .block]
    /// Keys of which a rule has one, terms and lists of terms counted together.
    static let detections = ["principle", "examples", "terms", "patterns", "pii", "secrets", "limits"]
    /// Detections that have thresholds.
    static let scored = ["principle", "examples"]
    /// Detections whose matches can be replaced.
    static let matched = ["terms", "patterns", "pii", "secrets"]

    /// A file.
    static let file = MappingFormat(
        name: "file",
        noun: "a policy file",
        keys: [
            KeyFormat("version", .version(version), absent: .required, "version of this format"),
            KeyFormat(
                "policy",
                .text,
                absent: .conditional("required, once in a folder"),
                "name of the policy; recorded with each decision"
            ),
            KeyFormat(
                "extends",
                .oneOrMore(.text),
                "policies (files or folders, relative to this file) whose rules come first"
            ),
            KeyFormat(
                "locked",
                .bool,
                absent: .fallback("`false`"),
                "whether the rules may only be made stricter by those who extend them and by overrides"
            ),
            KeyFormat("disable", .list(.ruleID), "rules of the extended policies that are turned off"),
            KeyFormat(
                "reply",
                .text,
                absent: .fallback("`\(PolicySet.defaultReply)`"),
                "what the user is told when a rule without a reply of its own blocks"
            ),
            KeyFormat("screen", .mapping(screen), absent: .fallback("no screen"), "a cheap first question"),
            KeyFormat(
                "unscanned",
                .word(unscannedActions.map(\.rawValue)),
                absent: .fallback("`flag`"),
                "what is done about content that no detector reads: images, sound, files, paths of an API that nobody knows"
            ),
            KeyFormat(
                "rules",
                .list(.mapping(rule)),
                absent: .conditional("required without `extends` and `overrides`"),
                "the rules"
            ),
            KeyFormat(
                "overrides",
                .list(.mapping(override)),
                "what differs for some routes, tenants, models, channels or one direction"
            ),
        ],
        atLeastOne: ["rules", "extends", "overrides"]
    )

    /// The screen.
    static let screen = MappingFormat(
        name: "screen",
        noun: "a screen",
        keys: [
            KeyFormat("principle", .text, absent: .required, "the question, put like a rule's principle"),
            KeyFormat(
                "bar",
                .fraction,
                absent: .required,
                "below this score, `screened` rules are not asked one by one"
            ),
        ]
    )

    /// Thresholds.
    static let thresholds = MappingFormat(
        name: "thresholds",
        noun: "thresholds",
        keys: [
            KeyFormat("flag", .fraction, "score from which the text is flagged; not above `block`"),
            KeyFormat("block", .fraction, "score from which the text is blocked"),
        ],
        atLeastOne: ["flag", "block"]
    )

    /// Example texts.
    static let examples = MappingFormat(
        name: "examples",
        noun: "examples",
        keys: [
            KeyFormat("positive", .list(.text), absent: .required, "texts that the rule is to catch"),
            KeyFormat("negative", .list(.text), "look-alikes that it is to let pass"),
        ]
    )

    /// Limits.
    static let limits = MappingFormat(
        name: "limits",
        noun: "limits",
        keys: [
            KeyFormat("max_characters", .count(least: 1), absent: .fallback("any number"), "most Unicode characters"),
            KeyFormat("max_links", .count(least: 0), absent: .fallback("any number"), "most links"),
            KeyFormat(
                "max_repetition",
                .fraction,
                absent: .fallback("any"),
                "largest part of a text that repeats what it said before"
            ),
            KeyFormat("languages", .list(.language), absent: .fallback("every language"), "languages that are welcome"),
        ],
        atLeastOne: ["max_characters", "max_links", "max_repetition", "languages"]
    )

    /// What `gatehouse policy calibrate` measured.
    static let calibrated = MappingFormat(
        name: "calibrated",
        noun: "a calibration",
        keys: [
            KeyFormat(
                "false_positive_rate",
                .fraction,
                absent: .required,
                "share of the harmless texts that the thresholds catch"
            ),
            KeyFormat(
                "interval",
                .interval,
                absent: .required,
                "the lowest and the highest rate that are likely (95 %)"
            ),
            KeyFormat("recall", .fraction, "share of the harmful texts that they catch"),
            KeyFormat("rows", .count(least: 1), absent: .required, "how many texts were measured"),
            KeyFormat("date", .label, absent: .required, "the day, such as `2026-11-24`"),
            KeyFormat("model", .label, absent: .required, "beginning of the digest of the model that was measured"),
        ]
    )
}
