import Audit
import Foundation
import GatehouseApp
import Sinks
import Testing

@Suite("Sinks in the settings file")
struct SinkSettingsTests {
    /// Reads a settings file with these entries.
    private func sinks(_ entries: String) throws -> [SinkSettings] {
        let path = FileManager.default.temporaryDirectory.appending(path: "sinks-\(UUID().uuidString).yaml").path
        try Data("audit:\n  content: full\n  sinks:\n\(entries)\n".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var loader = SettingsLoader()
        try loader.readFile(path)
        let settings = try loader.settings()
        #expect(settings.auditContent == .full)
        return settings.sinks
    }

    private func message(_ entries: String) -> String {
        do {
            _ = try sinks(entries)
            return "taken for good"
        } catch {
            let text = "\(error)"
            return text.range(of: ".yaml:").map { String(text[$0.upperBound...]) } ?? text
        }
    }

    @Test("say where to, and what")
    func everything() throws {
        let sinks = try sinks(
            """
                - file: /var/log/decisions.jsonl
                  max_size: 100MB
                  keep: 20
                  from: start
                - webhook: https://siem.example/gatehouse?x=1
                  name: siem
                  secret: env:SIEM_SECRET
                  outcomes: [block, upstream_timeout]
                  content: true
                  batch: 50
                - { redis: "redis://:word@cache:7000/2", stream: gate, max_length: 1000, password: /etc/word }
                - { redis: redis://cache, name: other }
            """
        )
        let address = try #require(RedisAddress("redis://:word@cache:7000/2"))
        let other = try #require(RedisAddress("redis://cache"))
        #expect(
            sinks == [
                SinkSettings(
                    name: "file",
                    target: .file(path: "/var/log/decisions.jsonl", maxBytes: 100_000_000, keep: 20),
                    beginsAtStart: true
                ),
                SinkSettings(
                    name: "siem",
                    target: .webhook(url: "https://siem.example/gatehouse?x=1", secret: "env:SIEM_SECRET"),
                    hasContent: true,
                    results: [.block, .upstreamTimeout],
                    batchRecords: 50
                ),
                SinkSettings(
                    name: "redis",
                    target: .redis(address, stream: "gate", maxLength: 1000, password: "/etc/word")
                ),
                SinkSettings(name: "other", target: .redis(other, stream: "gatehouse", maxLength: nil, password: nil)),
            ]
        )
    }

    @Test(
        "that can't be meant are told with their places",
        arguments: [
            ("    - {}", "4:7: 'audit.sinks[0].file' is missing; expected one of file, webhook and redis"),
            (
                "    - { file: a, redis: redis://b }",
                "4:25: the value of 'audit.sinks[0].redis' is not usable; expected one of"
            ),
            (
                "    - { file: a, secret: b }",
                "4:26: the value of 'audit.sinks[0].secret' is not usable; expected nothing: it has"
            ),
            ("    - { flie: a }", "4:9: 'flie' is not a key of a sink; did you mean 'file'?"),
            (
                "    - { webhook: ftp://a }",
                "4:18: the value of 'audit.sinks[0].webhook' is not usable; expected a URL such as"
            ),
            (
                "    - { redis: cache }",
                "4:16: the value of 'audit.sinks[0].redis' is not usable; expected redis://host"
            ),
            ("    - { file: a, max_size: big }", "4:28: the value of 'audit.sinks[0].max_size' is not usable"),
            (
                "    - { file: a, keep: 0 }",
                "4:24: the value of 'audit.sinks[0].keep' is not usable; expected a whole number"
            ),
            ("    - { file: a, outcomes: blocked }", "4:28: the value of 'audit.sinks[0].outcomes' is not usable"),
            (
                "    - { file: a, from: then }",
                "4:24: the value of 'audit.sinks[0].from' is not usable; expected now or start"
            ),
            (
                "    - { file: a, name: a b }",
                "4:24: the value of 'audit.sinks[0].name' is not usable; expected a name of"
            ),
            (
                "    - file: a\n    - file: b",
                "5:7: 'audit.sinks[1].name' is missing; expected a name that no other sink has"
            ),
        ]
    )
    func problems(entries: String, expected: String) {
        #expect(message(entries).hasPrefix(expected), "\(message(entries))")
    }
}
