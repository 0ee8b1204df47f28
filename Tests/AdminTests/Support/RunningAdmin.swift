import Admin
import AsyncHTTPClient
import Audit
import Foundation
import Logging
import Moderation
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import Telemetry
import Testing

/// An answer as a client sees it.
struct Answer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var text: String

    /// The body as JSON.
    var json: ReadJSON {
        get throws { try ReadJSON(text) }
    }

    /// The code of an error body.
    var code: String? { (try? json)?["error"]?["code"]?.text }

    /// The message of an error body.
    var message: String { (try? json)?["error"]?["message"]?.text ?? "" }
}

/// What a test of a running admin listener has in hand.
struct RunningAdmin: Sendable {
    let port: Int
    let folder: TemporaryFolder
    let store: SQLiteAuditStore
    let keys: [AdminRole: String]
    let metrics: PrometheusRegistry
    let logs: LogLines

    /// Path of the file with the keys.
    var keyFile: AdminKeyFile { AdminKeyFile(path: folder.file("keys.json")) }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - role: whose key is sent; nil for none.
    ///   - body: JSON text.
    func ask(
        _ method: HTTPMethod = .GET,
        _ path: String,
        as role: AdminRole? = .admin,
        body: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        if let key = role.flatMap({ keys[$0] }) { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        if let body {
            request.body = .bytes(ByteBuffer(string: body))
            if !headers.contains(where: { $0.0 == "content-type" }) {
                request.headers.add(name: "content-type", value: "application/json")
            }
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
        return Answer(status: Int(response.status.code), headers: response.headers, text: text)
    }

    /// Keeps records, in order.
    func record(_ records: AuditRecord...) async throws {
        for record in records { try await store.record(record) }
    }

    /// What was done to the store, oldest first, as `gatehouse audit acts` reads it.
    func acts() async throws -> [AuditAct] { try await store.reader.acts() }
}

/// Log lines of a test.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        Logger(label: "admin") { [self] _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        init(lines: LogLines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.lines.withLock { $0.append(([event.message.description] + facts).joined(separator: " ")) }
        }
    }
}

/// Runs an admin listener over a fresh store, with one key of each role.
func withAdmin(
    signing: Bool = false,
    checks: [AdminCheck] = [AdminCheck("store", isReady: true)],
    upkeep: (any AuditUpkeep)? = nil,
    _ body: @escaping @Sendable (RunningAdmin) async throws -> Void
) async throws {
    let folder = try TemporaryFolder()
    let signingKey = signing ? AuditSigningKey() : nil
    let path = folder.file("audit.sqlite")
    let store = try SQLiteAuditStore(path: path, keeper: ContentKeeper(mode: .full, redactor: NoMasker()))
    let file = AdminKeyFile(path: folder.file("keys.json"))
    var keys: [AdminRole: String] = [:]
    for role in AdminRole.allCases {
        keys[role] = try file.create(name: "the-\(role.rawValue)", role: role, by: "test")
    }
    let metrics = PrometheusRegistry()
    let logs = LogLines()
    let server = try AdminServer(
        address: AdminAddress(host: "127.0.0.1", port: 0),
        keys: AdminKeyRing(path: file.path),
        store: AdminStore(
            reader: store.reader,
            labels: store.labels,
            upkeep: upkeep ?? store.upkeep,
            signingKey: signingKey
        ),
        policies: { AdminPolicies(live: .init(name: "default", revision: "r1", rules: 2, since: Fixture.time)) },
        checks: { checks },
        metricsText: { metrics.render() },
        metricsFactory: metrics,
        logger: logs.logger
    )
    let running: @Sendable (Int) -> RunningAdmin = { [keys] port in
        RunningAdmin(port: port, folder: folder, store: store, keys: keys, metrics: metrics, logs: logs)
    }
    try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
            try await server.run()
            return false
        }
        group.addTask {
            try await body(running(try #require(await server.opened())))
            return true
        }
        defer { group.cancelAll() }
        while let isDone = try await group.next(), !isDone {}
    }
    try store.close()
}
