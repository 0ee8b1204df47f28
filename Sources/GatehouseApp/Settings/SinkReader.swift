import Audit
import Foundation
import Sinks
import Yams

/// Reads `audit: { sinks: [ … ] }`, where records are carried to.
///
/// | key | meaning |
/// |---|---|
/// | `file`, `webhook`, `redis` | one of these: a path, a URL, `redis://host:port/database` |
/// | `name` | what the position is kept under; the kind if not given |
/// | `content` | `true`: kept texts too |
/// | `outcomes` | only these outcomes and endings |
/// | `from` | `now` (default) or `start`: what a new sink gets of the records that are there |
/// | `batch` | most records at a time |
/// | `max_size`, `keep` | file: length at which it is set aside, and how many of those stay |
/// | `secret` | webhook: `env:NAME` or a file |
/// | `stream`, `max_length`, `password` | redis: key of the stream, about how many entries it keeps, `env:NAME` or a file |
struct SinkReader {
    private static let targets = ["file", "webhook", "redis"]
    private static let common = ["name", "content", "outcomes", "from", "batch"]
    private static let own = [
        "file": ["max_size", "keep"], "webhook": ["secret"], "redis": ["stream", "max_length", "password"],
    ]

    private enum Beginning: String, CaseIterable {
        case now
        case start
    }

    private enum Answer: String, CaseIterable {
        case yes = "true"
        case no = "false"
    }

    private(set) var sinks: [SinkSettings] = []

    /// Reads one entry.
    mutating func read(_ node: Node, name: String, file: String) throws(SettingsError) {
        let own = Self.targets.flatMap { Self.own[$0] ?? [] }
        let keys = Self.targets + Self.common + own
        let entry = try EntryReader(node, name: name, noun: "a sink", keys: keys, file: file)
        let given = Self.targets.filter(entry.has)
        guard let kind = given.first, given.count == 1 else {
            throw entry.problem(given.last ?? "file", expected: "one of file, webhook and redis")
        }
        for key in own where entry.has(key) && Self.own[kind]?.contains(key) != true {
            throw entry.problem(key, expected: "nothing: it has no meaning for a sink with '\(kind)'")
        }
        var sink = SinkSettings(name: try Self.name(of: entry, kind), target: try Self.target(kind, entry))
        guard !sinks.contains(where: { $0.name == sink.name }) else {
            throw entry.problem("name", expected: "a name that no other sink has; '\(sink.name)' is taken")
        }
        sink.hasContent = try entry.choice("content", of: Answer.self) == .yes
        sink.beginsAtStart = try entry.choice("from", of: Beginning.self) == .start
        if let batch = try Self.number("batch", entry) { sink.batchRecords = batch }
        let outcomes = "outcomes or endings: " + AuditResult.allCases.map(\.rawValue).joined(separator: ", ")
        for text in try entry.texts("outcomes", expected: outcomes) ?? [] {
            guard let result = AuditResult(rawValue: text) else { throw entry.problem("outcomes", expected: outcomes) }
            sink.results.insert(result)
        }
        sinks.append(sink)
    }

    private static func name(of entry: EntryReader, _ kind: String) throws(SettingsError) -> String {
        let expected = "a name of \(PlainName.expectation)"
        let name = try entry.text("name", expected: expected) ?? kind
        guard PlainName.accepts(name) else { throw entry.problem("name", expected: expected) }
        return name
    }

    private static func target(_ kind: String, _ entry: EntryReader) throws(SettingsError) -> SinkSettings.Target {
        let secret = "env: and the name of a variable, or the path of a file that only its owner may read"
        switch kind {
        case "file":
            let expected = "the path of a file"
            guard let path = try entry.text("file", expected: expected) else {
                throw entry.problem("file", expected: expected)
            }
            return .file(path: path, maxBytes: try size(entry), keep: try number("keep", entry))
        case "webhook":
            let expected = "a URL such as https://siem.example/gatehouse"
            guard let text = try entry.text("webhook", expected: expected), let url = URL(string: text),
                ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
            else { throw entry.problem("webhook", expected: expected) }
            return .webhook(url: text, secret: try entry.text("secret", expected: secret))
        default:
            let expected = "redis://host:port/database, or rediss:// for TLS"
            guard let text = try entry.text("redis", expected: expected), let address = RedisAddress(text) else {
                throw entry.problem("redis", expected: expected)
            }
            return .redis(
                address,
                stream: try entry.text("stream", expected: "the key of a stream") ?? "gatehouse",
                maxLength: try number("max_length", entry),
                password: try entry.text("password", expected: secret)
            )
        }
    }

    private static func number(_ key: String, _ entry: EntryReader) throws(SettingsError) -> Int? {
        let expected = "a whole number above 0"
        guard let text = try entry.text(key, expected: expected) else { return nil }
        guard let number = Int(text), number > 0 else { throw entry.problem(key, expected: expected) }
        return number
    }

    private static func size(_ entry: EntryReader) throws(SettingsError) -> Int? {
        let expected = "a length such as 500kB, 100MB or 1.5GB"
        guard let text = try entry.text("max_size", expected: expected) else { return nil }
        guard let bytes = ByteSize.bytes(text) else { throw entry.problem("max_size", expected: expected) }
        return bytes
    }
}
