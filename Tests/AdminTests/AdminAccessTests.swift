import Admin
import Audit
import Crypto
import Foundation
import Logging
import Moderation
import NIOHTTP1
import Telemetry
import Testing

/// A request that each route answers with success, by the route's method and path; `ID` stands for a decision, `NEW` for a name
/// that is free and `OWN` for a query that the reviewer saved.
let goodRequests: [(route: String, path: String, body: String?, role: AdminRole?)] = [
    ("GET /health", "/health", nil, nil),
    ("GET /ready", "/ready", nil, nil),
    ("GET /metrics", "/metrics", nil, nil),
    ("GET /openapi.json", "/openapi.json", nil, nil),
    ("GET /v1/decisions", "/v1/decisions?outcome=block,allow&limit=2", nil, .reader),
    ("GET /v1/decisions/{id}", "/v1/decisions/ID", nil, .reader),
    ("GET /v1/decisions/{id}/weights", "/v1/decisions/ID/weights?rule=house-words", nil, .reviewer),
    ("GET /v1/queries", "/v1/queries", nil, .reader),
    ("PUT /v1/queries/{name}", "/v1/queries/NEW?outcome=block,flag&since=7d&text=berry", nil, .reviewer),
    ("DELETE /v1/queries/{name}", "/v1/queries/OWN", nil, .reviewer),
    ("GET /v1/export", "/v1/export?tenant=north", nil, .reader),
    ("GET /v1/stats", "/v1/stats?since=2026-01-01", nil, .reader),
    ("GET /v1/top", "/v1/top?by=tenant", nil, .reader),
    ("GET /v1/verify", "/v1/verify", nil, .reader),
    ("GET /v1/checkpoints", "/v1/checkpoints", nil, .reader),
    ("GET /v1/acts", "/v1/acts", nil, .reader),
    ("GET /v1/policies", "/v1/policies", nil, .reader),
    ("GET /v1/policies/log", "/v1/policies/log", nil, .reader),
    ("GET /v1/policies/{revision}", "/v1/policies/cccc", nil, .reader),
    ("GET /v1/search", "/v1/search?words=strawberry", nil, .reviewer),
    ("GET /v1/review", "/v1/review?margin=0.2", nil, .reviewer),
    ("GET /v1/labels", "/v1/labels", nil, .reviewer),
    ("POST /v1/decisions/{id}/labels", "/v1/decisions/ID/labels", #"{"finding":"wrong","note":"a joke"}"#, .reviewer),
    ("POST /v1/checkpoints", "/v1/checkpoints", "{}", .admin),
    ("POST /v1/erase", "/v1/erase", #"{"subject":"tenant:nobody","dry_run":true}"#, .admin),
    ("POST /v1/prune", "/v1/prune", #"{"before":"3650d","dry_run":true}"#, .admin),
    ("POST /v1/retain", "/v1/retain", #"{"dry_run":true}"#, .admin),
    ("POST /v1/rekey", "/v1/rekey", #"{"dry_run":true}"#, .admin),
]

extension RunningAdmin {
    /// Keeps what the good requests ask for, and gives the id of a decision.
    func fill() async throws -> String {
        let full = Fixture.fullRecord()
        try await record(Fixture.record(), full)
        try await store.record(
            .init(kind: .live, revision: Fixture.policy.revision, actor: "start"),
            of: .init(policy: Fixture.policy, files: [.init(path: "default.yaml", text: "version: 1\n")])
        )
        return full.decision.id.description
    }

    /// Sends a good request.
    func ask(good index: Int, id: String, as role: AdminRole?) async throws -> Answer {
        let (route, path, body, _) = goodRequests[index]
        let method = HTTPMethod(rawValue: String(route.prefix { $0 != " " }))
        if path.contains("OWN"), try await store.queries.savedQueries().allSatisfy({ $0.name != "own" }) {
            try await store.queries.save(SavedQuery(name: "own", words: FilterWords(), actor: "the-reviewer"))
        }
        let filled = path.replacing("ID", with: id).replacing("OWN", with: "own")
            .replacing("NEW", with: UUID().uuidString)
        return try await ask(method, filled, as: role, body: body)
    }
}

/// Runs an admin listener that can answer every good request.
func withEverything(_ kind: StoreKind, _ body: @escaping @Sendable (RunningAdmin) async throws -> Void) async throws {
    try await withAdmin(
        kind,
        signing: true,
        textKeys: AuditTextKeys([SymmetricKey(size: .bits256)]),
        retention: RetentionPolicy(texts: [.blocked: 1e9]),
        body
    )
}

@Suite("access to the admin API")
struct AdminAccessTests {
    @Test("each route answers the roles that may, and no others", arguments: StoreKind.allCases)
    func matrix(kind: StoreKind) async throws {
        try await withEverything(kind) { admin in
            let id = try await admin.fill()
            for (index, request) in goodRequests.enumerated() {
                for role in AdminRole.allCases {
                    let answer = try await admin.ask(good: index, id: id, as: role)
                    let isAllowed = request.role.map { role >= $0 } ?? true
                    #expect(
                        isAllowed ? answer.status < 300 : answer.status == 403,
                        "\(request.route) \(role): \(answer.status) \(answer.message)"
                    )
                    if !isAllowed { #expect(answer.code == "forbidden" && answer.message.contains("role \(role)")) }
                }
                let answer = try await admin.ask(good: index, id: id, as: nil)
                if request.role == nil {
                    #expect(answer.status == 200, "\(request.route)")
                } else {
                    #expect(answer.status == 401 && answer.code == "missing_key", "\(request.route)")
                    #expect(answer.headers["www-authenticate"] == ["Bearer realm=\"gatehouse\""])
                    #expect(answer.message.contains("gatehouse admin key create"))
                    #expect(!answer.text.contains(admin.folder.path), "\(request.route)")
                }
            }
        }
    }

    @Test("texts take a reviewer, wherever they are asked for")
    func content() async throws {
        try await withAdmin { admin in
            let id = try await admin.fill()
            for path in ["/v1/decisions?content=true", "/v1/decisions/\(id)?content=true", "/v1/export?content=true"] {
                #expect(try await admin.ask(.GET, path, as: .reader).status == 403, "\(path)")
                #expect(try await admin.ask(.GET, path, as: .reviewer).text.contains("strawberry"), "\(path)")
                let hidden = try await admin.ask(.GET, path.replacing("true", with: "false"), as: .reader)
                #expect(hidden.status == 200 && !hidden.text.contains("strawberry"), "\(path)")
                #expect(!hidden.text.contains("\"digest\""), "\(path)")
            }
            for path in ["decisions", "stats", "export", "top"] {
                let path = "/v1/\(path)?text=straw" + (path == "top" ? "&by=rule" : "")
                let answer = try await admin.ask(.GET, path, as: .reader)
                #expect(
                    answer.status == 403 && answer.message.contains("'text' takes a key of the role reviewer"),
                    "\(path)"
                )
                #expect(try await admin.ask(.GET, path, as: .reviewer).status == 200, "\(path)")
            }
        }
    }

    @Test("no key opens anything but the very ones that were made")
    func otherKeys() async throws {
        try await withAdmin { admin in
            let real = try #require(admin.keys[.admin])
            let digits = Array("0123456789abcdef")
            var others = (0..<300).map { _ in "gatehouse_" + String((0..<64).map { _ in digits.randomElement() ?? "0" })
            }
            others += [
                String(real.dropLast()), real + "0", real.uppercased(), String(real.dropFirst(10)), "gatehouse_",
            ]
            for key in others {
                let headers = [("authorization", "Bearer \(key)")]
                let status = try await admin.ask(.GET, "/v1/acts", as: nil, headers: headers).status
                #expect(status == 401)
            }
        }
    }

    @Test("a key that was revoked, or a new one, counts with the next request")
    func reload() async throws {
        try await withAdmin { admin in
            #expect(try await admin.ask(.GET, "/v1/acts", as: .reader).status == 200)
            try admin.keyFile.revoke(name: "the-reader", by: "test")
            let revoked = try await admin.ask(.GET, "/v1/acts", as: .reader)
            #expect(revoked.status == 401 && revoked.message.contains("this key was revoked"))
            #expect(!revoked.text.contains("the-reader"))
            #expect(admin.logs.all.contains { $0.contains("detail=the key of 'the-reader'") })
            let key = try admin.keyFile.create(name: "ben", role: .reader, by: "test")
            let header = ("authorization", "bearer \(key)")
            #expect(try await admin.ask(.GET, "/v1/acts", as: nil, headers: [header]).status == 200)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: admin.keyFile.path)
            let unusable = try await admin.ask(.GET, "/v1/acts", as: nil, headers: [header])
            #expect(unusable.status == 503 && unusable.code == "keys_unusable")
            #expect(!unusable.text.contains(admin.folder.path))
            try FileManager.default.removeItem(atPath: admin.keyFile.path)
            #expect(try await admin.ask(.GET, "/v1/acts", as: nil, headers: [header]).status == 401)
            #expect(try await admin.ask(.GET, "/health", as: nil).status == 200)
        }
    }

    @Test("an expired key is refused")
    func expiry() async throws {
        try await withAdmin { admin in
            let soon = Date(timeIntervalSinceNow: 1)
            let key = try admin.keyFile.create(name: "ben", role: .reader, expires: soon, by: "test")
            try await Task.sleep(for: .milliseconds(1100))
            let answer = try await admin.ask(.GET, "/v1/acts", as: nil, headers: [("authorization", "Bearer \(key)")])
            #expect(answer.status == 401 && answer.message.contains("this key has expired"))
        }
    }

    @Test("who is not let in is counted, and logged now and then, without the key")
    func failures() async throws {
        try await withAdmin { admin in
            let key = "gatehouse_" + String(repeating: "0", count: 64)
            for _ in 0..<5 {
                let answer = try await admin.ask(
                    .GET,
                    "/v1/acts",
                    as: nil,
                    headers: [("authorization", "Bearer \(key)")]
                )
                #expect(answer.status == 401 && answer.code == "wrong_key" && !answer.text.contains(key))
            }
            for header in ["Basic YTpi", "Bearer", "Bearer a b"] {
                let answer = try await admin.ask(.GET, "/v1/acts", as: nil, headers: [("authorization", header)])
                #expect(answer.status == 401 && answer.code == "wrong_key")
            }
            let metrics = try await admin.ask(.GET, "/metrics", as: nil).text
            #expect(metrics.contains("gatehouse_admin_login_failures_total{reason=\"unknown\"} 5"))
            #expect(metrics.contains("gatehouse_admin_login_failures_total{reason=\"malformed\"} 3"))
            #expect(
                metrics.contains("gatehouse_admin_requests_total{method=\"GET\",route=\"/v1/acts\",status=\"401\"} 8")
            )
            let lines = admin.logs.all.filter { $0.contains("login failed") }
            #expect(
                lines == ["unknown", "malformed"].map { "admin login failed client=127.0.0.1 others=0 reason=\($0)" }
            )
            #expect(!admin.logs.all.contains { $0.contains(key) })
        }
    }

    @Test("requests are logged with whose key it was")
    func logging() async throws {
        try await withAdmin { admin in
            _ = try await admin.ask(.GET, "/v1/decisions?tenant=north", as: .reader)
            let line = "admin request key=the-reader method=GET role=reader route=/v1/decisions status=200"
            #expect(admin.logs.all.contains(line))
            let keys = admin.keys.values
            #expect(!admin.logs.all.contains { line in keys.contains { line.contains($0) } })
        }
    }
}

@Suite("the start of the admin API")
struct AdminStartTests {
    private func server(_ address: String, keys path: String?, in folder: TemporaryFolder) throws -> AdminServer {
        let file = folder.file("audit.sqlite")
        let store = try SQLiteAuditStore(path: file, keeper: ContentKeeper(mode: .full, redactor: NoMasker()))
        return try AdminServer(
            address: try AdminAddress(address),
            keys: AdminKeyRing(path: path),
            store: AdminStore(
                reader: store.reader,
                labels: store.labels,
                upkeep: store.upkeep,
                queries: store.queries,
                signingKey: nil,
                retention: RetentionPolicy()
            ),
            policies: { preconditionFailure("not asked") },
            weigh: { _, _ in preconditionFailure("not asked") },
            checks: { [] },
            metricsText: { "" },
            metricsFactory: PrometheusRegistry(),
            logger: LogLines().logger
        )
    }

    @Test("is refused where others could reach it and nobody has a key")
    func keyless() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("keys.json")
        #expect(throws: AdminError.keyless(address: "0.0.0.0:8081", path: nil)) {
            try server("0.0.0.0:8081", keys: nil, in: folder)
        }
        let error = #expect(throws: AdminError.self) { try server("[::]:8081", keys: path, in: folder) }
        #expect(error == .keyless(address: "[::]:8081", path: path))
        #expect(error?.description.contains("gatehouse admin key create --name NAME") == true)
        #expect(throws: Never.self) { try server("127.0.0.1:8081", keys: nil, in: folder) }
        _ = try AdminKeyFile(path: path).create(name: "anna", role: .reader, by: "root")
        #expect(throws: Never.self) { try server("0.0.0.0:8081", keys: path, in: folder) }
        try AdminKeyFile(path: path).revoke(name: "anna", by: "root")
        #expect(throws: AdminError.self) { try server("0.0.0.0:8081", keys: path, in: folder) }
    }

    @Test("is refused with keys that others may read")
    func openKeys() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("keys.json")
        _ = try AdminKeyFile(path: path).create(name: "anna", role: .reader, by: "root")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: AdminError.self) { try server("127.0.0.1:8081", keys: path, in: folder) }
    }
}
