import Foundation
import GatehouseApp
import Gateway
import HTTPTypes
import Testing

@Suite("Routes and platforms in the settings file")
struct ListSettingsTests {
    /// Reads a settings file; `FILE` stands for its path in what is thrown.
    private func settings(_ text: String) throws -> Settings {
        let path = FileManager.default.temporaryDirectory.appending(path: "lists-\(UUID().uuidString).yaml").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var loader = SettingsLoader()
        try loader.readFile(path)
        return try loader.settings()
    }

    private func message(_ text: String) -> String {
        do {
            _ = try settings(text)
            return "taken for good"
        } catch {
            let text = "\(error)"
            return text.range(of: ".yaml:").map { String(text[$0.upperBound...]) } ?? text
        }
    }

    @Test("a route names where texts stand, and every key has its place")
    func route() throws {
        let text = """
            upstream: http://127.0.0.1:9000
            routes:
              - path: /Chat
                prompt: $.message
                history: $.history[*].text
                system: /instructions
                reply: $.answer.text
                stream: sse
                delta: $.token
                end: ""
                refusal: { answer: { text: "Sorry: {reply}" }, ok: false, n: 1.50, version: "2", note: no, list: [null] }
                refusal_event: '{"type": "token", "token": "{reply}"}'
                mode: whole
              - { path: /v1/chat/completions, mode: observe }
            """
        let gateway = try settings(text).gateway
        let expected = CustomRoute(
            path: "/Chat",
            prompt: try JSONPath("$.message"),
            history: try JSONPath("$.history[*].text"),
            system: try JSONPath("/instructions"),
            reply: try JSONPath("$.answer.text"),
            stream: .sse,
            delta: try JSONPath("$.token"),
            refusal: ReplyTemplate(
                #"{"answer":{"text":"Sorry: {reply}"},"ok":false,"n":1.50,"version":"2","note":"no","list":[null]}"#
            ),
            refusalEvent: ReplyTemplate(#"{"type": "token", "token": "{reply}"}"#),
            end: ""
        )
        #expect(gateway.routes == [expected])
        #expect(gateway.modes == ["/chat": .whole, "/v1/chat/completions": .observe])
    }

    @Test(
        "what is wrong with a route is told with its place",
        arguments: [
            (
                "routes: {path: /chat}",
                "1:9: the value of 'routes' is not usable; expected a list: one entry a line after '- '"
            ),
            (
                "routes:\n  - /chat",
                "2:5: the value of 'routes[0]' is not usable; expected a route: a mapping with path, prompt"
            ),
            ("routes:\n  - path: /c\n    promt: $.m", "3:5: 'promt' is not a key of a route; did you mean 'prompt'?"),
            ("routes:\n  - path: /c\n    xyz: 1", "3:5: 'xyz' is not a key of a route; use one of: path, prompt, "),
            ("routes:\n  - prompt: $.m", "2:5: 'routes[0].path' is missing; expected a path such as /chat"),
            (
                "routes:\n  - path: chat",
                "2:11: the value of 'routes[0].path' is not usable; expected a path such as /chat"
            ),
            ("routes:\n  - path: /Health", "2:11: the value of 'routes[0].path' is not usable; expected another path"),
            (
                "routes:\n  - path: /c",
                "2:5: 'routes[0].prompt' is missing; expected the person's message, such as $.message"
            ),
            (
                "routes:\n  - path: /c\n    prompt: $.m",
                "2:5: 'routes[0].reply' is missing; expected the chatbot's text"
            ),
            (
                "routes:\n  - path: /c\n    prompt: message",
                "3:13: the value of 'routes[0].prompt' is not usable; expected a path such as $.message, $.list[*].text or "
                    + "/message: expected '$' or '/' at character 1"
            ),
            ("routes:\n  - path: /c\n    prompt: [a]", "3:13: the value of 'routes[0].prompt' is not usable"),
            (
                "routes:\n  - path: /c\n    mode: hole",
                "3:11: the value of 'routes[0].mode' is not usable; expected hold, whole or "
                    + "observe; did you mean 'hold'?"
            ),
            (
                "routes:\n  - {path: /c, prompt: $.m, reply: $.r, delta: $.d}",
                "2:5: 'routes[0].stream' is missing; expected sse or ndjson, since 'delta' is for streams"
            ),
            (
                "routes:\n  - {path: /c, prompt: $.m, reply: $.r, refusal: {text: No}}",
                "2:50: the value of 'routes[0].refusal' is not usable; expected a mapping, or JSON, with {reply} in one of "
                    + "its texts"
            ),
            (
                "routes:\n  - {path: /c, mode: hold}\n  - {path: /C/, mode: hold}",
                "3:12: the value of 'routes[1].path' is not usable; expected a path that no other entry has"
            ),
            ("rutes: []", "1:1: unknown setting 'rutes'; did you mean 'routes'?"),
        ]
    )
    func badRoutes(text: String, expected: String) {
        #expect(message(text).hasPrefix(expected), "\(message(text))")
    }

    @Test("a platform names who sends events, how that is proven, and the bot")
    func platform() throws {
        let text = """
            platforms:
              - path: /slack/events
                platform: slack
                secret: ${SLACK_SIGNING_SECRET}
                bot: http://127.0.0.1:9000/slack/events
              - { path: /d, platform: discord, secret: "00", bot: "http://bot", api: "http://api/v10" }
            """
        let platforms = try settings(text).platforms
        #expect(platforms.map(\.path) == ["/slack/events", "/d"])
        #expect(platforms.map(\.kind) == [.slack, .discord])
        #expect(platforms.map(\.secret) == ["${SLACK_SIGNING_SECRET}", "00"])
        #expect(platforms.map(\.botBase) == ["http://127.0.0.1:9000", "http://bot"])
        #expect(platforms.map(\.botPath) == ["/slack/events", "/"])
        #expect(platforms.map(\.api) == ["https://discord.com/api/v10", "http://api/v10"])
    }

    @Test(
        "what is wrong with a platform is told with its place",
        arguments: [
            ("path: /p", "2:5: 'platforms[0].platform' is missing; expected slack, discord or google_chat"),
            (
                "path: /p, platform: slck",
                "2:26: the value of 'platforms[0].platform' is not usable; expected slack, discord "
                    + "or google_chat; did you mean 'slack'?"
            ),
            ("path: /p, platform: slack", "2:5: 'platforms[0].bot' is missing; expected the URL of the bot's webhook"),
            ("path: /p, platform: slack, bot: 'http://b/?x'", "2:38: the value of 'platforms[0].bot' is not usable"),
            (
                "path: /p, platform: slack, bot: 'http://b'",
                "2:5: 'platforms[0].secret' is missing; expected the app's signing "
                    + "secret, such as ${SLACK_SIGNING_SECRET}"
            ),
            (
                "path: /p, platform: google_chat, bot: 'http://b'",
                "2:5: 'platforms[0].secret' is missing; expected the app's "
                    + "verification token, or 'public_key' and 'audience' instead"
            ),
            (
                "path: /p, platform: google_chat, bot: 'http://b', public_key: k",
                "2:5: 'platforms[0].audience' is missing"
            ),
            ("path: /p, secrt: x", "2:16: 'secrt' is not a key of a platform; did you mean 'secret'?"),
        ]
    )
    func badPlatforms(entry: String, expected: String) {
        let text = "platforms:\n  - {\(entry)}"
        #expect(message(text).hasPrefix(expected), "\(message(text))")
    }

    @Test("tenants are known by digests of their keys, and a field is trusted where it is named")
    func tenants() throws {
        let (one, two, three) = (
            String(repeating: "1", count: 64), String(repeating: "Ab", count: 32), String(repeating: "0", count: 64)
        )
        let text = """
            tenants:
              - { name: acme, keys: \(one) }
              - name: north_2.x
                keys: { mobile: \(two), web-1: "\(three)" }
            tenant_header: X-Tenant
            """
        let tenants = try settings(text).gateway.tenants
        #expect(tenants.names == [one: "acme", two.lowercased(): "north_2.x", three: "north_2.x"])
        #expect(tenants.clients == [two.lowercased(): "mobile", three: "web-1"])
        #expect(tenants.header?.canonicalName == "x-tenant")
        #expect(try settings("port: 1").gateway.tenants == Tenants())
    }

    @Test(
        "what is wrong with a tenant is told with its place, and no value",
        arguments: [
            (
                "tenants:\n  - acme",
                "2:5: the value of 'tenants[0]' is not usable; expected a tenant: a mapping with name, keys"
            ),
            ("tenants:\n  - { keys: [] }", "2:5: 'tenants[0].name' is missing; expected a name of 1 to 64 letters"),
            ("tenants:\n  - { name: a b, keys: [] }", "2:13: the value of 'tenants[0].name' is not usable"),
            ("tenants:\n  - { name: a }", "2:5: 'tenants[0].keys' is missing; expected the SHA-256 of each API key"),
            ("tenants:\n  - { name: a, keys: [] }", "2:22: the value of 'tenants[0].keys' is not usable"),
            ("tenants:\n  - { name: a, keys: sk-secret }", "2:22: the value of 'tenants[0].keys' is not usable"),
            ("tenants:\n  - { name: a, keys: { b c: x } }", "expected a name for each key: 1 to 64 letters"),
            ("tenants:\n  - { name: a, keys: { b: sk-secret } }", "expected the SHA-256 of each API key"),
            ("tenants:\n  - { name: a, keys: { b: [x] } }", "expected the SHA-256 of each API key"),
            ("tenants:\n  - { name: a, key: x }", "2:16: 'key' is not a key of a tenant; did you mean 'keys'?"),
            ("tenant_header: a b", "the value of 'tenant_header' is not usable; expected the name of a field"),
            ("tenant_header: Authorization", "the value of 'tenant_header' is not usable"),
            ("tenant_header: Connection", "the value of 'tenant_header' is not usable"),
        ]
    )
    func badTenants(text: String, expected: String) {
        let message = message(text)
        #expect(message.contains(expected), "\(message)")
        #expect(!message.contains("sk-secret"))
    }

    @Test("a key of two tenants is refused")
    func sharedKeys() {
        let key = String(repeating: "1", count: 64)
        let text = "tenants:\n  - { name: a, keys: \(key) }\n  - { name: b, keys: [\(key)] }"
        #expect(message(text).contains("expected keys that no other entry has"))
    }
}
