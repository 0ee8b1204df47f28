import Gateway
import HTTPTypes
import NIOCore
import Synchronization
import Testing

@Suite("The chatbot behind HTTP", .timeLimit(.minutes(5)))
struct HTTPUpstreamTests {
    private static let request = UpstreamRequest(
        method: .post,
        path: "/v1/chat/completions",
        headers: [.contentType: "application/json"],
        body: .bytes(ByteBuffer(string: "{}"))
    )

    private func withUpstream(
        _ settings: GatewaySettings = GatewaySettings(),
        path: String = "",
        script: @escaping @Sendable (Wire) async throws -> Void,
        _ body: @escaping @Sendable (HTTPUpstream) async throws -> Void
    ) async throws {
        try await withServer(script) { port in
            let upstream = try HTTPUpstream(baseURL: "http://localhost:\(port)\(path)", settings: settings)
            try await body(upstream)
            upstream.shutdown()
        }
    }

    private func text(_ response: UpstreamResponse) async throws -> String {
        var text = ""
        while let piece = try await response.body.next() { text += String(buffer: piece) }
        return text
    }

    private func expect(_ answer: String, from upstream: HTTPUpstream) async throws {
        #expect(try await ask(upstream) == answer)
    }

    private func ask(_ upstream: HTTPUpstream) async throws -> String {
        try await text(await upstream.send(Self.request))
    }

    @Test("a request carries its fields, its length and the chatbot's name, below the address's path")
    func head() async throws {
        try await withUpstream(
            path: "/prefix/v1/",
            script: { wire in
                let message = try await wire.message()
                #expect(message.start == "POST /prefix/v1/chat/completions HTTP/1.1")
                #expect(message["host"]?.hasPrefix("localhost:") == true && message["content-length"] == "2")
                #expect(message.text == "{}")
                try await wire.respond("fine", status: "201 Made", fields: "x-a: 1\r\n")
            }
        ) { upstream in
            let response = try await upstream.send(Self.request)
            #expect(response.status.code == 201 && response.headers[.contentType] == "application/json")
            #expect(try await text(response) == "fine")
        }
    }

    @Test("a connection carries one exchange after the other, whole answers and streamed ones")
    func reuse() async throws {
        let connections = Mutex(0)
        try await withUpstream(script: { wire in
            connections.withLock { $0 += 1 }
            while true {
                _ = try await wire.message()
                try await wire.respond("whole")
                _ = try await wire.message()
                try await wire.beginStream()
                for _ in 0..<3 { try await wire.sendChunk("piece ") }
                try await wire.send("0\r\n\r\n")
                _ = try await wire.message()
                try await wire.send("HTTP/1.1 204 No Content\r\n\r\n")
            }
        }) { upstream in
            for _ in 0..<3 {
                try await expect("whole", from: upstream)
                try await expect("piece piece piece ", from: upstream)
                try await expect("", from: upstream)
            }
        }
        #expect(connections.withLock { $0 } == 1)
    }

