import Audit
import Foundation
import Logging
import MetricsTestKit
import NIOCore
import NIOPosix
import Sinks
import Testing

@Suite("Redis Streams", .serialized)
struct RedisTests {
    let folder: TemporaryFolder
    let recorded: RecordedStore

    init() throws {
        folder = try TemporaryFolder()
        recorded = try RecordedStore(folder)
    }

    /// A server of its own, on a port that was free.
    private final class Server {
        let port: Int
        private let folder: String
        private let process = Process()

        init(_ folder: TemporaryFolder, port: Int? = nil) throws {
            if let port {
                self.port = port
            } else {
                let probe = try ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .bind(host: "127.0.0.1", port: 0).wait()
                self.port = probe.localAddress?.port ?? 0
                try probe.close().wait()
            }
            self.folder = folder.path
            process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
            process.arguments = [
                "--bind", "127.0.0.1", "--port", "\(self.port)", "--dir", folder.path, "--save", "", "--appendonly",
                "yes",
                "--requirepass", "word",
            ]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
        }

        deinit { if process.isRunning { stop() } }

        /// As a crash ends it; threads of the test's pool also start children that no other signal reaches.
        func stop() {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        /// What `redis-cli` prints.
        func ask(_ words: String...) throws -> String {
            let client = Process()
            // Not a pipe: a server that another test starts meanwhile would hold its other end.
            let answer = folder + "/answer"
            _ = FileManager.default.createFile(atPath: answer, contents: nil)
            client.executableURL = URL(fileURLWithPath: "/usr/bin/redis-cli")
            client.arguments = ["-p", "\(port)", "-a", "word", "-n", "3", "--no-auth-warning"] + words
            client.standardOutput = FileHandle(forWritingAtPath: answer)
            client.standardError = FileHandle.nullDevice
            try client.run()
            client.waitUntilExit()
            return try String(contentsOfFile: answer, encoding: .utf8)
        }

        /// Ids of the records in the stream, in its order; each record must be the JSON of its id.
        func ids() throws -> [String] {
            let lines = try ask("XRANGE", "gate", "-", "+").split(separator: "\n")
            // Each entry is its id, then `id`, the decision's id, `record` and the JSON.
            return stride(from: 0, to: lines.count - 4, by: 5).map { place in
                let id = String(lines[place + 2])
                #expect(lines[place + 1] == "id" && lines[place + 3] == "record")
                #expect(SinksTests.ids(String(lines[place + 4])) == [id])
                return id
            }
        }
    }

    private func follower(_ port: Int, maxLength: Int? = nil, password: String = "word") throws -> SinkFollower {
        let address = try #require(RedisAddress("redis://127.0.0.1:\(port)/3"))
        let settings = SinkSettings(
            name: "redis",
            target: .redis(address, stream: "gate", maxLength: maxLength, password: "env:REDIS_PASSWORD"),
            beginsAtStart: true,
            batchRecords: 5
        )
        return SinkFollower(
            settings,
            sink: try settings.makeSink(environment: ["REDIS_PASSWORD": password]),
            source: try SQLiteAuditReader(path: folder.file("audit.sqlite")),
            positions: try SQLiteSinkPositions(path: folder.file("audit.sqlite")),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            metrics: TestMetrics(),
            pace: .quick
        )
    }

    @Test("get every record in order, though the server stops and comes back")
    func delivery() async throws {
        let server = try Server(folder)
        try await recorded.record(12)
        var second = server
        try await running(follower(server.port)) {
            try await expectEventually { try server.ids().count == 12 }
            server.stop()
            try await recorded.record(13)
            second = try Server(folder, port: server.port)
            try await expectEventually { try once(second.ids()).count == 25 }
        }
        try await recorded.record(3)
        try await running(follower(second.port)) {
            try await expectEventually { try once(second.ids()).count == 28 }
        }
        #expect(try once(second.ids()) == recorded.ids)
        second.stop()
    }

