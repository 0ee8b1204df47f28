import Foundation
import Gateway
import Moderation
import Synchronization
import Testing

@Suite("Connections, limits and what passes through")
struct ConnectionTests {
    private func code(_ message: Wire.Message) throws -> String? {
        let document = try JSONDocument(message.body)
        return document.string(document.value(at: "/error/code"))
    }

    @Test(
        "other routes pass through untouched: method, query, fields, body, status; a record says that nobody read them"
    )
    func passThrough() async throws {
        let seen = Mutex<[Wire.Message]>([])
        try await withGateway(upstream: { wire in
            while true {
                let message = try await wire.message()
                seen.withLock { $0.append(message) }
                try await wire.respond(
                    "\u{1F}not json, a badword",
                    status: "207 Multi-Status",
                    type: "x/y",
                    fields: "x-a: 1\r\nx-a: 2\r\nkeep-alive: timeout=5\r\nx-gatehouse-outcome: forged\r\n"
                )
            }
        }) { gateway in
            try await withConnection(to: gateway.port) { wire in
                let fields =
                    "x-b: 1\r\naccept-encoding: br\r\nconnection: keep-alive, x-hop\r\nx-hop: 1\r\nx-gatehouse-cause: forged\r\n"
                let response = try await wire.request(
                    "PATCH",
                    "/v1/files?a=b%20c&d=%2F",
                    fields: fields,
                    body: "{\"a badword\""
                )
                #expect(response.start == "HTTP/1.1 207 Multi-Status")
                #expect(response.text == "\u{1F}not json, a badword")
                #expect(response["content-type"] == "x/y")
                #expect(response.fields.filter { $0.name == "x-a" }.map(\.value) == ["1", "2"])
                #expect(response["keep-alive"] == nil && response["x-gatehouse-outcome"] == "flag")
                #expect(response["x-gatehouse-request-id"] != nil)
                let models = try await wire.request("GET", "/v1/models")
                #expect(models.status == 207)
            }
            // The list of models holds nobody's words.
            #expect(gateway.audit.records.map(\.route) == ["unread"])
            #expect(gateway.audit.records[0].decision.cause == .unscanned)
            #expect(gateway.audit.records[0].decision.coverage.map(\.state) == [.skipped])
        }
        let messages = seen.withLock { $0 }
        let message = try #require(messages.first)
        #expect(message.start == "PATCH /v1/files?a=b%20c&d=%2F HTTP/1.1")
        #expect(message.text == "{\"a badword\"")
        #expect(message["x-b"] == "1" && message["accept-encoding"] == "br")
        #expect(message["x-hop"] == nil && message["x-gatehouse-cause"] == nil)
        #expect(messages.last?.start == "GET /v1/models HTTP/1.1")
    }

    @Test("bodies are streamed both ways: each side sees the other's bytes while it still sends")
    func streamsBothWays() async throws {
        try await withGateway(upstream: { wire in
            _ = try await wire.head()
            try await wire.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            while let bytes = try await wire.chunk() {
                try await wire.sendChunk("got \(String(decoding: bytes, as: UTF8.self))")
            }
            try await wire.send("0\r\n\r\n")
            _ = await wire.rest()
        }) { gateway in
            try await withConnection(to: gateway.port) { wire in
                try await wire.send("POST /v1/files HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n")
                try await wire.sendChunk("one")
                #expect(try await wire.head().status == 200)
                #expect(try await wire.chunk() == Array("got one".utf8))
                try await wire.sendChunk("two")
                #expect(try await wire.chunk() == Array("got two".utf8))
                try await wire.send("0\r\n\r\n")
                #expect(try await wire.chunk() == nil)
                #expect(try await wire.request("GET", "/health").status == 200)
            }
        }
    }

    @Test("an upstream may answer before it has read the upload")
    func earlyAnswer() async throws {
        try await withGateway(upstream: { wire in
            _ = try await wire.head()
            try await wire.respond("{}", status: "403 Forbidden", fields: "connection: close\r\n")
        }) { gateway in
            for _ in 0..<3 {
                let response = try await withConnection(to: gateway.port) { wire in
                    try await wire.send(
                        "POST /v1/files HTTP/1.1\r\nhost: t\r\ncontent-length: 1000000\r\n\r\nbeginning"
                    )
                    return try await wire.message()
                }
                #expect(response.status == 403)
            }
        }
    }

    @Test("an answer without a body keeps the connection in step")
    func noBody() async throws {
        try await withGateway(upstream: { wire in
            while true {
                let message = try await wire.message()
                let status = message.start.hasPrefix("HEAD") ? "200 OK\r\ncontent-length: 77" : "204 No Content"
                try await wire.send("HTTP/1.1 \(status)\r\nx-a: 1\r\n\r\n")
            }
        }) { gateway in
            try await withConnection(to: gateway.port) { wire in
                for _ in 0..<2 {
                    try await wire.send("HEAD /v1/models HTTP/1.1\r\nhost: t\r\n\r\n")
                    let head = try await wire.head()
                    #expect(head.status == 200 && head["content-length"] == "77")
                    #expect(try await wire.request("DELETE", "/v1/files/1").status == 204)
                }
            }
        }
    }

