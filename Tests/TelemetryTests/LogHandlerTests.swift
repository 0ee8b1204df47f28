import Foundation
import Logging
import Synchronization
import Telemetry
import Testing

/// Keeps the lines that a handler writes.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var output: LogOutput { LogOutput { line in self.lines.withLock { $0.append(line) } } }

    func objects() throws -> [[String: Any]] {
        try all.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }
}

private let instant = Date(timeIntervalSince1970: 1_769_869_805.123)

@Suite("JSON log lines")
struct JSONLogHandlerTests {
    private let lines = Lines()

    private func logger(provider: Logger.MetadataProvider? = nil, level: Logger.Level = .info) -> Logger {
        Logger(label: "gateway") { label in
            JSONLogHandler(label: label, logLevel: level, metadataProvider: provider, output: lines.output) { instant }
        }
    }

    @Test("say when, how severe, who and what")
    func members() throws {
        logger().warning("upstream is slow")
        #expect(
            lines.all == [
                #"{"time":"2026-01-31T14:30:05.123Z","level":"warning","label":"gateway","message":"upstream is slow"}"#
            ]
        )
    }

    @Test("come from the level on that was asked for")
    func levels() {
        let logger = logger(level: .notice)
        logger.info("too quiet")
        logger.notice("loud enough")
        #expect(lines.all.count == 1)
    }

    @Test(
        "hold any text on one line, and give it back",
        arguments: [
            #"quote " backslash \ slash /"#, "line\nfeed\r\ttab", "\u{0}\u{1}\u{1F}\u{7F}\u{85}\u{2028}\u{2029}",
            "日本 é 👍🏽",
            #"{"level":"critical"}"#,
        ]
    )
    func escaping(text: String) throws {
        logger().info("\(text)", metadata: ["\(text)": .string(text)])
        let line = try #require(lines.all.first)
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 || $0.value == 0x85 })
        let object = try lines.objects()[0]
        #expect(object["message"] as? String == text)
        #expect(object["metadata"] as? [String: String] == [text: text])
        #expect(object["level"] as? String == "info")
    }

    @Test("hold metadata of the logger, the provider and the event, the nearest winning")
    func metadata() throws {
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider", "p": "provider"] }
        var logger = logger(provider: provider)
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "l"] = "logger"
        #expect(logger[metadataKey: "l"] == "logger")
        logger.info("x", metadata: ["b": "event", "n": .stringConvertible(7)])
        let metadata = try lines.objects()[0]["metadata"] as? [String: String]
        #expect(metadata == ["a": "provider", "b": "event", "p": "provider", "l": "logger", "n": "7"])
    }

    @Test("hold nested metadata as JSON of the same shape, in stable order")
    func nesting() throws {
        logger().info("x", metadata: ["rules": ["one", ["z": "1", "a": "2"], []], "empty": [:]])
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix(#""metadata":{"empty":{},"rules":["one",{"a":"2","z":"1"},[]]}}"#))
    }

    @Test("of one logger are untouched by another's metadata")
    func valueSemantics() throws {
        let first = logger()
        var second = first
        second[metadataKey: "only"] = "second"
        first.info("first")
        second.info("second")
        #expect(try lines.objects().map { $0["metadata"] != nil } == [false, true])
    }
}

@Suite("text log lines")
struct TextLogHandlerTests {
    private let lines = Lines()

    private func logger(isColoured: Bool = false) -> Logger {
        Logger(label: "gateway") { _ in
            TextLogHandler(isColoured: isColoured, output: lines.output) { instant }
        }
    }

    @Test("are short, and quote what is no plain word")
    func shape() {
        logger().info("listening", metadata: ["port": "8080", "model": "gemma 3", "empty": "", "list": ["a"]])
        #expect(lines.all == [#"14:30:05.123 info     listening empty="" list="[\"a\"]" model="gemma 3" port=8080"#])
    }

    @Test("can't be used to drive a terminal or to forge a line")
    func safety() throws {
        logger().error("a\u{1B}[2Jb\nc", metadata: ["k\n": "v\u{1B}\nw"])
        let line = try #require(lines.all.first)
        #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
        logger(isColoured: true).error("x")
        #expect(lines.all[1] == "14:30:05.123 \u{1B}[1;31merror   \u{1B}[0m x")
    }

    @Test("reach a file handle whole, however many write at once")
    func wholeLines() async throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
        try Data().write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let handle = try FileHandle(forWritingTo: url)
        let logger = Logger(label: "x") { JSONLogHandler(label: $0, output: LogOutput(handle: handle)) }
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<100 { group.addTask { logger.info("line", metadata: ["n": "\(index)"]) } }
        }
        try handle.close()
        let written = String(decoding: try Data(contentsOf: url), as: UTF8.self).split(separator: "\n")
        #expect(written.count == 100)
        for line in written { #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) } }
    }
}
