import Admin
import Audit
import Foundation
import GatehouseApp
import Gateway
import Testing

@Suite("Settings")
struct SettingsTests {
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).yaml").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    @Test("flags win over the environment, which wins over the file, which wins over defaults")
    func precedence() throws {
        try withFile("port: 1\nhost: file\nblock_as: error\naudit: { file: a.sqlite }\n") { path in
            var loader = SettingsLoader()
            try loader.readFile(path)
            loader.readEnvironment(["GATEHOUSE_PORT": "2", "GATEHOUSE_HOST": "environment"])
            loader.set(.port, flag: "3")
            loader.set(.auditContent, flag: nil)
            let settings = try loader.settings()
            #expect(settings.gateway.port == 3)
            #expect(settings.gateway.host == "environment")
            #expect(settings.gateway.blockAs == .error)
            #expect(settings.auditFile == "a.sqlite")
            #expect(settings.auditContent == .redacted)
        }
    }

    @Test("an unknown key names its place and the nearest known key")
    func unknownKey() throws {
        try withFile("audit:\n  fil: x\n") { path in
            var loader = SettingsLoader()
            #expect(
                throws: SettingsError.unknownKey(key: "audit.fil", source: "\(path):2:3", nearest: "audit.file")
            ) { try loader.readFile(path) }
        }
    }

    @Test(
        "a value of the wrong form is refused, whatever its source",
        arguments: [
            (SettingsKey.port, "http"), (.port, "70000"), (.upstream, "localhost:9000"), (.blockAs, "nothing"),
            (.threads, "0"), (.maxBodyBytes, "-1"), (.idleTimeout, "soon"), (.auditContent, "some"),
            (.auditSigningKey, ""), (.auditCheckpointEvery, "0"), (.auditDigestKey, "env:"),
            (.logLevel, "loud"),
        ]
    )
    func invalidValues(key: SettingsKey, value: String) {
        var loader = SettingsLoader()
        loader.set(key, flag: value)
        #expect(throws: SettingsError.self) { try loader.settings() }
    }

    @Test(
        "an unreadable or malformed file is an error",
        arguments: ["- a\n- b\n", "a: [", "port: [1]\n", "audit: 3\n"]
    )
    func malformed(text: String) throws {
        try withFile(text) { path in
            var loader = SettingsLoader()
            #expect(throws: SettingsError.self) { try loader.readFile(path) }
        }
        var loader = SettingsLoader()
        #expect(throws: SettingsError.self) { try loader.readFile("/nonexistent/gatehouse.yaml") }
    }

    @Test("an empty file leaves the defaults")
    func emptyFile() throws {
        try withFile("# nothing yet\n") { path in
            var loader = SettingsLoader()
            try loader.readFile(path)
            #expect(try loader.settings().gateway.port == 8080)
        }
    }

    @Test("what is kept how long, and what texts are encrypted with, takes keys that are there")
    func auditKeys() throws {
        func settings(_ text: String) throws -> Settings {
            try withFile("audit: { \(text) }") { path in
                var loader = SettingsLoader()
                try loader.readFile(path)
                return try loader.settings()
            }
        }
        let retention = "retention: { texts: { allowed: 30d, flagged: 26w, blocked: 1y }, records: 2y, max_size: 20GB }"
        let kept = try settings("\(retention), signing_key: key.pem")
        #expect(
            kept.auditRetention
                == RetentionPolicy(
                    texts: [.allowed: 2_592_000, .flagged: 15_724_800, .blocked: 31_536_000],
                    records: 63_072_000,
                    maxBytes: 20_000_000_000
                )
        )
        try kept.checkAuditKeys()
        try settings("retention: { texts: { allowed: 1d } }").checkAuditKeys()
        try settings("encryption_key: a, digest_key: b").checkAuditKeys()
        try settings("encryption_key: ''").checkAuditKeys()
        #expect { try settings(retention).checkAuditKeys() } throws: { "\($0)".contains("audit.signing_key") }
        #expect { try settings("encryption_key: a").checkAuditKeys() } throws: { "\($0)".contains("audit.digest_key") }
        for bad in ["retention: { records: soon }", "retention: { records: 0d }", "retention: { max_size: 20 }"] {
            #expect(throws: SettingsError.self) { try settings(bad) }
        }
    }

    @Test("the admin API listens where it is asked to, on loopback when only its keys are set, and else nowhere")
    func adminAddress() throws {
        #expect(try SettingsLoader().settings().adminAddress == nil)
        var loader = SettingsLoader()
        loader.set(.adminKeys, flag: "/etc/gatehouse/admin-keys.json")
        #expect(try loader.settings().adminAddress?.description == "127.0.0.1:8081")
        loader.set(.adminListen, flag: "[::1]:9000")
        #expect(try loader.settings().adminAddress?.description == "[::1]:9000")
        loader.set(.adminListen, flag: "9000")
        #expect(throws: SettingsError.self) { try loader.settings() }
    }

    @Test("every key has a flag and a variable of its own")
    func names() {
        let keys = SettingsKey.allCases
        #expect(Set(keys.map(\.flag)).count == keys.count)
        #expect(Set(keys.map(\.variable)).count == keys.count)
        #expect(SettingsKey.auditFile.flag == "audit-file")
        #expect(SettingsKey.auditFile.variable == "GATEHOUSE_AUDIT_FILE")
    }
}
