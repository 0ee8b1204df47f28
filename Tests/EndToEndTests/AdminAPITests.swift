import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The admin API of the built gateway, with keys that the built command makes.
@Suite("The admin API", .enabled(if: Checkout.hasBinary, "needs the build"))
struct AdminAPITests {
    let folder: PolicyFolder
    let keys: String

    init() throws {
        folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry")])
        keys = try folder.sibling("keys", [:]) + "/admin-keys.json"
    }

    private func run(_ arguments: String...) async throws -> GatehouseProcess {
        let admin = ["--policies", folder.path, "--admin-keys", keys, "--admin-listen", "127.0.0.1:0"]
        return try await GatehouseProcess.start(admin + arguments)
    }

    /// Makes a key with the command.
    private func key(_ name: String, _ role: String, audit: String = "/nonexistent/audit.sqlite") async throws -> String
    {
        let made = try await gatehouse(
            "admin",
            "key",
            "create",
            "--name",
            name,
            "--role",
            role,
            "--admin-keys",
            keys,
            "--audit-file",
            audit
        )
        #expect(made.status == 0 && made.output.count == 75, "\(made.errors)")
        return made.output.trimmingCharacters(in: .newlines)
    }

    private func ask(
        _ gateway: GatehouseProcess,
        _ path: String,
        key: String? = nil,
        body: [String: String]? = nil
    ) async throws -> (status: Int, object: [String: Any]) {
        let admin = try #require(gateway.admin)
        var request = URLRequest(url: try #require(URL(string: path, relativeTo: admin)))
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "authorization") }
        if let body {
            request.httpMethod = "POST"
            request.setValue("application/json", forHTTPHeaderField: "content-type")
            request.httpBody = try JSONSerialization.data(withJSONObject: body)
        }
        let (data, response) = try await URLSession.shared.data(for: request)
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return (try #require((response as? HTTPURLResponse)?.statusCode), object ?? [:])
    }

    @Test("a reviewer reads and labels what was decided; the command line tells who did, and the key can be taken back")
    func review() async throws {
        let gateway = try await run()
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
        #expect(try await ask(gateway, "/v1/decisions").status == 401)
        let anna = try await key("anna", "reviewer", audit: gateway.auditFile)
        let page = try await ask(gateway, "/v1/decisions?outcome=block&content=true", key: anna)
        let decision = try #require((page.object["decisions"] as? [[String: Any]])?.first, "\(page)")
        let id = try #require(decision["id"] as? String)
        #expect("\(decision)".contains("a strawberry"))
        let label = try await ask(
            gateway,
            "/v1/decisions/\(id)/labels",
            key: anna,
            body: ["finding": "wrong", "note": "a fruit"]
        )
        #expect(label.status == 201 && label.object["actor"] as? String == "anna")
        let show = try await gatehouse("audit", "show", id, "--audit-file", gateway.auditFile)
        #expect(show.output.contains("by anna: a fruit"), "\(show.output)\(show.errors)")
        let acts = try await gatehouse("audit", "acts", "--audit-file", gateway.auditFile)
        let lines = acts.output.split(separator: "\n").map { $0.dropFirst(24) }
        #expect(lines.count == 3, "\(acts.output)\(acts.errors)")
        #expect(lines.last == " key_created key:anna reviewer, by \(NSUserName())")
        #expect(lines.dropFirst().first?.hasSuffix(" decisions outcome=block, by anna (reviewer)") == true)
        #expect(lines.first?.hasSuffix(" decision:\(id) wrong, by anna (reviewer)") == true)
        let first = try await gatehouse(
            "audit",
            "acts",
            "--actor",
            "anna",
            "--limit",
            "1",
            "--audit-file",
            gateway.auditFile
        )
        #expect(first.output.split(separator: "\n").count == 1, "\(first.output)")
        #expect(first.errors == "more: --after 3\n")
        #expect(try await gatehouse("audit", "verify", "--audit-file", gateway.auditFile).status == 0)
        let arguments = ["admin", "key", "revoke", "anna", "--admin-keys", keys, "--audit-file", gateway.auditFile]
        #expect(try await command(Checkout.binary, arguments).status == 0)
        #expect(try await ask(gateway, "/v1/decisions", key: anna).status == 401)
        let list = try await gatehouse("admin", "key", "list", "--admin-keys", keys)
        #expect(list.output.hasPrefix("anna  reviewer  revoked  made "), "\(list.output)\(list.errors)")
        #expect(!list.output.contains(anna))
    }

    @Test("readiness says what is ready, and metrics are those of the gateway")
    func machines() async throws {
        let gateway = try await run()
        let ready = try await ask(gateway, "/ready")
        #expect(ready.status == 200 && ready.object["status"] as? String == "ready")
        let names = (ready.object["checks"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
        #expect(names == ["store", "model", "policies"])
        #expect(try await gateway.outcome(of: "a plum") == "allow")
        let url = try #require(URL(string: "/metrics", relativeTo: gateway.admin))
        let text = String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
        #expect(
            text.contains("gatehouse_decisions_total{") && text.contains("gatehouse_admin_requests_total{"),
            "\(text)"
        )
        let reader = try await key("ben", "reader")
        let policies = try await ask(gateway, "/v1/policies", key: reader)
        #expect((policies.object["live"] as? [String: Any])?["name"] as? String == "shop")
        let log = try await ask(gateway, "/v1/policies/log", key: reader)
        #expect((log.object["events"] as? [[String: Any]])?.first?["kind"] as? String == "live")
    }

    @Test("it is off unless it is asked for, and does not start where others could reach it and nobody has a key")
    func opening() async throws {
        let plain = try await GatehouseProcess.start(["--policies", folder.path])
        #expect(plain.admin == nil)
        let serve = ["serve", "--port", "0", "--control", "", "--policies", folder.path, "--audit-file"]
        let open = try await command(
            Checkout.binary,
            serve + [keys + ".sqlite", "--admin-keys", keys, "--admin-listen", "0.0.0.0:0"]
        )
        #expect(open.status == 78 && open.errors.contains("gatehouse admin key create"), "\(open.errors)")
        let port = try #require(plain.base.port)
        let taken = try await command(
            Checkout.binary,
            serve + [keys + ".sqlite", "--admin-listen", "127.0.0.1:\(port)"]
        )
        #expect(
            taken.status == 78 && taken.errors.contains("the admin API can't listen on 127.0.0.1:\(port)"),
            "\(taken.errors)"
        )
    }

    @Test(
        "answers what its description says to whatever a fuzzer asks",
        .enabled(if: Checkout.hasPython, "needs schemathesis")
    )
    func fuzzing() async throws {
        let gateway = try await run()
        for text in ["a plum", "a strawberry"] { _ = try await gateway.outcome(of: text) }
        let key = try await key("fuzzer", "admin")
        let tool = (Checkout.python as NSString).deletingLastPathComponent + "/schemathesis"
        let result = try await command(
            tool,
            [
                "run", try #require(URL(string: "/openapi.json", relativeTo: gateway.admin)).absoluteString,
                "--header", "authorization: Bearer \(key)", "--max-examples", "10", "--seed", "1", "--no-color",
                "--generation-database", "none", "--exclude-checks", "ignored_auth,positive_data_acceptance",
                "--warnings", "off",
            ]
        )
        #expect(result.status == 0, "\(result.output.suffix(6000))\(result.errors.suffix(2000))")
        #expect(try await gatehouse("audit", "verify", "--audit-file", gateway.auditFile).status == 0)
    }
}