    @Test("get nothing of a batch that fails, and all of it later")
    func transaction() async throws {
        let server = try Server(folder)
        defer { server.stop() }
        try await expectEventually { try server.ask("SET", "gate", "taken") == "OK\n" }
        try await recorded.record(7)
        try await running(follower(server.port)) {
            try await Task.sleep(for: .milliseconds(200))
            #expect(try server.ask("GET", "gate") == "taken\n")
            _ = try server.ask("DEL", "gate")
            try await expectEventually { try server.ids().count == 7 }
        }
        #expect(try server.ids() == recorded.ids)
    }

    @Test("are cut where the settings say so")
    func limit() async throws {
        let server = try Server(folder)
        defer { server.stop() }
        try await recorded.record(250)
        try await running(follower(server.port, maxLength: 10)) {
            try await expectEventually { try server.ids().last == recorded.ids.last }
        }
        // Redis cuts by whole nodes of 100 entries.
        #expect(try server.ids().count < 250)
    }

    @Test("get nothing with a wrong password")
    func password() async throws {
        let server = try Server(folder)
        defer { server.stop() }
        try await expectEventually { try server.ask("PING") == "PONG\n" }
        let address = try #require(RedisAddress("redis://:wrong@127.0.0.1:\(server.port)"))
        try await recorded.record(1)
        let record = try SinkRecord(
            try #require(try await recorded.store.reader.list().entries.first),
            hasContent: false
        )
        let sink = RedisSink(address, stream: "gate")
        await #expect(throws: SinkError.redis(code: "WRONGPASS")) { try await sink.deliver([record]) }
        await sink.close()
    }

    @Test(
        "are addressed by a URL",
        arguments: [
            ("redis://cache.example", "cache.example", 6379, false, nil, nil, 0),
            ("rediss://gate:p%40ss@10.0.0.5:7000/2", "10.0.0.5", 7000, true, "gate", "p@ss", 2),
            ("redis://:word@[::1]:6380", "::1", 6380, false, nil, "word", 0),
        ] as [(String, String, Int, Bool, String?, String?, Int)]
    )
    func address(_ row: (String, String, Int, Bool, String?, String?, Int)) throws {
        let address = try #require(RedisAddress(row.0))
        #expect(address.host == row.1 && address.port == row.2 && address.isEncrypted == row.3)
        #expect(address.user == row.4 && address.password == row.5 && address.database == row.6)
    }

    @Test(
        "are not addressed by anything else",
        arguments: ["", "cache.example", "http://a", "redis://", "redis://a/b"]
    )
    func badAddress(text: String) { #expect(RedisAddress(text) == nil) }
}

@Suite("Redis's protocol")
struct RESPTests {
    @Test("is read the same however it is cut")
    func pieces() throws {
        let bytes = Array(
            "+OK\r\n:-12\r\n$5\r\nh\r\nlo\r\n$-1\r\n*3\r\n+QUEUED\r\n-ERR no\r\n*1\r\n$0\r\n\r\n*-1\r\n*0\r\n".utf8
        )
        let expected: [RESPValue] = [
            .text("OK"), .integer(-12), .bulk("h\r\nlo"), .bulk(nil),
            .array([.text("QUEUED"), .failure("ERR"), .array([.bulk("")])]), .array(nil), .array([]),
        ]
        for size in 1...bytes.count {
            var buffer = ByteBuffer()
            var values: [RESPValue] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                buffer.writeBytes(bytes[start..<min(bytes.count, start + size)])
                while let value = try buffer.readRESP() { values.append(value) }
            }
            #expect(values == expected)
        }
    }

    @Test(
        "is told from others",
        arguments: [
            "HTTP/1.1 400 Bad\r\n", ":x\r\n", "$-2\r\n", "*x\r\n", "+OK\n", String(repeating: "*1\r\n", count: 9),
        ]
    )
    func others(text: String) {
        var buffer = ByteBuffer(string: text)
        #expect(throws: SinkError.notRedis) { try buffer.readRESP() }
    }

    @Test("is written word by word")
    func command() {
        var buffer = ByteBuffer()
        buffer.writeCommand(["XADD", "ä"])
        #expect(String(buffer: buffer) == "*2\r\n$4\r\nXADD\r\n$2\r\nä\r\n")
    }
}
