import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Moderation
import NIOCore
import NIOPosix
import Testing

@Suite("What records hold")
struct AuditPrivacyTests {
    private func gateway(_ upstream: CannedUpstream, audit: MemoryAudit) throws -> Gateway {
        let moderator = try makeModerator()
        return Gateway(
            moderator: { moderator },
            audit: audit,
            upstream: upstream,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func records(of request: String, answer: String = chatAnswer("Fine.")) async throws -> [AuditRecord] {
        let audit = MemoryAudit()
        try await gateway(CannedUpstream(answer), audit: audit).application().test(.router) { client in
            try await client.execute(
                uri: "/v1/chat/completions",
                method: .post,
                body: ByteBuffer(string: request)
            ) { #expect($0.status == .ok) }
        }
        return audit.records
    }

    @Test("a key that the sender chose is no part of a record, and its value is masked all the same")
    func pointers() async throws {
        let answer =
            #"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":{"my secret":"a.b@c.example"}}}]}}]}"#
        let kept = try await records(
            of:
                #"{"my secret":["x"],"messages":[{"role":"user","content":"hi","my secret":{"4111111111111111":"x"}}]}"#,
            answer: answer
        )
        #expect(kept.map(\.decision.outcome) == [.allow, .redact])
        let pointers = kept.flatMap { $0.content.map(\.pointer) + $0.decision.coverage.map(\.pointer) }
        #expect(!pointers.contains { $0.contains("secret") || $0.contains("4111") })
        #expect(pointers.contains("/messages/0/*/*") && pointers.contains("/messages/0/content"))
        #expect(pointers.contains("/choices/0/message/tool_calls/0/function/arguments/*"))
    }

    @Test("a decision lists a thousand fields at most; the rest is summed up by what became of it")
    func longCoverage() async throws {
        let texts = (0..<1500).map { _ in #"{"type":"text","text":"hi"}"# }.joined(separator: ",")
        let images = (0..<50).map { _ in #"{"type":"image_url","image_url":{"url":"u"}}"# }.joined(separator: ",")
        let kept = try await records(of: "{\"messages\":[{\"role\":\"user\",\"content\":[\(texts),\(images)]}]}")
        let coverage = try #require(kept.first).decision.coverage
        #expect(coverage.count == 999)
        #expect(coverage.suffix(2).map(\.state) == [.scanned, .skipped])
        #expect(coverage.suffix(2).map(\.kind) == [.text, .unknown])
        #expect(coverage.reduce(0) { $0 + $1.bytes } == 3000)
    }

    @Test("the chatbot's name is cut and keeps no odd characters")
    func modelName() async throws {
        let name = "org/m-1.0:b_2@c+d é\\n<" + String(repeating: "x", count: 200)
        let kept = try await records(of: chatRequest("hi").replacing("demo", with: name))
        let model = try #require(kept.first?.model)
        #expect(model.hasPrefix("org/m-1.0:b_2@c+d????xx") && model.count == 128)
    }

    @Test("a block whose refusal can't be written leaves one record")
    func unwrittenRefusal() async throws {
        /// A client that leaves when it is told no.
        struct Leaver: ResponseBodyWriter {
            struct Left: Error {}

            mutating func write(_ buffer: ByteBuffer) async throws {
                if String(buffer: buffer).contains("Not that.") { throw Left() }
            }

            consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
        }

        let audit = MemoryAudit()
        let upstream = CannedUpstream(stream(of: ["a badword"]), type: "text/event-stream")
        let application = try gateway(upstream, audit: audit).application()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let source = ApplicationRequestContextSource(channel: channel, logger: application.logger)
        let body = ByteBuffer(string: chatRequest("hello", stream: true))
        let request = Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/v1/chat/completions"),
            body: RequestBody(buffer: body)
        )
        let response = try await application.responder.respond(
            to: request,
            context: GatewayRequestContext(source: source)
        )
        await #expect(throws: Leaver.Left.self) { try await response.body.write(Leaver()) }
        try await channel.close()
        #expect(audit.responses.map(\.decision.outcome) == [.block])
        #expect(audit.responses.map(\.ending) == [.completed])
    }
}