    @Test("a chatbot that closed the connection is connected to anew", arguments: ["connection: close\r\n", ""])
    func closed(fields: String) async throws {
        try await withUpstream(script: { wire in
            _ = try await wire.message()
            try await wire.respond("once", fields: fields)
        }) { upstream in
            for _ in 0..<3 {
                try await expect("once", from: upstream)
                // Until the connection's end was seen.
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    @Test("there are no more connections than allowed; the others wait their turn")
    func limit() async throws {
        let open = Mutex((now: 0, most: 0))
        try await withUpstream(
            GatewaySettings(maxUpstreamConnections: 2),
            script: { wire in
                open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                defer { open.withLock { $0.now -= 1 } }
                while true {
                    _ = try await wire.message()
                    try await Task.sleep(for: .milliseconds(5))
                    try await wire.respond("turn")
                }
            }
        ) { upstream in
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<12 { group.addTask { try await ask(upstream) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(texts == Array(repeating: "turn", count: 12))
        }
        #expect(open.withLock { $0.most } == 2)
    }

    @Test("whoever waits for a connection too long, or hangs up, is not served")
    func waiting() async throws {
        let settings = GatewaySettings(upstreamFirstByteTimeout: .seconds(5), maxUpstreamConnections: 1)
        try await withUpstream(
            settings,
            script: { wire in
                _ = try await wire.message()
                try await wire.beginStream()
                _ = await wire.rest()
            }
        ) { upstream in
            let held = try await upstream.send(Self.request)
            await #expect(throws: UpstreamFailure.timedOut) { try await upstream.send(Self.request) }
            let waiting = Task { try await upstream.send(Self.request) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            withExtendedLifetime(held) {}
        }
    }

    @Test("a chatbot that says nothing for too long is given up: before its answer, and in it")
    func silence() async throws {
        let settings = GatewaySettings(
            upstreamFirstByteTimeout: .seconds(5),
            upstreamIdleTimeout: .seconds(5)
        )
        try await withUpstream(
            settings,
            script: { wire in
                _ = try await wire.message()
                _ = await wire.rest()
            }
        ) { upstream in
            await #expect(throws: UpstreamFailure.timedOut) { try await upstream.send(Self.request) }
        }
        try await withUpstream(
            settings,
            script: { wire in
                _ = try await wire.message()
                try await wire.beginStream()
                try await wire.sendChunk("one")
                _ = await wire.rest()
            }
        ) { upstream in
            let response = try await upstream.send(Self.request)
            // Whoever reads may take longer than the chatbot.
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await response.body.next() == ByteBuffer(string: "one"))
            await #expect(throws: UpstreamFailure.timedOut) { try await response.body.next() }
        }
    }

    @Test(
        "an answer that breaks off, or is no HTTP, is a failure",
        arguments: [
            "", "HTTP/1.1 200 OK\r\ncontent-len", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n", "nonsense\r\n\r\n",
        ]
    )
    func brokenOff(answer: String) async throws {
        try await withUpstream(script: { wire in
            _ = try await wire.message()
            try await wire.send(answer)
        }) { upstream in
            await #expect(throws: UpstreamFailure.brokeOff) { try await ask(upstream) }
        }
    }

    @Test("an answer that nobody wants any more closes its connection")
    func dropped() async throws {
        let begun = AsyncStream.makeStream(of: Void.self)
        let closed = AsyncStream.makeStream(of: Void.self)
        try await withUpstream(script: { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            begun.continuation.yield()
            _ = await wire.rest()
            closed.continuation.yield()
        }) { upstream in
            _ = try await upstream.send(Self.request)
            for await _ in closed.stream { break }
            for await _ in begun.stream { break }
            let reading = Task {
                let response = try await upstream.send(Self.request)
                return try await response.body.next()
            }
            // A task that is cancelled before its request is out never reaches the chatbot.
            for await _ in begun.stream { break }
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await reading.value }
            for await _ in closed.stream { break }
        }
    }

    @Test("nobody listens, or it was shut down")
    func unreachable() async throws {
        let nobody = try HTTPUpstream(baseURL: "http://127.0.0.1:\(unusedPort)", settings: GatewaySettings())
        await #expect(throws: UpstreamFailure.unreachable) { try await nobody.send(Self.request) }
        try await withUpstream(script: answering("fine")) { upstream in
            try await expect("fine", from: upstream)
            upstream.shutdown()
            await #expect(throws: UpstreamFailure.unreachable) { try await upstream.send(Self.request) }
        }
    }

    @Test(
        "an address is an absolute URL",
        arguments: [
            "", "127.0.0.1:80", "ftp://host", "http://", "http://:80", "http:///path", "http://host?a=b",
            "http://host#a",
            "http://a host", "http://user:word@host", "http://host:0", "http://host:99999",
        ]
    )
    func badAddress(url: String) {
        #expect(throws: GatewayError.invalidUpstreamURL) { try HTTPUpstream(baseURL: url, settings: GatewaySettings()) }
    }

    @Test(
        "schemes, ports, paths and addresses in numbers are known",
        arguments: [
            "http://host", "HTTPS://host/v1", "http://127.0.0.1:8000/a/b/", "http://[::1]:8000", "https://[::1]",
        ]
    )
    func goodAddress(url: String) throws {
        try HTTPUpstream(baseURL: url, settings: GatewaySettings()).shutdown()
    }
}
