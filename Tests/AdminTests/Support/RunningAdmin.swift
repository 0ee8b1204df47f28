import Admin
import AsyncHTTPClient
import Audit
import Foundation
import GRDB
import Logging
import Moderation
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import Telemetry
import TestPostgres
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
    let store: any AuditStore
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
    ///   - patience: how long an answer is waited for.
    @discardableResult
    func ask(
        _ method: HTTPMethod = .GET,
        _ path: String,
        as role: AdminRole? = .admin,
        body: String? = nil,
        headers: [(String, String)] = [],
        patience: TimeAmount = .seconds(30)
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
        let response = try await HTTPClient.shared.execute(request, timeout: patience)
        let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
        return Answer(status: Int(response.status.code), headers: response.headers, text: text)
    }

    /// Keeps records, in order.
    func record(_ records: AuditRecord...) async throws {
        for record in records { try await store.record(record) }
    }

    /// What was done to the store, oldest first, as `gatehouse audit acts` reads it.
    func acts() async throws -> [AuditAct] {
        try await store.reader.acts(ActFilter(), limit: 1000, after: nil).acts.reversed()
    }

    /// Changes the audit file behind the gateway's back.
    func change(_ sql: String...) async throws {
        let pool = try #require((store as? SQLiteAuditStore)?.pool)
        for sql in sql { try await pool.writeWithoutTransaction { db in try db.execute(sql: sql) } }
    }
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

/// Every kind of store that there is.
enum StoreKind: String, CaseIterable, Sendable {
    case sqlite
    case postgresql

    /// An empty store, or that of the folder.
    fileprivate func make(in folder: TemporaryFolder, keys: AuditTextKeys) throws -> any AuditStore {
        let keeper = ContentKeeper(mode: .full, redactor: NoMasker(), textKeys: keys)
        switch self {
        case .sqlite: return try SQLiteAuditStore(path: folder.file("audit.sqlite"), keeper: keeper)
        case .postgresql:
            let address = try PostgresServer.shared.get().makeDatabase()
            return try PostgresAuditStore(address, keeper: keeper, spill: folder.file("spill"))
        }
    }
}

/// Runs an admin listener over a store, with one key of each role.
///
/// - Parameters:
///   - folder: where the store is; a fresh one without it.
///   - textKeys: what texts are encrypted with.
///   - weigh: what weighs words.
func withAdmin(
    _ kind: StoreKind = .sqlite,
    in folder: TemporaryFolder? = nil,
    signing: Bool = false,
    checks: [AdminCheck] = [AdminCheck("store", isReady: true)],
    upkeep: (any AuditUpkeep)? = nil,
    textKeys: AuditTextKeys = AuditTextKeys(),
    retention: RetentionPolicy = RetentionPolicy(),
    weigh: @escaping AdminWeigher = { _, rule in Fixture.weights(of: rule) },
    _ body: @escaping @Sendable (RunningAdmin) async throws -> Void
) async throws {
    let folder = try folder ?? TemporaryFolder()
    let signingKey = signing ? AuditSigningKey() : nil
    let store = try kind.make(in: folder, keys: textKeys)
    let file = AdminKeyFile(path: folder.file("keys.json"))
    try? FileManager.default.removeItem(atPath: file.path)
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
            queries: store.queries,
            signingKey: signingKey,
            retention: retention
        ),
        policies: { AdminPolicies(live: .init(name: "default", revision: "r1", rules: 2, since: Fixture.time)) },
        weigh: weigh,
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
