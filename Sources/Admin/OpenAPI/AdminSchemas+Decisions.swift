import Audit
import Moderation

extension AdminSchemas {
    /// Decisions, as `AuditJSON` writes them, and what is said of them.
    static var decisions: [String: JSON] {
        [
            "Decision": decision,
            "Rule": .shape(
                [
                    "rule": .string, "mode": .words(RuleMode.allCases), "outcome": .words(Outcome.allCases),
                    "score": .score,
                    "thresholds": .shape(["flag": .score, "block": .score], optional: ["flag", "block"]),
                    "screened_out": .flag, "matches": ["type": "object", "additionalProperties": .count],
                    "error": .string,
                ],
                optional: ["score", "thresholds", "error"]
            ),
            "Label": .shape(
                [
                    "decision": .string, "finding": .words(AuditLabel.Finding.allCases), "rule": .string,
                    "note": .string,
                    "actor": .string, "time": .time,
                ],
                optional: ["rule", "note"]
            ),
            "WordWeights": .shape(
                [
                    "rule": .string, "recorded": .score, "score": .score,
                    "pieces": .array(.shape(["text": .string, "weight": .number])),
                ],
                optional: ["recorded"]
            ),
            "DecisionPage": .shape(["decisions": .array(.reference("Decision")), "next": .string], optional: ["next"]),
            "ReviewQueue": .shape([
                "items": .array(
                    .shape(
                        [
                            "decision": .reference("Decision"),
                            "nearest": .shape([
                                "rule": .string, "score": .score, "threshold": .score,
                                "outcome": .words(Outcome.allCases),
                            ]),
                        ],
                        optional: ["nearest"]
                    )
                )
            ]),
            "LabelledRow": .shape(
                [
                    "id": .string, "kind": .words(Direction.allCases), "prompt": .string, "text": .string,
                    "labels": ["type": "object", "additionalProperties": ["type": "integer", "enum": [0, 1]]],
                    "unsafe": ["type": "integer", "enum": [0, 1]], "outcome": .words(Outcome.allCases),
                    "masked": .array(.string), "labelled_by": .string, "note": .string,
                ],
                optional: ["prompt", "unsafe", "note"]
            ),
        ]
    }

    private static var decision: JSON {
        .shape(
            [
                "id": ["type": "string", "format": "uuid"], "time": .time, "direction": .words(Direction.allCases),
                "result": .words(AuditResult.allCases), "outcome": .words(Outcome.allCases),
                "cause": .words(Cause.allCases), "fail_mode": .words(FailMode.allCases),
                "ending": .words(Ending.allCases), "status": .count, "request_id": .string, "route": .string,
                "dialect": .string, "tenant": .string, "client": .string, "conversation": .string, "channel": .string,
                "model": .string, "streamed": .flag,
                "released_characters": .count, "restored": .count, "policy": .string, "policy_revision": .string,
                "rules": .array(.reference("Rule")), "candidate": candidate, "screen_score": .score,
                "coverage": .array(coverage), "classifier": classifier, "judging_ms": .number,
                "content_mode": .words(ContentMode.allCases), "content": .array(content),
                "labels": .array(.reference("Label")), "neighbours": .array(neighbour),
                "deciding_rule": decidingRule,
                "chain": .shape(["sequence": .count, "hash": .hash, "previous": .hash]),
            ],
            optional: [
                "status", "client", "conversation", "channel", "model", "released_characters", "restored", "candidate",
                "screen_score",
                "classifier", "labels", "neighbours", "deciding_rule",
            ]
        )
    }

    private static var neighbour: JSON {
        .shape([
            "sequence": .count, "id": .string, "time": .time, "direction": .words(Direction.allCases),
            "result": .words(AuditResult.allCases),
        ])
    }

    private static var decidingRule: JSON {
        .shape([
            "rule": .string, "policy_revision": .string,
            "passages": .array(.shape(["path": .string, "line": .count, "text": .string])),
        ])
    }

    private static var candidate: JSON {
        .shape([
            "policy": .string, "policy_revision": .string, "outcome": .words(Outcome.allCases),
            "cause": .words(Cause.allCases), "verdicts": .array(.reference("Rule")),
        ])
    }

    private static var coverage: JSON {
        .shape(
            [
                "pointer": .string, "kind": .words(PartKind.allCases), "state": .words(Coverage.State.allCases),
                "reason": .string, "bytes": .count,
            ],
            optional: ["reason"]
        )
    }

    private static var classifier: JSON {
        .shape(
            ["model": .string, "model_digest": .string, "adapter_digest": .string, "template": .string],
            optional: ["adapter_digest"]
        )
    }

    private static var content: JSON {
        .shape(
            [
                "role": .words(Role.allCases), "kind": .words(PartKind.allCases), "pointer": .string, "bytes": .count,
                "digest": .string, "text": .string, "masked": .array(.string), "note": .string, "erased_by": .count,
                "locked_by": .string,
            ],
            optional: ["digest", "text", "note", "erased_by", "locked_by"]
        )
    }

    /// Counts of decisions.
    static var counts: [String: JSON] {
        let outcomes = JSON.shape([
            "total": .count, "flag": .count, "redact": .count, "block": .count, "failed": .count,
        ])
        return [
            "Group": .shape(["name": .string, "counts": outcomes]),
            "RuleCount": .shape(
                [
                    "rule": .string, "flag": .count, "redact": .count, "block": .count, "shadow": .count,
                    "errors": .count,
                    "precision": .shape([
                        "count": .count, "of": .count, "rate": .score, "interval": .array(.score),
                    ]),
                ],
                optional: ["precision"]
            ),
            "Top": .shape([
                "by": .words(TopKey.allCases),
                "items": .array(["oneOf": [.reference("Group"), .reference("RuleCount")]]),
            ]),
            "Stats": .shape(
                [
                    "total": .count, "first": .time, "last": .time,
                    "results": .array(.shape(["result": .words(AuditResult.allCases), "count": .count])),
                    "rules": .array(.reference("RuleCount")),
                    "scores": .array(
                        .shape(
                            ["rule": .string, "counts": .array(.count), "flag": .score, "block": .score],
                            optional: ["flag", "block"]
                        )
                    ),
                    "hours": .array(.shape(["start": .time, "counts": outcomes])),
                    "tenants": .array(.reference("Group")), "guard_unavailable": .count, "failed_open": .count,
                    "judging": .shape(["median": .number, "p90": .number, "p99": .number, "most": .number]),
                ],
                optional: ["first", "last", "judging"]
            ),
        ]
    }
}
