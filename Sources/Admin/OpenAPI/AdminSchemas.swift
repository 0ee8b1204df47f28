import Audit
import Moderation

/// Shapes of what the admin API answers, as JSON Schema; closed, so that a member that is not described is found.
enum AdminSchemas {
    /// Every schema by its name.
    static var all: [String: JSON] {
        let own: [String: JSON] = [
            "Error": .shape(
                [
                    "error": .shape(
                        ["code": .words(AdminRefusal.Code.allCases), "message": .string, "parameter": .string],
                        optional: ["parameter"]
                    )
                ]
            ),
            "Health": .shape(["status": .fixed("ok")]),
            "Readiness": .shape([
                "status": ["type": "string", "enum": ["ready", "not_ready"]],
                "checks": .array(.shape(["name": .string, "ready": .flag, "note": .string], optional: ["note"])),
            ]),
        ]
        return [own, decisions, counts, integrity, policies].reduce(into: [:]) { all, some in
            all.merge(some) { first, _ in first }
        }
    }

    private static var policies: [String: JSON] {
        [
            "Policy": .shape(["name": .string, "revision": .string, "rules": .count, "since": .time]),
            "Policies": .shape(
                ["live": .reference("Policy"), "candidate": .reference("Policy"), "problem": .string],
                optional: ["candidate", "problem"]
            ),
            "PolicyEvents": .shape([
                "events": .array(
                    .shape(
                        [
                            "time": .time, "kind": .words(PolicyEvent.Kind.allCases), "revision": .string,
                            "actor": .string,
                            "note": .string,
                        ],
                        optional: ["revision", "note"]
                    )
                )
            ]),
            "SavedQuery": .shape([
                "name": .string, "words": words, "actor": .string, "time": .time,
            ]),
            "SavedQueries": .shape(["queries": .array(.reference("SavedQuery"))]),
            "KeptPolicy": .shape([
                "name": .string, "revision": .string, "first_seen": .time,
                "rules": .array(.shape(["id": .string, "mode": .words(RuleMode.allCases)])),
                "files": .array(.shape(["path": .string, "text": .string])),
            ]),
        ]
    }

    private static var words: JSON {
        let names = FilterWord.allCases.map(\.rawValue)
        return .shape(
            Dictionary(uniqueKeysWithValues: names.map { ($0, JSON.array(.string)) }),
            optional: Set(names)
        )
    }

    private static var integrity: [String: JSON] {
        let place = JSON.shape(["sequence": .count, "hash": .hash])
        let kinds = JSON.words(ChainFault.Kind.allCases)
        return [
            "Report": .shape(
                [
                    "pruned": .count, "records": .count, "head": .hash, "checkpoints": .count, "acts": .count,
                    "unsealed_acts": .count, "erased_texts": .count, "unsealed": .count, "locked_texts": .count,
                    "missing_keys": .array(.string), "labels": .count, "unsealed_labels": .count,
                    "chains": .array(.reference("Report")),
                    "seal": .shape(["sequence": .count, "time": .time, "key": .string]),
                    "fault": .shape(
                        ["sequence": .count, "id": .string, "kind": kinds, "other": .count, "chain": .count],
                        optional: ["id", "other", "chain"]
                    ),
                    "clock_setback": .shape([
                        "times": .count, "sequence": .count, "id": .string, "seconds": .number,
                    ]),
                ],
                optional: ["seal", "fault", "clock_setback"]
            ),
            "Checkpoints": .shape([
                "checkpoints": .array(
                    .shape([
                        "line": .string, "number": .count, "sequence": .count, "hash": .hash, "time": .time,
                        "key": .string,
                    ])
                )
            ]),
            "Act": .shape([
                "number": .count, "time": .time, "kind": .words(AuditAct.Kind.allCases), "actor": .string,
                "subject": .string, "records": .count, "texts": .count, "first": place, "last": place,
            ]),
            "ActPage": .shape(["acts": .array(.reference("Act")), "next": .string], optional: ["next"]),
            "Upkeep": .shape(
                [
                    "dry_run": .flag, "records": .count, "texts": .count, "excess_bytes": .count,
                    "acts": .array(.reference("Act")), "log_emptied": .flag,
                ],
                optional: ["records", "texts", "excess_bytes", "acts", "log_emptied"]
            ),
        ]
    }
}

extension JSON {
    static let string: JSON = ["type": "string"]
    static let flag: JSON = ["type": "boolean"]
    static let count: JSON = ["type": "integer", "minimum": 0]
    static let number: JSON = ["type": "number"]
    static let score: JSON = ["type": "number", "minimum": 0, "maximum": 1]
    static let time: JSON = ["type": "string", "format": "date-time"]
    static let hash: JSON = ["type": "string", "pattern": "^[0-9a-f]{64}$"]

    /// One text and no other.
    static func fixed(_ text: String) -> JSON { ["type": "string", "const": .text(text)] }

    /// A schema that is described elsewhere.
    static func reference(_ name: String) -> JSON { ["$ref": .text("#/components/schemas/\(name)")] }

    /// A list.
    static func array(_ items: JSON) -> JSON { ["type": "array", "items": items] }

    /// One of the words of a type.
    static func words(_ values: [some RawRepresentable<String>]) -> JSON {
        ["type": "string", "enum": .list(values.map { .text($0.rawValue) })]
    }

    /// An object with these members and no others.
    static func shape(_ members: [String: JSON], optional: Set<String> = []) -> JSON {
        let required = members.keys.filter { !optional.contains($0) }.sorted()
        var schema: [String: JSON] = [
            "type": "object", "properties": .object(members), "additionalProperties": false,
        ]
        if !required.isEmpty { schema["required"] = .list(required.map(JSON.text)) }
        return .object(schema)
    }
}
