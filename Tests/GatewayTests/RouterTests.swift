import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Moderation
import NIOCore
import Synchronization
import Testing

/// An upstream in the same process that answers with one body.
final class CannedUpstream: Upstream {
    let answer: String
    let type: String
    let requests = Mutex<[UpstreamRequest]>([])

    init(_ answer: String, type: String = "application/json") {
        self.answer = answer
        self.type = type
    }

    func send(_ request: UpstreamRequest) async throws -> UpstreamResponse {
        requests.withLock { $0.append(request) }
        return UpstreamResponse(
            status: .ok,
            headers: [.contentType: type],
            body: UpstreamBody(bytes: ByteBuffer(string: answer))
        )
    }
}

@Suite("The router in process")
struct RouterTests {
    private func gateway(
        _ upstream: CannedUpstream,
        audit: MemoryAudit = MemoryAudit(),
        isReady: Bool = true
    ) throws -> Gateway {
        let moderator = try makeModerator()
        return Gateway(
            moderator: { moderator },
            audit: audit,
            upstream: upstream,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            health: { GatewayHealth(isReady: isReady, details: ["policy": "test \"quoted\""]) },
            metricsText: { "up 1\n" }
        )
    }

    @Test("a chat passes through moderation")
    func chat() async throws {
        let upstream = CannedUpstream(chatAnswer("Fine."))
        let audit = MemoryAudit()
        try await gateway(upstream, audit: audit).application().test(.router) { client in
            try await client.execute(
                uri: "/v1/chat/completions",
                method: .post,
                body: ByteBuffer(string: chatRequest("hello"))
            ) { response in
                #expect(response.status == .ok)
                #expect(String(buffer: response.body) == chatAnswer("Fine."))
            }
            try await client.execute(
                uri: "/v1/chat/completions",
                method: .post,
                body: ByteBuffer(string: chatRequest("badword"))
            ) { response in
                #expect(String(buffer: response.body).contains("Not that."))
            }
        }
        #expect(upstream.requests.withLock(\.count) == 1)
        #expect(audit.records.map(\.decision.outcome) == [.allow, .allow, .block])
    }

    @Test("health and metrics say what they are told")
    func status() async throws {
        for isReady in [true, false] {
            try await gateway(CannedUpstream(""), isReady: isReady).application().test(.router) { client in
                try await client.execute(uri: "/health", method: .get) { response in
                    #expect(response.status == (isReady ? .ok : .serviceUnavailable))
                    let document = try JSONDocument(Array(response.body.readableBytesView))
                    #expect(document.root["ready"]?.kind == .bool(isReady))
                    #expect(document.root["live"]?.kind == .bool(true))
                    #expect(document.string(document.root["policy"]) == "test \"quoted\"")
                }
                try await client.execute(uri: "/metrics", method: .get) { response in
                    #expect(String(buffer: response.body) == "up 1\n")
                }
            }
        }
    }

    @Test(
        "unknown paths and wrong methods are JSON errors",
        arguments: [("/", 404), ("/v2/x", 404), ("/v1/../secret", 404), ("/v1", 404), ("/v1/chat/completions", 405)]
    )
    func errors(path: String, status: Int) async throws {
        try await gateway(CannedUpstream("")).application().test(.router) { client in
            try await client.execute(uri: path, method: .get) { response in
                #expect(response.status.code == status)
                let document = try JSONDocument(Array(response.body.readableBytesView))
                #expect(document.string(document.value(at: "/error/message")) != nil)
            }
        }
    }

    @Test(
        "a target that begins with no slash is not found and goes nowhere",
        arguments: ["v1/models", "@other/v1/x", "*"]
    )
    func targets(target: String) async throws {
        let upstream = CannedUpstream("{}")
        try await gateway(upstream).application().test(.router) { client in
            try await client.execute(uri: target, method: .get) { #expect($0.status == .notFound) }
        }
        #expect(upstream.requests.withLock(\.count) == 0)
    }
}

/// Keeps everything that is logged.
private final class LogBook: Sendable {
    let lines = Mutex<[String]>([])

    struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            book.lines.withLock { $0.append("\(event.message) \(all)") }
        }
    }
}

@Suite("What is logged")
struct LogTests {
    @Test("log lines name decisions and never hold content or credentials")
    func noContent() async throws {
        let book = LogBook()
        let moderator = try makeModerator()
        let audit = MemoryAudit()
        let gateway = Gateway(
            moderator: { moderator },
            audit: audit,
            upstream: CannedUpstream(chatAnswer("marker in the answer")),
            logger: Logger(label: "test") { _ in LogBook.Handler(book: book) }
        )
        try await gateway.application().test(.router) { client in
            for body in [
                chatRequest("marker fine"), chatRequest("marker badword"), "{\"marker\":",
                "{\"messages\":[\"marker\"]}",
            ] {
                try await client.execute(
                    uri: "/v1/chat/completions?marker=1",
                    method: .post,
                    headers: [.authorization: "Bearer marker"],
                    body: ByteBuffer(string: body)
                ) { _ in }
            }
        }
        let lines = book.lines.withLock { $0 }
        #expect(lines.contains { $0.contains("decision.id") && $0.contains("block") })
        #expect(lines.contains { $0.contains("invalid_json") })
        #expect(!lines.contains { $0.contains("marker") })
        #expect(!audit.records.isEmpty)
    }
}

@Suite("OpenAI chat requests")
struct OpenAIChatRequestTests {
    private func decode(_ text: String) throws -> DecodedRequest {
        try OpenAIChatDialect().decodeRequest(Array(text.utf8), at: chatRoute)
    }

    @Test("every field of every role is found, with its kind and pointer")
    func fields() throws {
        let request = try decode(
            """
            {"model":"m","stream":true,"tools":[{"type":"function","function":{"name":"f"}}],"prediction":{"content":"p"},
             "messages":[{"role":"developer","content":"rules"},{"role":"user","name":"ann","content":[{"type":"text","text":"look"},
             {"type":"image_url","image_url":{"url":"u"}},{"type":"input_audio","input_audio":{}},{"type":"file","file":{}},
             {"type":"novel","novel":1},"bare"]},{"role":"assistant","content":null,"refusal":"no","reasoning_content":"why",
             "tool_calls":[{"id":"i","type":"function","function":{"name":"f","arguments":"{}"}}],"x":1},
             {"role":"tool","tool_call_id":"i","content":"result"},{"role":"wizard","content":"who"}]}
            """
        )
        #expect(request.model == "m" && request.isStreamed)
        let turns = request.conversation.turns
        #expect(turns.map(\.role) == [.system, .system, .user, .assistant, .tool, .user])
        #expect(turns[0].parts.map(\.kind) == [.toolDefinition, .unknown])
        #expect(turns[0].parts.map(\.pointer) == ["/tools/0", "/prediction"])
        #expect(turns[1].text == "rules")
        #expect(turns[2].parts.map(\.kind) == [.text, .text, .image, .audio, .file, .unknown, .text])
        #expect(turns[2].parts.map(\.text) == ["ann", "look", "", "", "", "", "bare"])
        #expect(turns[2].parts[1].pointer == "/messages/1/content/0/text")
        #expect(turns[3].parts.map(\.kind) == [.refusal, .reasoning, .toolCall, .toolCall, .unknown])
        #expect(turns[3].parts[3].pointer == "/messages/2/tool_calls/0/function/arguments")
        #expect(turns[4].parts.map(\.kind) == [.toolResult])
    }

    @Test("text hides in no part: whatever a part calls itself, its text is read")
    func hiddenText() throws {
        let request = try decode(
            #"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{},"text":"a"},{"type":"made_up","text":"b"}]}]}"#
        )
        #expect(request.conversation.turns[0].text == "a\nb")
        let object = try decode(#"{"messages":[{"role":"user","content":{"type":"text","text":"c"}}]}"#)
        #expect(object.conversation.turns[0].text == "c")
    }
}
