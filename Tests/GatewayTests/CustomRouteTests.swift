import Gateway
import Moderation
import Testing

@Suite("A chatbot's own API over sockets")
struct CustomRouteTests {
    private func settings(_ stream: StreamFormat? = nil) throws -> GatewaySettings {
        let route = CustomRoute(
            path: "/Chat",
            prompt: try JSONPath("$.message"),
            history: try JSONPath("$.history[*]"),
            reply: try JSONPath("$.answer.text"),
            stream: stream,
            delta: stream == nil ? nil : try JSONPath("$.token")
        )
        return GatewaySettings(routes: [route])
    }

    private func post(_ body: String, to gateway: RunningGateway) async throws -> Wire.Message {
        try await withConnection(to: gateway.port) { try await $0.request("POST", "/chat", body: body) }
    }

    @Test("an allowed exchange passes byte for byte, on the path as the operator wrote it")
    func allowed() async throws {
        let answer = #"{ "answer":{"text":"Hi."},"took":1.50}"#
        try await withGateway(
            try settings(),
            upstream: { wire in
                let message = try await wire.message()
                try await wire.respond(message.start == "POST /Chat?x=1 HTTP/1.1" ? answer : "{}")
            }
        ) { gateway in
            let response = try await withConnection(to: gateway.port) {
                try await $0.request("POST", "/chat?x=1", body: #"{"message":"Hello","history":["a badword"]}"#)
            }
            #expect(response.status == 200 && response.text == answer)
            #expect(gateway.audit.records.map(\.dialect) == ["custom", "custom"])
            #expect(gateway.audit.records.map(\.route) == ["/chat", "/chat"])
            #expect(gateway.audit.prompts.first?.content.map(\.pointer) == ["/message"])
        }
    }

    @Test("harmful text is blocked in the prompt, and in every string of the answer")
    func blocked() async throws {
        try await withGateway(try settings(), upstream: { _ in Issue.record("forwarded") }) { gateway in
            let response = try await post(#"{"message":"a badword"}"#, to: gateway)
            #expect(response.status == 200 && response.text == #"{"answer":{"text":"Not that."}}"#)
            #expect(response["x-gatehouse-outcome"] == "block")
        }
        for answer in [
            #"{"answer":{"text":"a badword"}}"#, #"{"answer":{"text":"Hi","x":["badword"]}}"#, #"{"error":"badword"}"#,
            #"["badword"]"#, #"{"answer":{"text":"Hi"},"type":"badword"}"#, #"{"answer":{"TEXT":"badword"}}"#,
        ] {
            try await withGateway(try settings(), upstream: answering(answer)) { gateway in
                let response = try await post(#"{"message":"hello"}"#, to: gateway)
                #expect(response.text == #"{"answer":{"text":"Not that."}}"#)
            }
        }
    }

    @Test("what is masked is masked in prompt, history and answer")
    func masked() async throws {
        try await withGateway(
            try settings(),
            upstream: { wire in
                let message = try await wire.message()
                #expect(message.text == #"{"message":"I am [MASKED]","history":["Mail [MASKED]"],"n":1.0}"#)
                try await wire.respond(#"{"answer":{"text":"Ask a.b@c.example"}}"#)
            }
        ) { gateway in
            let body = #"{"message":"I am x.y@z.example","history":["Mail q.r@s.example"],"n":1.0}"#
            let response = try await post(body, to: gateway)
            #expect(response.text == #"{"answer":{"text":"Ask [MASKED]"}}"#)
        }
    }

    @Test("an answer that is no JSON is not passed on; a request that lacks the message is told which path it lacks")
    func unreadable() async throws {
        try await withGateway(try settings(), upstream: answering("words", type: "text/plain")) { gateway in
            #expect(try await post(#"{"message":"hello"}"#, to: gateway).status == 502)
            let response = try await post(#"{"text":"hello"}"#, to: gateway)
            #expect(response.status == 400 && response.text.contains("'$.message' must be there"))
        }
    }

    private func stream(_ format: StreamFormat, _ pieces: [String]) -> String {
        pieces.map { format == .sse ? "data: {\"token\":\"\($0)\"}\n\n" : "{\"token\":\"\($0)\"}\n" }.joined()
    }

    @Test("a stream passes byte for byte, whether it says that it ends or not", arguments: StreamFormat.allCases)
    func streamed(format: StreamFormat) async throws {
        for end in format == .sse ? ["", "data: [DONE]\n\n"] : [""] {
            let text = stream(format, ["Hello", " there"]) + end
            let type = format == .sse ? "text/event-stream" : "application/x-ndjson"
            try await withGateway(try settings(format), upstream: answering(text, type: type)) { gateway in
                let response = try await post(#"{"message":"hello"}"#, to: gateway)
                #expect(response.text == text)
                #expect(gateway.audit.responses.first?.content.map(\.text) == ["Hello there"])
                #expect(gateway.audit.responses.first?.ending == .completed)
            }
        }
    }

    @Test("a stream that turns bad ends with a refusal where it stands", arguments: StreamFormat.allCases)
    func refused(format: StreamFormat) async throws {
        let start = stream(format, (0..<60).map { "word\($0) " })
        let rest = stream(format, ["a bad", "word", " and more"])
        let type = format == .sse ? "text/event-stream" : "application/x-ndjson"
        let (seen, tell) = AsyncStream.makeStream(of: Void.self)
        try await withGateway(
            try settings(format),
            upstream: { wire in
                _ = try await wire.message()
                try await wire.send("HTTP/1.1 200 OK\r\ncontent-type: \(type)\r\ntransfer-encoding: chunked\r\n\r\n")
                try await wire.sendChunk(start)
                for await _ in seen { break }
                try await wire.sendChunk(rest)
                try await wire.send("0\r\n\r\n")
            }
        ) { gateway in
            let text = try await withConnection(to: gateway.port) { wire in
                let body = #"{"message":"hello"}"#
                try await wire.send(
                    "POST /chat HTTP/1.1\r\nhost: t\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                _ = try await wire.head()
                var bytes: [UInt8] = []
                while let chunk = try await wire.chunk() {
                    bytes += chunk
                    tell.yield()
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            #expect(text.hasPrefix(stream(format, ["word0 ", "word1 "])))
            let end = format == .sse ? "data: [DONE]\n\n" : ""
            #expect(text.hasSuffix(stream(format, [#"\n\nNot that."#]) + end))
            #expect(!text.contains("word\"") && !text.contains("a bad"))
            #expect(gateway.audit.responses.first?.decision.outcome == .block)
        }
    }

    @Test("masked text is masked over the cuts of a stream, and a field that nobody named is judged")
    func streamedFields() async throws {
        let masked =
            stream(.sse, ["Ask a", ".b@c.exam", "ple now"]) + "data: {\"token\":\"!\",\"x\":\"q.r@s.example\"}\n\n"
        try await withGateway(try settings(.sse), upstream: answering(masked, type: "text/event-stream")) { gateway in
            let response = try await post(#"{"message":"hello"}"#, to: gateway)
            #expect(response.text.contains("[MASKED]") && !response.text.contains("exam"))
        }
        let hidden = "data: {\"token\":\"Hi\",\"x\":\"bad\"}\n\ndata: {\"token\":\"Hi\",\"x\":\"word\"}\n\n"
        try await withGateway(try settings(.sse), upstream: answering(hidden, type: "text/event-stream")) { gateway in
            let response = try await post(#"{"message":"hello"}"#, to: gateway)
            #expect(response.text == "data: {\"token\":\"Not that.\"}\n\ndata: [DONE]\n\n")
        }
    }

    @Test("a blocked prompt is refused in the shape of the stream; a whole answer of a streaming route is judged whole")
    func streamedRefusal() async throws {
        try await withGateway(try settings(.sse), upstream: answering(#"{"answer":{"text":"a badword"}}"#)) { gateway in
            let streamed = try await post(#"{"message":"a badword"}"#, to: gateway)
            #expect(streamed["content-type"] == "text/event-stream")
            #expect(streamed.text == "data: {\"token\":\"Not that.\"}\n\ndata: [DONE]\n\n")
            let whole = try await post(#"{"message":"a badword","stream":false}"#, to: gateway)
            #expect(whole.text == #"{"answer":{"text":"Not that."}}"#)
            #expect(try await post(#"{"message":"hello"}"#, to: gateway).text == #"{"answer":{"text":"Not that."}}"#)
        }
    }

    @Test("a browser's question whether it may ask passes through")
    func preflight() async throws {
        try await withGateway(
            try settings(),
            upstream: { wire in
                #expect(try await wire.message().start == "OPTIONS /chat HTTP/1.1")
                try await wire.respond("", status: "204 No Content", fields: "access-control-allow-origin: *\r\n")
            }
        ) { gateway in
            let response = try await withConnection(to: gateway.port) { try await $0.request("OPTIONS", "/chat") }
            #expect(response.status == 204 && response["access-control-allow-origin"] == "*")
        }
    }
}
