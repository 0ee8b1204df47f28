import Audit
import Crypto
import Foundation
import Logging
import MetricsTestKit
import NIOHTTP1
import Sinks
import Testing

@Suite("a webhook")
struct WebhookTests {
    let folder: TemporaryFolder
    let recorded: RecordedStore

    init() throws {
        folder = try TemporaryFolder()
        recorded = try RecordedStore(folder)
    }

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func follower(_ url: String) throws -> SinkFollower {
        let settings = SinkSettings(
            name: "hook",
            target: .webhook(url: url, secret: "env:HOOK_SECRET"),
            beginsAtStart: true,
            batchRecords: 4
        )
        return SinkFollower(
            settings,
            sink: try settings.makeSink(environment: ["HOOK_SECRET": Self.secret + "\n"]),
            source: try SQLiteAuditReader(path: folder.file("audit.sqlite")),
            positions: try SQLiteSinkPositions(path: folder.file("audit.sqlite")),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            metrics: TestMetrics(),
            pace: .quick
        )
    }

    private func ids(_ message: Receiver.Message) throws -> [String] {
        let object = try JSONSerialization.jsonObject(with: message.body) as? [String: [[String: Any]]]
        return try #require(object?["records"]).compactMap { $0["id"] as? String }
    }

    /// As a receiver checks it, without the sink's own code.
    private func isSigned(_ message: Receiver.Message) throws -> Bool {
        let headers = message.head.headers
        let id = try #require(headers.first(name: "webhook-id"))
        let time = try #require(headers.first(name: "webhook-timestamp"))
        let signature = try #require(headers.first(name: "webhook-signature")).dropFirst(3)
        let key = try #require(Data(base64Encoded: String(Self.secret.dropFirst(6))))
        let code = try #require(Data(base64Encoded: String(signature)))
        #expect(abs(try #require(Double(time)) - Date().timeIntervalSince1970) < 120)
        return HMAC<SHA256>.isValidAuthenticationCode(
            code,
            authenticating: Data("\(id).\(time).".utf8) + message.body,
            using: SymmetricKey(data: key)
        )
    }

    @Test("gets every record at least once and in order, signed, though it fails and the gateway restarts")
    func atLeastOnce() async throws {
        // Every third request fails, and one in seven is cut off.
        let receiver = try await Receiver { number in
            number.isMultiple(of: 7) ? nil : number.isMultiple(of: 3) ? [500, 302, 404, 429][number / 3 % 4] : 204
        }
        for round in 0..<5 {
            try await running(follower(receiver.url)) {
                try await recorded.record(11)
                // The last one ends when all has arrived, the others in the midst of it.
                if round == 4 {
                    let all = recorded.ids
                    try await expectEventually {
                        try receiver.received.filter { $0.status == 204 }.flatMap(ids).contains(all[54])
                    }
                }
            }
        }
        let messages = receiver.received
        await receiver.stop()
        let accepted = try messages.filter { $0.status == 204 }.flatMap(ids)
        #expect(once(accepted) == recorded.ids)
        #expect(messages.contains { $0.status != 204 })
        for message in messages {
            #expect(try isSigned(message))
            #expect(message.head.headers["content-type"] == ["application/json"])
            #expect(try ids(message).count <= 4)
            #expect(!String(decoding: message.body, as: UTF8.self).contains("good morning"))
        }
        // A batch that is sent again has the number that it had.
        for (message, next) in zip(messages, messages.dropFirst()) where message.status != 204 {
            if try ids(message) == ids(next) {
                #expect(message.head.headers["webhook-id"] == next.head.headers["webhook-id"])
            }
        }
    }

    @Test("that is not there, or says no, keeps the records waiting", arguments: [301, 400, 503])
    func refusals(status: Int) async throws {
        let receiver = try await Receiver { _ in status }
        try await recorded.record(2)
        try await running(follower(receiver.url)) { try await expectEventually { receiver.received.count >= 3 } }
        let positions = try SQLiteSinkPositions(path: folder.file("audit.sqlite"))
        #expect(try await positions.position(of: "hook") == .start)
        await receiver.stop()
    }

    @Test("whose secret is not there keeps the gateway from starting, and says which")
    func secrets() throws {
        func settings(_ secret: String) -> SinkSettings {
            SinkSettings(name: "hook", target: .webhook(url: "http://127.0.0.1:1/", secret: secret))
        }
        #expect(throws: SinkError.noSecret(sink: "hook", setting: "env:NOT_SET", reason: "the variable is not set")) {
            try settings("env:NOT_SET").makeSink(environment: [:])
        }
        #expect(throws: SinkError.self) { try settings("env:EMPTY").makeSink(environment: ["EMPTY": " \n"]) }
        #expect(throws: SinkError.self) { try settings("env:BAD").makeSink(environment: ["BAD": "whsec_*"]) }
        let file = folder.file("secret")
        #expect(
            FileManager.default.createFile(
                atPath: file,
                contents: Data("word".utf8),
                attributes: [.posixPermissions: 0o644]
            )
        )
        #expect(throws: SinkError.self) { try settings(file).makeSink(environment: [:]) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(throws: Never.self) { try settings(file).makeSink(environment: [:]) }
    }
}