    @Test("a client that hangs up on a passed-through answer closes the upstream")
    func passThroughClientGone() async throws {
        let closed = AsyncStream.makeStream(of: Void.self)
        try await withGateway(upstream: { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            try await wire.sendChunk("data: 1\n\n")
            _ = await wire.rest()
            closed.continuation.yield()
        }) { gateway in
            try await withConnection(to: gateway.port) { wire in
                try await wire.send("GET /v1/events HTTP/1.1\r\nhost: t\r\n\r\n")
                _ = try await wire.head()
                #expect(try await wire.chunk() == Array("data: 1\n\n".utf8))
            }
            for await _ in closed.stream { break }
        }
    }

    @Test("a body over the limit is refused from its length alone, or when it has grown too long")
    func bodyLimit() async throws {
        try await withGateway(GatewaySettings(maxBodyBytes: 1000), upstream: { _ in Issue.record("forwarded") }) {
            gateway in
            let declared = try await withConnection(to: gateway.port) { wire in
                try await wire.send("POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: 1001\r\n\r\n")
                let response = try await wire.message()
                #expect(await wire.rest().isEmpty)
                return response
            }
            #expect(try declared.status == 413 && code(declared) == "body_too_large")
            #expect(declared["connection"] == "close")
            let chunked = try await withConnection(to: gateway.port) { wire in
                try await wire.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n"
                )
                for _ in 0..<3 { try await wire.sendChunk(String(repeating: "x", count: 400)) }
                return try await wire.message()
            }
            #expect(try chunked.status == 413 && code(chunked) == "body_too_large")
            let exact = try await gateway.chat(String(repeating: " ", count: 1000))
            #expect(exact.status == 400)
        }
    }

    @Test("a client that is still sending gets to read why it is refused")
    func lingering() async throws {
        try await withGateway(GatewaySettings(maxBodyBytes: 1000)) { gateway in
            let response = try await withConnection(to: gateway.port) { wire in
                try await wire.send("POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: 4000000\r\n\r\n")
                for _ in 0..<40 { try? await wire.send([UInt8](repeating: 0x20, count: 100_000)) }
                return try await wire.message()
            }
            #expect(response.status == 413)
        }
    }

    @Test("a head over the limit is refused, on a fresh connection and after a good request")
    func headLimit() async throws {
        try await withGateway { gateway in
            let long = "x-long: \(String(repeating: "a", count: 70_000))\r\n"
            try await withConnection(to: gateway.port) { wire in
                #expect(try await wire.request("GET", "/health").status == 200)
                let response = try await wire.request("GET", "/health", fields: long)
                #expect(try response.status == 431 && code(response) == "headers_too_large")
            }
            let many = (0..<3000).map { "x-\($0): some value in here\r\n" }.joined()
            let response = try await withConnection(to: gateway.port) {
                try await $0.request("GET", "/health", fields: many)
            }
            #expect(response.status == 431)
            let fits = "x-long: \(String(repeating: "a", count: 30_000))\r\n"
            let good = try await withConnection(to: gateway.port) {
                try await $0.request("GET", "/health", fields: fits)
            }
            #expect(good.status == 200)
        }
    }

    @Test("what is not HTTP gets a JSON error")
    func notHTTP() async throws {
        try await withGateway { gateway in
            for text in ["nonsense\r\n\r\n", "GET /health HTTP/1.1\r\nbad field\r\n\r\n"] {
                let response = try await withConnection(to: gateway.port) { wire in
                    try await wire.send(text)
                    return try await wire.message()
                }
                #expect(try response.status == 400 && code(response) == "invalid_http")
            }
            let chunked = try await withConnection(to: gateway.port) { wire in
                try await wire.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
                )
                return try await wire.message()
            }
            #expect(try chunked.status == 400 && code(chunked) == "invalid_http")
        }
    }

    @Test("a client that stalls in its body is told so and disconnected")
    func stalled() async throws {
        let settings = GatewaySettings(clientBodyTimeout: .milliseconds(150))
        try await withGateway(settings, upstream: { wire in _ = await wire.rest() }) { gateway in
            for path in ["/v1/chat/completions", "/v1/files"] {
                let response = try await withConnection(to: gateway.port) { wire in
                    try await wire.send("POST \(path) HTTP/1.1\r\nhost: t\r\ncontent-length: 100\r\n\r\n{\"mess")
                    let response = try await wire.message()
                    #expect(await wire.rest().isEmpty)
                    return response
                }
                #expect(try response.status == 408 && code(response) == "request_timeout")
            }
        }
    }

    @Test("a client that never reads its answer is disconnected, and the upstream with it")
    func unread() async throws {
        let closed = AsyncStream.makeStream(of: Void.self)
        let settings = GatewaySettings(clientReadTimeout: .milliseconds(150))
        try await withGateway(
            settings,
            upstream: { wire in
                _ = try await wire.message()
                try await wire.send("HTTP/1.1 200 OK\r\ncontent-length: 9000000000\r\n\r\n")
                do {
                    while true { try await wire.send([UInt8](repeating: 0x20, count: 1 << 16)) }
                } catch {
                    closed.continuation.yield()
                }
            }
        ) { gateway in
            try await withConnection(to: gateway.port) { wire in
                try await wire.send("GET /v1/files HTTP/1.1\r\nhost: t\r\n\r\n")
                for await _ in closed.stream { break }
            }
        }
    }

    @Test("a client that cuts its body short is not forwarded")
    func cutShort() async throws {
        try await withGateway(upstream: { _ in Issue.record("forwarded") }) { gateway in
            let body = chatRequest("hello")
            try await withConnection(to: gateway.port) { wire in
                try await wire.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: \(body.utf8.count + 1)\r\n\r\n\(body)"
                )
            }
            let next = try await gateway.chat(chatRequest("a badword"))
            #expect(next.status == 200)
            #expect(gateway.audit.records.count == 1)
        }
    }

    @Test("a client that waits to be told goes on when its request is welcome, and is refused at once when not")
    func expectContinue() async throws {
        try await withGateway(GatewaySettings(maxBodyBytes: 1000), upstream: answering(chatAnswer("Hi."))) { gateway in
            let body = chatRequest("hello")
            for path in ["/v1/chat/completions", "/v1/files"] {
                try await withConnection(to: gateway.port) { wire in
                    for _ in 0..<2 {
                        try await wire.send(
                            "POST \(path) HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
                        )
                        #expect(try await wire.head().status == 100)
                        try await wire.send(body)
                        #expect(try await wire.message().text == chatAnswer("Hi."))
                    }
                }
            }
            try await withConnection(to: gateway.port) { wire in
                try await wire.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 5000\r\n\r\n"
                )
                let response = try await wire.message()
                #expect(response.status == 413 && response["connection"] == "close")
            }
        }
    }

    @Test("an answer says when it was sent")
    func date() async throws {
        try await withGateway { gateway in
            let response = try await withConnection(to: gateway.port) { try await $0.request("GET", "/health") }
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.timeZone = TimeZone(identifier: "GMT")
            format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
            let date = try #require(format.date(from: response["date"] ?? ""))
            #expect(abs(date.timeIntervalSinceNow) < 10)
        }
    }

    @Test("requests that were sent ahead are answered in turn, even after a body that nobody wanted")
    func pipelining() async throws {
        try await withGateway(upstream: answering(chatAnswer("Hi."))) { gateway in
            try await withConnection(to: gateway.port) { wire in
                let chat = chatRequest("hello")
                let unwanted = String(repeating: "x", count: 100_000)
                try await wire.send(
                    "POST /elsewhere HTTP/1.1\r\nhost: t\r\ncontent-length: \(unwanted.utf8.count)\r\n\r\n\(unwanted)"
                        + "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: \(chat.utf8.count)\r\n\r\n\(chat)"
                        + "GET /health HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\nnonsense"
                )
                #expect(try await wire.message().status == 404)
                #expect(try await wire.message().text == chatAnswer("Hi."))
                #expect(try await wire.message().status == 200)
                #expect(await wire.rest().isEmpty)
            }
        }
    }

    @Test("one connection serves requests one after the other, whatever became of the one before")
    func keepAlive() async throws {
        try await withGateway(upstream: answering(chatAnswer("Hi."))) { gateway in
            try await withConnection(to: gateway.port) { wire in
                for _ in 0..<2 {
                    #expect(try await wire.request(body: chatRequest("hello")).text == chatAnswer("Hi."))
                    #expect(try await wire.request(body: "{").status == 400)
                    #expect(try await wire.request(body: chatRequest("badword", stream: true)).status == 200)
                    #expect(try await wire.request("GET").status == 405)
                    #expect(try await wire.request("POST", "/elsewhere", body: "some body").status == 404)
                    #expect(try await wire.request("POST", "/health", body: "some body").status == 405)
                    #expect(try await wire.request(fields: "content-encoding: gzip\r\n", body: "x").status == 415)
                    #expect(
                        try await wire.request(fields: "content-type: text/plain\r\n", body: chatRequest("hello"))
                            .status == 200
                    )
                    #expect(try await wire.request("GET", "/health").status == 200)
                }
                let both = "GET /health HTTP/1.1\r\nhost: t\r\n\r\nGET /metrics HTTP/1.1\r\nhost: t\r\n\r\n"
                try await wire.send(both)
                #expect(try await wire.message().text.contains("\"ready\":true"))
                #expect(try await wire.message().text == "gatehouse_up 1\n")
            }
        }
    }
}
