import Gateway
import HTTPTypes
import Moderation
import Testing

@Suite("Whose traffic a request is")
struct TenantTests {
    /// One key of each tenant, by SHA-256: `key-one` and `key-two`.
    private static let names = [
        "9b346041bc9a49574eb2665b2ad2a0a3f9f9cce4e42f5d1f26deb8a256b5966a": "acme",
        "c8df51469c308a59bfbd48a3e0bdd228ca922d6032035f5ef6e4ad45f473a9f3": "walled",
    ]
    private static let policy: PolicySet = {
        var policy = testPolicy
        var change = RuleChange()
        change.mode = .off
        policy.overrides = [
            Override(scope: ScopePattern(tenants: ["acme"]), changes: ["bad": change]),
            Override(scope: ScopePattern(routes: ["unread"], tenants: ["walled"]), unscanned: .block),
            Override(scope: ScopePattern(models: ["lax-*"]), changes: ["bad": change]),
        ]
        return policy
    }()

    private func settings(header: String? = nil) -> GatewaySettings {
        let clients = ["c8df51469c308a59bfbd48a3e0bdd228ca922d6032035f5ef6e4ad45f473a9f3": "mobile"]
        return GatewaySettings(
            tenants: Tenants(names: Self.names, clients: clients, header: header.flatMap { HTTPField.Name($0) })
        )
    }

    @Test(
        "a key says whose request it is, in whichever field official clients send it",
        arguments: [
            ("authorization: Bearer key-one\r\n", "", "acme"), ("Authorization: bearer  key-one \r\n", "", "acme"),
            ("x-api-key: key-one\r\n", "", "acme"), ("api-key: key-two\r\n", "", "walled"),
            ("x-goog-api-key: key-one\r\n", "", "acme"), ("", "?alt=x&key=key%2Done", "acme"),
            ("authorization: Bearer other\r\nx-api-key: key-two\r\n", "", "walled"),
            ("authorization: Bearer key-three\r\n", "?key=", "default"), ("", "", "default"),
            ("x-tenant: acme\r\n", "?akey=key-one", "default"),
        ]
    )
    func keys(fields: String, query: String, tenant: String) async throws {
        try await withGateway(settings(), policy: Self.policy, upstream: answering(chatAnswer("Yes."))) { gateway in
            let path = "/v1/chat/completions" + query
            let response = try await withConnection(to: gateway.port) {
                try await $0.request("POST", path, fields: fields, body: chatRequest("a badword"))
            }
            // Only one tenant's policy lets that pass.
            #expect(response.text.contains("Not that.") == (tenant != "acme"))
            #expect(gateway.audit.records.allSatisfy { $0.tenant == tenant } && !gateway.audit.records.isEmpty)
            // A key is called as the settings say, or else by the first digits of its digest; one that nobody knows is not named.
            let client = ["acme": "9b346041", "walled": "mobile"][tenant]
            #expect(gateway.audit.records.allSatisfy { $0.client == client })
            #expect(!gateway.audit.records.contains { "\($0)".contains("key-") })
        }
    }

    @Test("a field is trusted only where the settings say so, and is not passed on", arguments: [true, false])
    func header(isTrusted: Bool) async throws {
        let seen = AsyncStream.makeStream(of: Wire.Message.self)
        let script: @Sendable (Wire) async throws -> Void = { wire in
            seen.continuation.yield(try await wire.message())
            try await wire.respond(chatAnswer("Yes."))
        }
        let settings = settings(header: isTrusted ? "X-Tenant" : nil)
        try await withGateway(settings, policy: Self.policy, upstream: script) { gateway in
            let fields = "x-tenant: someone else\r\nx-tenant: ac me\r\nauthorization: Bearer key-two\r\n"
            _ = try await withConnection(to: gateway.port) {
                try await $0.request(fields: fields, body: chatRequest("hello"))
            }
            #expect(gateway.audit.records.map(\.tenant) == Array(repeating: isTrusted ? "ac?me" : "walled", count: 2))
            #expect(gateway.audit.records.map(\.client) == ["mobile", "mobile"])
            for await message in seen.stream {
                #expect((message["x-tenant"] == nil) == isTrusted && message["authorization"] == "Bearer key-two")
                break
            }
        }
    }

    @Test("what passes unread, and moderations, know their tenants too")
    func otherRoutes() async throws {
        try await withGateway(settings(), policy: Self.policy, upstream: answering("{}")) { gateway in
            func post(_ path: String, _ key: String, _ body: String) async throws -> Wire.Message {
                try await withConnection(to: gateway.port) {
                    try await $0.request("POST", path, fields: "authorization: Bearer \(key)\r\n", body: body)
                }
            }
            #expect(try await post("/v1/files", "key-one", "{}").status == 200)
            #expect(try await post("/v1/files", "key-two", "{}").status == 400)
            let moderated = try await post("/v1/moderations", "key-one", #"{"input":"a badword"}"#)
            #expect(moderated.text.contains(#""flagged":false"#))
            #expect(gateway.audit.records.map(\.tenant) == ["acme", "walled", "acme"])
            #expect(gateway.audit.records.map(\.client) == ["9b346041", "mobile", "9b346041"])
        }
    }

    @Test("a policy may differ by model; the record shows the name that the policy was asked with")
    func models() async throws {
        try await withGateway(policy: Self.policy, upstream: answering(chatAnswer("Yes."))) { gateway in
            for (model, isBlocked) in [("lax-1", false), ("lax 1", true), ("strict", true)] {
                let body = chatRequest("a badword").replacing("\"demo\"", with: "\"\(model)\"")
                let text = try await gateway.chat(body).text
                #expect(text.contains("Not that.") == isBlocked)
            }
            #expect(gateway.audit.prompts.map(\.model) == ["lax-1", "lax?1", "strict"])
        }
    }
}
