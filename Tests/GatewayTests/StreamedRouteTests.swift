import Gateway
import Moderation
import Testing

@Suite("Streamed answers over sockets")
struct StreamedRouteTests {
    /// An upstream that streams a text in chunks, then waits for its client to be done.
    private func streaming(_ pieces: [String], ends: Bool = true) -> @Sendable (Wire) async throws -> Void {
        { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            for piece in pieces { try await wire.sendChunk(piece) }
            if ends { try await wire.send("0\r\n\r\n") }
            _ = await wire.rest()
        }
    }

    @Test("a harmless stream passes byte for byte; its record is there before its end")
    func allowed() async throws {
        let text = stream(of: ["Hello", " there,", " how", " are", " you?"])
        try await withGateway(upstream: streaming([text])) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            #expect(response.status == 200)
            #expect(response["content-type"] == "text/event-stream")
            #expect(response.text == text)
            let records = gateway.audit.records
            #expect(records.map(\.decision.direction) == [.prompt, .response])
            #expect(response["x-gatehouse-decision-id"] == records[1].decision.id.description)
            #expect(response["x-gatehouse-outcome"] == "allow")
            #expect(records[1].streamed && records[1].releasedCharacters == 25 && records[1].ending == .completed)
            #expect(records[1].content.map(\.text) == ["Hello there, how are you?"])
        }
    }

    @Test("text is released while the upstream still talks")
    func early() async throws {
        try await withGateway(upstream: { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            for number in 0..<60 { try await wire.sendChunk(textChunk("word\(number) ")) }
            // The rest only follows when the client has seen the beginning.
            _ = try await wire.line()
            try await wire.sendChunk(finishChunk + doneChunk)
            try await wire.send("0\r\n\r\n")
        }) { gateway in
            let upstreamIsWaiting = try await withConnection(to: gateway.port) { wire in
                let body = chatRequest("hello", stream: true)
                try await wire.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                _ = try await wire.head()
                var seen: [UInt8] = []
                while let bytes = try await wire.chunk() {
                    seen += bytes
                    if try SeenStream(seen).content[0]?.contains("word10 ") == true { return true }
                }
                return false
            }
            #expect(upstreamIsWaiting)
            await gateway.audit.wait(for: 2)
            #expect(gateway.audit.responses.map(\.ending) == [.clientGone])
            #expect((gateway.audit.responses[0].releasedCharacters ?? 0) > 0)
        }
    }

    @Test("a stream that turns bad ends with a refusal, and the upstream is cut off")
    func blocked() async throws {
        let (begun, closed) = (AsyncStream.makeStream(of: Void.self), AsyncStream.makeStream(of: Void.self))
        try await withGateway(upstream: { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            for number in 0..<60 { try await wire.sendChunk(textChunk("word\(number) ")) }
            for await _ in begun.stream { break }
            for _ in 0..<60 { try await wire.sendChunk(textChunk("badword ")) }
            _ = await wire.rest()
            closed.continuation.yield()
        }) { gateway in
            let response = try await withConnection(to: gateway.port) { wire in
                try await wire.request(body: chatRequest("hello", stream: true), untilSeen: "word0") {
                    begun.continuation.yield()
                }
            }
            let seen = try SeenStream(response.body)
            #expect(seen.content[0]?.hasPrefix("word0 word1 ") == true)
            #expect(seen.content[0]?.hasSuffix("\n\nNot that.") == true)
            #expect(!response.text.contains("badword"))
            #expect(seen.finish[0] == "content_filter" && seen.isDone)
            let record = try #require(gateway.audit.responses.first)
            #expect(record.decision.outcome == .block && record.ending == .completed)
            for await _ in closed.stream { break }
        }
    }

    @Test("masked text is masked across the upstream's chunks")
    func redacted() async throws {
        let pieces = ["Ask jane", ".doe@ex", "ample.com ", "now."].map { textChunk($0) }
        try await withGateway(upstream: streaming(pieces + [finishChunk, doneChunk])) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            #expect(try SeenStream(response.body).content[0] == "Ask [MASKED] now.")
            #expect(gateway.audit.responses.map(\.decision.outcome) == [.redact])
        }
    }

    @Test("an upstream that breaks off leaves judged text and an error event", arguments: [true, false])
    func brokenOff(readable: Bool) async throws {
        try await withGateway(upstream: { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            try await wire.sendChunk(textChunk("The beginning of"))
            guard !readable else { return }
            try await wire.sendChunk("data: {\"choices\":7}\n\n" + textChunk("badword"))
            // Closing at once might overtake what was just sent.
            _ = await wire.rest()
        }) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            let seen = try SeenStream(response.body)
            #expect(seen.content[0] == "The beginning of")
            #expect(seen.errorCode == (readable ? "upstream_failed" : "upstream_unreadable"))
            #expect(!seen.isDone)
            #expect(gateway.audit.responses.map(\.ending) == [.upstreamFailed])
            #expect(gateway.audit.responses.map(\.releasedCharacters) == [16])
        }
    }

    @Test("an upstream that falls silent is given up")
    func silent() async throws {
        let settings = GatewaySettings(upstreamIdleTimeout: .milliseconds(200))
        try await withGateway(settings, upstream: streaming([textChunk("Then nothing")], ends: false)) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            #expect(try SeenStream(response.body).errorCode == "upstream_timeout")
            #expect(gateway.audit.responses.map(\.ending) == [.upstreamTimeout])
        }
    }

    @Test("when the record can't be kept, the end of the stream is an error")
    func auditFails() async throws {
        for text in ["fine words", "a badword"] {
            try await withGateway(upstream: streaming([stream(of: [text])])) { gateway in
                gateway.audit.fail(after: 1)
                let response = try await gateway.chat(chatRequest("hello", stream: true))
                let seen = try SeenStream(response.body)
                #expect(seen.errorCode == "audit_unavailable" && seen.finish.isEmpty && !seen.isDone)
                #expect(!response.text.contains("badword"))
            }
        }
    }

    @Test("a stream that nobody asked for is judged all the same, and so is a whole answer to a streaming request")
    func unexpectedShape() async throws {
        try await withGateway(upstream: streaming([stream(of: ["a badword"])])) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(try SeenStream(response.body).content[0] == "Not that.")
        }
        try await withGateway(upstream: answering(chatAnswer("a badword"))) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            #expect(response.text.contains("Not that.") && !response.text.contains("badword"))
        }
    }

    @Test("a client that hangs up mid-stream closes the upstream, and its record says what it got")
    func clientGone() async throws {
        let closed = AsyncStream.makeStream(of: Void.self)
        try await withGateway(upstream: { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            try await wire.sendChunk(roleChunk)
            _ = await wire.rest()
            closed.continuation.yield()
        }) { gateway in
            try await withConnection(to: gateway.port) { wire in
                let body = chatRequest("hello", stream: true)
                try await wire.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                _ = try await wire.head()
                _ = try await wire.chunk()
            }
            for await _ in closed.stream { break }
            await gateway.audit.wait(for: 2)
            #expect(gateway.audit.responses.map(\.ending) == [.clientGone])
            #expect(gateway.audit.responses.map(\.releasedCharacters) == [0])
        }
    }

    @Test("a client that hangs up while its prompt is scored cancels the scoring")
    func scoringCancelled() async throws {
        try await withGateway(upstream: { _ in Issue.record("forwarded") }) { gateway in
            try await withConnection(to: gateway.port) { wire in
                let body = chatRequest("work slowly")
                try await wire.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                await gateway.classifier.startOfSlowWork()
            }
            await gateway.classifier.cancellationOfSlowWork()
            #expect(gateway.classifier.cancellations == 1)
        }
    }

    @Test("a client that hangs up while the upstream thinks closes the upstream")
    func waitingCancelled() async throws {
        let events = AsyncStream.makeStream(of: String.self)
        try await withGateway(upstream: { wire in
            _ = try await wire.message()
            events.continuation.yield("asked")
            _ = await wire.rest()
            events.continuation.yield("closed")
        }) { gateway in
            var iterator = events.stream.makeAsyncIterator()
            let (asked, tell) = AsyncStream.makeStream(of: Void.self)
            async let talk: Void = withConnection(to: gateway.port) { wire in
                let body = chatRequest("hello")
                try await wire.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                for await _ in asked { break }
            }
            #expect(await iterator.next() == "asked")
            tell.yield()
            try await talk
            #expect(await iterator.next() == "closed")
            await gateway.audit.wait(for: 2)
            #expect(gateway.audit.responses.map(\.ending) == [.clientGone])
        }
    }
}
