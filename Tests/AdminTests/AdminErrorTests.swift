import Admin
import Audit
import Foundation
import NIOHTTP1
import Testing

/// One wrong request, and what is said of it.
private struct Wrong: Sendable, CustomTestStringConvertible {
    var method: HTTPMethod = .GET
    var path: String
    var body: String?
    var type: String?
    var status: Int
    var code: String
    /// The parameter or member that is meant.
    var parameter: String?
    /// Words of the message.
    var says: [String]

    var testDescription: String { "\(method) \(path.prefix(60))" }
}

private let wrongs = [
    Wrong(path: "/", status: 404, code: "not_found", says: ["GET /openapi.json"]),
    Wrong(path: "/v1/decisions/", status: 404, code: "not_found", says: ["nothing at this path"]),
    Wrong(path: "/v1/decisions/../acts", status: 404, code: "not_found", says: ["nothing at this path"]),
    Wrong(path: "/v1/decisions/ffff0000", status: 404, code: "not_found", says: ["'ffff0000'"]),
    Wrong(path: "/v1/policies/ffff", status: 404, code: "not_found", says: ["ffff"]),
    Wrong(method: .DELETE, path: "/v1/decisions", status: 405, code: "method_not_allowed", says: ["expected GET"]),
    Wrong(method: .PUT, path: "/v1/checkpoints", status: 405, code: "method_not_allowed", says: ["GET or POST"]),
    Wrong(
        path: "/v1/decisions/xyz",
        status: 422,
        code: "wrong_parameter",
        says: ["'xyz' is not a record id", "expected"]
    ),
    Wrong(
        path: "/v1/decisions?outcomes=block",
        status: 422,
        code: "unknown_parameter",
        parameter: "outcomes",
        says: ["'outcomes' is not a parameter here", "outcome"]
    ),
    Wrong(path: "/health?a=b", status: 422, code: "unknown_parameter", parameter: "a", says: ["expected none"]),
    Wrong(
        path: "/v1/decisions?outcome=blocked",
        status: 422,
        code: "wrong_parameter",
        says: ["'blocked' is not an outcome or ending", "expected one of allow"]
    ),
    Wrong(
        path: "/v1/decisions?since=yesterday",
        status: 422,
        code: "wrong_parameter",
        says: ["not a time", "expected"]
    ),
    Wrong(
        path: "/v1/decisions?limit=0",
        status: 422,
        code: "wrong_parameter",
        parameter: "limit",
        says: ["'0' is no value", "from 1 to 1000"]
    ),
    Wrong(
        path: "/v1/decisions?limit=1001",
        status: 422,
        code: "wrong_parameter",
        parameter: "limit",
        says: ["1 to 1000"]
    ),
    Wrong(path: "/v1/decisions?after=x", status: 422, code: "wrong_parameter", says: ["'x' is not a cursor"]),
    Wrong(path: "/v1/export?after=x", status: 422, code: "wrong_parameter", says: ["'x' is not a position"]),
    Wrong(
        path: "/v1/decisions?tenant=a&tenant=b",
        status: 422,
        code: "wrong_parameter",
        parameter: "tenant",
        says: ["given twice"]
    ),
    Wrong(
        path: "/v1/decisions?tenant=",
        status: 422,
        code: "wrong_parameter",
        parameter: "tenant",
        says: ["0 characters", "a text of 1 to 1024 characters"]
    ),
    Wrong(
        path: "/v1/decisions?unscanned=yes",
        status: 422,
        code: "wrong_parameter",
        parameter: "unscanned",
        says: ["true or false"]
    ),
    Wrong(path: "/v1/decisions?tenant=%FF", status: 400, code: "malformed_request", says: ["percent-encoded UTF-8"]),
    Wrong(
        path: "/v1/top",
        status: 422,
        code: "missing_parameter",
        parameter: "by",
        says: ["'by' is missing", "rule, tenant"]
    ),
    Wrong(
        path: "/v1/top?by=colour",
        status: 422,
        code: "wrong_parameter",
        parameter: "by",
        says: ["'colour'", "one of rule"]
    ),
    Wrong(
        path: "/v1/review?margin=2",
        status: 422,
        code: "wrong_parameter",
        parameter: "margin",
        says: ["from 0 to 1"]
    ),
    Wrong(
        path: "/v1/review?label=none",
        status: 422,
        code: "unknown_parameter",
        parameter: "label",
        says: ["not a parameter"]
    ),
    Wrong(path: "/v1/search", status: 422, code: "missing_parameter", parameter: "words", says: ["'words' is missing"]),
    Wrong(path: "/v1/verify?public_key=/etc/passwd", status: 422, code: "wrong_parameter", says: ["public key"]),
    Wrong(path: "/v1/verify?checkpoint=a", status: 422, code: "wrong_parameter", says: ["not a checkpoint"]),
    Wrong(
        path: "/v1/acts?kind=theft",
        status: 422,
        code: "wrong_parameter",
        parameter: "kind",
        says: ["one of erase,"]
    ),
    Wrong(path: "/v1/acts?after=x", status: 422, code: "wrong_parameter", says: ["'x' is not a position"]),
    Wrong(path: "/v1/acts?since=never", status: 422, code: "wrong_parameter", says: ["'never' is not a time"]),
    Wrong(path: "/v1/stats?query=mine", status: 422, code: "wrong_parameter", says: ["'mine' is not a saved query"]),
    Wrong(
        method: .PUT,
        path: "/v1/queries/a%2Fb",
        status: 422,
        code: "wrong_parameter",
        says: ["'a/b' is not a name for a query", "1 to 64 letters"]
    ),
    Wrong(
        method: .PUT,
        path: "/v1/queries/a?outcome=blocked",
        status: 422,
        code: "wrong_parameter",
        says: ["'blocked' is not an outcome"]
    ),
    Wrong(method: .DELETE, path: "/v1/queries/a", status: 404, code: "not_found", says: ["GET /v1/queries"]),
    Wrong(
        method: .POST,
        path: "/v1/retain",
        body: "{}",
        status: 409,
        code: "conflict",
        says: ["audit.retention is not set"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/rekey",
        body: "{}",
        status: 409,
        code: "conflict",
        says: ["set audit.encryption_key"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/rekey",
        body: #"{"key":"AAAA"}"#,
        status: 422,
        code: "unknown_parameter",
        parameter: "key",
        says: ["'key' is not a member"]
    ),
    Wrong(path: "/v1/acts", body: "{}", status: 400, code: "malformed_request", says: ["takes no body"]),
    Wrong(method: .POST, path: "/v1/erase", status: 415, code: "unsupported_media_type", says: ["application/json"]),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: "subject=a",
        type: "application/x-www-form-urlencoded",
        status: 415,
        code: "unsupported_media_type",
        says: ["application/json"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: "{",
        status: 400,
        code: "malformed_request",
        says: ["one JSON object"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: #"{"subject":1}"#,
        status: 400,
        code: "malformed_request",
        says: ["texts, true or false"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: #"{"subject":"tenant:a","dry_run":null}"#,
        status: 400,
        code: "malformed_request",
        says: ["texts, true or false"]
    ),
    Wrong(
        path: "/v1/decisions?" + Array(repeating: "outcome=block", count: 9).joined(separator: "&"),
        status: 422,
        code: "wrong_parameter",
        parameter: "outcome",
        says: ["too often", "8 times at most"]
    ),
    Wrong(
        path: "/v1/decisions?tenant=" + String(repeating: "%F0%90%80%80", count: 1025),
        status: 422,
        code: "wrong_parameter",
        parameter: "tenant",
        says: ["1025 characters"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: "{}",
        status: 422,
        code: "missing_parameter",
        parameter: "subject",
        says: ["the member 'subject' is missing"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: #"{"subject":"tenant:a","dryrun":true}"#,
        status: 422,
        code: "unknown_parameter",
        parameter: "dryrun",
        says: ["'dryrun' is not a member", "dry_run"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: #"{"subject":"anna"}"#,
        status: 422,
        code: "wrong_parameter",
        says: ["tenant:NAME"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: #"{"subject":"decision:ffff0000"}"#,
        status: 404,
        code: "not_found",
        says: ["ffff0000"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/prune",
        body: #"{"before":"long ago"}"#,
        status: 422,
        code: "wrong_parameter",
        says: ["not a time"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/decisions/ffff0000/labels",
        body: #"{"finding":"maybe"}"#,
        status: 422,
        code: "wrong_parameter",
        parameter: "finding",
        says: ["'maybe'", "right, wrong"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/decisions/ffff0000/labels",
        body: #"{"finding":"right"}"#,
        status: 404,
        code: "not_found",
        says: ["ffff0000"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/checkpoints",
        body: "{}",
        status: 409,
        code: "conflict",
        says: ["audit.signing_key", "gatehouse audit key FILE"]
    ),
    Wrong(
        method: .POST,
        path: "/v1/erase",
        body: String(repeating: " ", count: 65537),
        status: 413,
        code: "body_too_large",
        says: ["65536 bytes"]
    ),
]

@Suite("what the admin API says to requests that are wrong")
struct AdminErrorTests {
    @Test("what was found, what was expected and where, in one shape")
    func shapes() async throws {
        try await withAdmin { admin in
            let check = SchemaCheck(document: try await admin.ask(.GET, "/openapi.json").json)
            for wrong in wrongs {
                let answer = try await admin.ask(
                    wrong.method,
                    wrong.path,
                    body: wrong.body,
                    headers: wrong.type.map { [("content-type", $0)] } ?? []
                )
                let note: Comment = "\(wrong.testDescription): \(answer.status) \(answer.text)"
                #expect(answer.status == wrong.status && answer.code == wrong.code, note)
                #expect(wrong.says.allSatisfy { answer.message.contains($0) }, note)
                let error = try answer.json["error"]
                #expect(error?["parameter"]?.text == wrong.parameter, note)
                #expect(check.faults(try answer.json, .object(["$ref": .text("#/components/schemas/Error")])).isEmpty)
                #expect(answer.headers["content-type"] == ["application/json"])
                #expect(answer.headers["cache-control"] == ["no-store"])
            }
        }
    }

    @Test("what ends the connection says so, also where it is refused")
    func connection() async throws {
        try await withAdmin { admin in
            for (method, path, status) in [
                (HTTPMethod.GET, "/v1/decisions/ffff0000/weights", 404), (.GET, "/v1/decisions/ffff0000", 404),
                (.GET, "/v1/verify", 200),
            ] {
                let answer = try await admin.ask(method, path)
                #expect(answer.status == status, "\(path): \(answer.text)")
                let ends = path.hasSuffix("/weights") || path.hasSuffix("/verify")
                #expect(answer.headers["connection"] == (ends ? ["close"] : []), "\(path)")
            }
        }
    }

    @Test("a method that a path lacks is answered with those that it has")
    func allow() async throws {
        try await withAdmin { admin in
            let answer = try await admin.ask(.PATCH, "/v1/checkpoints")
            #expect(answer.headers["allow"] == ["GET, POST"])
        }
    }

    @Test("a head alone is checked like the whole, and neither read nor recorded")
    func heads() async throws {
        try await withAdmin { admin in
            _ = try await admin.fill()
            for path in ["/v1/export?content=true", "/v1/search?words=strawberry", "/v1/labels"] {
                let head = try await admin.ask(.HEAD, path, as: .reviewer)
                #expect(head.status == 200 && head.text.isEmpty && head.headers["content-type"].count == 1, "\(path)")
                #expect(try await admin.ask(.HEAD, path, as: .reader).status == 403, "\(path)")
                #expect(try await admin.ask(.HEAD, path, as: nil).status == 401, "\(path)")
            }
            #expect(try await admin.ask(.HEAD, "/v1/export?limit=1").status == 422)
            #expect(try await admin.acts().isEmpty)
        }
        try await withAdmin(checks: [AdminCheck("store", isReady: false)]) { admin in
            let head = try await admin.ask(.HEAD, "/ready", as: nil)
            #expect(head.status == 503)
        }
    }

    @Test("a store that can't be written shows no texts, since nobody could tell who read them")
    func unrecorded() async throws {
        try await withAdmin(upkeep: FullUpkeep()) { admin in
            let id = try await admin.fill()
            for path in [
                "decisions?content=true", "decisions/\(id)?content=true", "export", "search?words=good", "labels",
            ] {
                let answer = try await admin.ask(.GET, "/v1/\(path)")
                #expect(answer.status == 503 && answer.code == "store_unavailable", "\(path)")
                #expect(answer.message.contains("no space is left") && !answer.text.contains("strawberry"), "\(path)")
            }
            #expect(try await admin.ask(.GET, "/v1/decisions").status == 200)
            #expect(admin.logs.all.contains { $0.hasPrefix("admin request refused code=store_unavailable") })
        }
    }

    @Test("something that is not ready is said with its name")
    func notReady() async throws {
        let checks = [
            AdminCheck("model", isReady: true), AdminCheck("store", isReady: false, note: "no space is left"),
        ]
        try await withAdmin(checks: checks) { admin in
            let answer = try await admin.ask(.GET, "/ready", as: nil)
            #expect(answer.status == 503)
            #expect(try answer.json["status"]?.text == "not_ready")
            #expect(try answer.json["checks"]?[1]?["note"]?.text == "no space is left")
            #expect(try await admin.ask(.GET, "/health", as: nil).status == 200)
        }
    }
}

/// Can keep nothing: the disk is full.
private struct FullUpkeep: AuditUpkeep {
    private let error = AuditError.full(path: "audit.sqlite")

    func checkpoint(key: AuditSigningKey, now: Date) async throws -> [Checkpoint] { throw error }

    func erase(_ subject: ErasureSubject, by actor: String, key: AuditSigningKey?, now: Date) async throws
        -> UpkeepResult
    { throw error }

    func prune(before time: Date, by actor: String, key: AuditSigningKey?, now: Date) async throws -> UpkeepResult {
        throw error
    }

    func rekey(by actor: String, key: AuditSigningKey?, now: Date) async throws -> UpkeepResult { throw error }

    func retain(_ policy: RetentionPolicy, by actor: String, key: AuditSigningKey?, now: Date) async throws
        -> UpkeepResult
    { throw error }

    func keep(_ draft: AuditActDraft, now: Date) async throws -> AuditAct { throw error }

    func probe() async throws { throw error }
}
