import Audit
import Foundation
import Moderation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

/// A folder that goes when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("sinks-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func text(_ name: String) -> String { (try? String(contentsOfFile: file(name), encoding: .utf8)) ?? "" }
}

/// Masks nothing.
struct NoMasker: ContentRedactor {
    func redact(_ text: String) throws -> (text: String, labels: [String]) { (text, []) }
}

/// A store, and what was recorded in it.
final class RecordedStore: Sendable {
    let store: SQLiteAuditStore
    private let recorded = Mutex<[String]>([])

    init(_ folder: TemporaryFolder) throws {
        store = try SQLiteAuditStore(
            path: folder.file("audit.sqlite"),
            keeper: ContentKeeper(mode: .full, redactor: NoMasker())
        )
    }

    /// Ids of the decisions, in order.
    var ids: [String] { recorded.withLock { $0 } }

    func record(_ count: Int, outcome: Outcome = .allow) async throws {
        for _ in 0..<count {
            let time = Date()
            let verdict = Verdict(rule: "house-words", mode: .enforce, outcome: outcome)
            let decision = Decision(
                id: DecisionID(time: time),
                time: time,
                direction: .prompt,
                judgement: Judgement(verdicts: [verdict], duration: .milliseconds(3)),
                policy: PolicySet(name: "default", revision: "r1", rules: []),
                classifier: nil
            )
            recorded.withLock { $0.append(decision.id.description) }
            try await store.record(
                AuditRecord(
                    decision: decision,
                    requestID: "request",
                    route: "/v1/chat/completions",
                    dialect: "openai-chat",
                    content: [.init(role: .user, kind: .text, pointer: "/messages/0/content", text: "good morning")]
                )
            )
        }
    }
}

/// Waits until something holds; an issue when it takes too long.
func expectEventually(
    sourceLocation: Testing.SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    for _ in 0..<1500 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("it did not come about", sourceLocation: sourceLocation)
}

/// The ids of records in lines of JSON.
func ids(_ lines: String) -> [String] {
    lines.split(separator: "\n").map { line in
        let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return object?["id"] as? String ?? "?"
    }
}

/// Each value once, where it comes first.
func once(_ values: [String]) -> [String] {
    var seen: Set<String> = []
    return values.filter { seen.insert($0).inserted }
}

/// A receiver of webhooks on loopback that answers as it is told.
final class Receiver: Sendable {
    struct Message: Sendable {
        var head: HTTPRequestHead
        var body: Data
        /// Nil where the connection was closed instead of an answer.
        var status: Int?
    }

    /// What came, in order.
    private final class Inbox: Sendable {
        let messages = Mutex<[Message]>([])
    }

    private let inbox: Inbox
    private let channel: any Channel

    var received: [Message] { inbox.messages.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/records?token=hidden" }

    /// - Parameter answer: status for the request of this number, from 1; nil closes the connection.
    init(_ answer: @escaping @Sendable (Int) -> Int?) async throws {
        let inbox = Inbox()
        self.inbox = inbox
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let answering = Answering { message in
                        inbox.messages.withLock { messages in
                            var message = message
                            message.status = answer(messages.count + 1)
                            messages.append(message)
                            return message.status
                        }
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(answering)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() async { try? await channel.close() }
}

/// Reads requests and answers them.
private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let take: (Receiver.Message) -> Int?
    private var head: HTTPRequestHead?
    private var body = Data()

    init(_ take: @escaping (Receiver.Message) -> Int?) { self.take = take }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, Data())
        case .body(let bytes): body.append(contentsOf: bytes.readableBytesView)
        case .end:
            guard let head, let status = take(Receiver.Message(head: head, body: body)) else {
                return context.close(promise: nil)
            }
            let answer = HTTPResponseHead(
                version: .http1_1,
                status: HTTPResponseStatus(statusCode: status),
                headers: ["content-length": "0", "location": "/elsewhere"]
            )
            context.write(wrapOutboundOut(.head(answer)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
