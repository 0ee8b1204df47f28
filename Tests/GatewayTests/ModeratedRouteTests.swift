import Gateway
import MetricsTestKit
import Moderation
import Synchronization
import Testing

@Suite("Moderated requests over sockets")
struct ModeratedRouteTests {
    private func json(_ message: Wire.Message) throws -> JSONDocument { try JSONDocument(message.body) }

    private func code(_ message: Wire.Message) throws -> String? {
        let document = try json(message)
        return document.string(document.value(at: "/error/code"))
    }

    private func text(_ message: Wire.Message, choice: Int = 0) throws -> String? {
        let document = try json(message)
        return document.string(document.value(at: "/choices/\(choice)/message/content"))
    }

    @Test("allowed prompts and answers pass byte for byte, and both decisions are kept")
    func allowed() async throws {
        let seen = Mutex<Wire.Message?>(nil)
        let request = chatRequest("Hello there", extra: ", \"x_vendor\" : [1.0,\t{}]")
        try await withGateway(upstream: { wire in
            let message = try await wire.message()
            seen.withLock { $0 = message }
            try await wire.respond(chatAnswer("Hi."), fields: "x-upstream: yes\r\nx-gatehouse-outcome: forged\r\n")
        }) { gateway in
            let fields = "authorization: Bearer k\r\naccept-encoding: gzip\r\nx-gatehouse-request-id: forged\r\n"
            let response = try await gateway.chat(request, fields: fields)
            #expect(response.status == 200)
            #expect(response.text == chatAnswer("Hi."))
            #expect(response["x-upstream"] == "yes")
            #expect(response["x-gatehouse-outcome"] == "allow")
            #expect(response.fields.filter { $0.name.lowercased() == "x-gatehouse-outcome" }.count == 1)
            let records = gateway.audit.records
            #expect(records.map(\.decision.direction) == [.prompt, .response])
            #expect(records.map(\.decision.outcome) == [.allow, .allow])
            #expect(response["x-gatehouse-decision-id"] == records[1].decision.id.description)
            #expect(Set(records.map(\.requestID)) == [response["x-gatehouse-request-id"]])
            #expect(records[0].content.map(\.text) == ["Hello there"])
            #expect(records[1].content.map(\.text) == ["Hi."])
            #expect(records[0].model == "demo" && records[0].dialect == "openai-chat")
            #expect(
                try gateway.metrics.expectCounter(
                    "gatehouse_decisions_total",
                    [("direction", "prompt"), ("outcome", "allow"), ("cause", "none")]
                ).totalValue == 1
            )
            #expect(
                try gateway.metrics.expectCounter(
                    "gatehouse_requests_total",
                    [("route", "/v1/chat/completions"), ("status", "200")]
                ).totalValue == 1
            )
        }
        let message = try #require(seen.withLock { $0 })
        #expect(message.text == request)
        #expect(message.start == "POST /v1/chat/completions HTTP/1.1")
        #expect(message["authorization"] == "Bearer k")
        #expect(message["accept-encoding"] == "identity")
        #expect(message["x-gatehouse-request-id"] == nil)
    }

    @Test("a blocked prompt never reaches the chatbot and is answered by an assistant message")
    func blockedPrompt() async throws {
        try await withGateway(upstream: { _ in Issue.record("forwarded") }) { gateway in
            let response = try await gateway.chat(chatRequest("a badword"))
            #expect(response.status == 200)
            #expect(try text(response) == "Not that.")
            let document = try json(response)
            #expect(document.string(document.value(at: "/choices/0/finish_reason")) == "content_filter")
            #expect(document.string(document.value(at: "/model")) == "demo")
            #expect(document.integer(document.value(at: "/usage/total_tokens")) == 0)
            #expect(response["x-gatehouse-outcome"] == "block" && response["x-gatehouse-cause"] == "content")
            let record = try #require(gateway.audit.records.first)
            #expect(gateway.audit.records.count == 1 && record.status == 200)
            #expect(response["x-gatehouse-decision-id"] == record.decision.id.description)

            let streamed = try await gateway.chat(
                chatRequest("a badword", stream: true, extra: ",\"stream_options\":{\"include_usage\":true}")
            )
            #expect(streamed["content-type"] == "text/event-stream")
            let seen = try SeenStream(streamed.body)
            #expect(seen.content[0] == "Not that." && seen.finish[0] == "content_filter" && seen.isDone)
            #expect(streamed.text.contains("\"usage\""))
        }
    }

    @Test("a block can be an error, and a guard that is down is another error")
    func blockAsError() async throws {
        try await withGateway(GatewaySettings(blockAs: .error)) { gateway in
            let blocked = try await gateway.chat(chatRequest("a badword"))
            #expect(blocked.status == 400)
            #expect(try code(blocked) == "content_policy_violation")
            gateway.classifier.breakDown()
            let down = try await gateway.chat(chatRequest("harmless"))
            #expect(down.status == 503)
            #expect(try code(down) == "guard_unavailable")
            #expect(down["retry-after"] != nil)
            #expect(down["x-gatehouse-cause"] == "guard_unavailable")
            #expect(gateway.audit.records.map(\.decision.cause) == [.content, .guardUnavailable])
        }
    }

    @Test(
        "a prompt or an answer that there is no room to judge is an error that says when to try again",
        arguments: [BlockShape.message, .error]
    )
    func overload(blockAs: BlockShape) async throws {
        let answer = answering(chatAnswer("a crowded answer"))
        try await withGateway(GatewaySettings(blockAs: blockAs), upstream: answer) { gateway in
            for prompt in ["a crowded prompt", "harmless"] {
                let response = try await gateway.chat(chatRequest(prompt))
                #expect(response.status == 503 && response["retry-after"] == "2")
                #expect(try code(response) == "overloaded")
                #expect(response["x-gatehouse-cause"] == "overloaded")
                #expect(!response.text.contains("crowded"))
            }
            #expect(gateway.audit.records.map(\.decision.cause) == [.overloaded, .none, .overloaded])
            #expect(gateway.audit.records.map(\.status) == [503, nil, 503])
        }
    }

    @Test("a flagged prompt passes unchanged and is marked")
    func flagged() async throws {
        try await withGateway(upstream: answering(chatAnswer("iffy too"))) { gateway in
            let response = try await gateway.chat(chatRequest("an iffy one"))
            #expect(response.text == chatAnswer("iffy too"))
            #expect(response["x-gatehouse-outcome"] == "flag")
            #expect(gateway.audit.records.map(\.decision.outcome) == [.flag, .flag])
        }
    }

    @Test("matches are masked on the way in, history included, and on the way out; all else stays")
    func redacted() async throws {
        let seen = Mutex("")
        let request =
            "{ \"messages\":[{\"role\":\"system\",\"content\":\"I am x.y@corp.example\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Mail \\u0061.b@c.example\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}]}],\"seed\":1.0e0 }"
        try await withGateway(upstream: { wire in
            let message = try await wire.message()
            seen.withLock { $0 = message.text }
            try await wire.respond(chatAnswer("Ask d.e@f.example", "nothing here"))
        }) { gateway in
            let response = try await gateway.chat(request)
            #expect(
                response.text
                    == chatAnswer("Ask [MASKED]", "nothing here").replacingFirst("{\"content\":[]}", with: "null")
            )
            #expect(response["x-gatehouse-outcome"] == "redact")
            let coverage = gateway.audit.records[0].decision.coverage
            #expect(coverage.contains { $0.kind == .image && $0.state == .skipped })
        }
        #expect(
            seen.withLock { $0 }
                == request.replacing("x.y@corp.example", with: "[MASKED]").replacing(
                    "\\u0061.b@c.example",
                    with: "[MASKED]"
                )
        )
    }

    @Test("every choice of an answer is judged; a blocked one gives way, the others stay")
    func blockedChoice() async throws {
        try await withGateway(upstream: answering(chatAnswer("fine", "a badword", "also fine"))) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.status == 200)
            #expect(try text(response, choice: 0) == "fine")
            #expect(try text(response, choice: 1) == "Not that.")
            #expect(try text(response, choice: 2) == "also fine")
            #expect(!response.text.contains("badword"))
            let document = try json(response)
            #expect(document.string(document.value(at: "/choices/1/finish_reason")) == "content_filter")
            #expect(response["x-gatehouse-outcome"] == "block")
            #expect(gateway.audit.responses.count == 1)
        }
    }

    @Test(
        "reasoning, refusals, tool calls and function calls of an answer are judged",
        arguments: [
            "\"content\":null,\"reasoning_content\":\"a badword\"", "\"content\":\"ok\",\"refusal\":\"a badword\"",
            "\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"q\\\":\\\"badword\\\"}\"}}]",
            "\"content\":null,\"function_call\":{\"name\":\"badword\",\"arguments\":\"{}\"}",
            "\"content\":[{\"type\":\"text\",\"text\":\"a badword\"}]",
            "\"content\":\"\",\"audio\":{\"transcript\":\"a badword\"}",
        ]
    )
    func otherFields(fields: String) async throws {
        let answer =
            "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\(fields)},\"finish_reason\":\"tool_calls\"}]}"
        try await withGateway(upstream: answering(answer)) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(try text(response) == "Not that.")
            #expect(!response.text.contains("badword") && !response.text.contains("tool_calls"))
        }
    }

    @Test(
        "bad requests are refused in the API's shape and never forwarded, and the connection goes on",
        arguments: [
            "", "{", "[]", "{}", "{\"messages\":{}}", "{\"messages\":[]}", "{\"messages\":[1]}", "{\"messages\":[{}]}",
            "{\"messages\":[{\"role\":1}]}", "{\"messages\":[{\"role\":\"user\",\"content\":1}]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":[7]}]}",
            "{\"Messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
            "{\"messages\":[{\"role\":\"user\",\"Content\":\"x\"}]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"messages\":[{\"role\":\"user\",\"content\":\"y\"}]}",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"me\\u017f\\u017fages\":[]}",
        ]
    )
    func malformed(body: String) async throws {
        try await withGateway(upstream: { _ in Issue.record("forwarded") }) { gateway in
            try await withConnection(to: gateway.port) { wire in
                for _ in 0..<2 {
                    let response = try await wire.request(body: body)
                    #expect(response.status == 400)
                    #expect(try ["invalid_json", "invalid_request"].contains(code(response)))
                    let document = try json(response)
                    #expect(document.string(document.value(at: "/error/type")) == "invalid_request_error")
                }
            }
        }
    }

    @Test("an upstream's own error passes as it is, and is recorded")
    func upstreamError() async throws {
        try await withGateway(
            upstream: answering(
                "{\"error\":{\"message\":\"no\"}}",
                status: "429 Too Many Requests",
                fields: "retry-after: 7\r\n"
            )
        ) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.status == 429 && response["retry-after"] == "7")
            #expect(response.text == "{\"error\":{\"message\":\"no\"}}")
            #expect(gateway.audit.responses.map(\.ending) == [.upstreamError])
            #expect(gateway.audit.responses.map(\.status) == [429])
        }
    }

    @Test(
        "what an upstream's error quotes is judged and masked like an answer, in JSON or plain text",
        arguments: [
            (
                "{\"error\":{\"message\":\"not a@b.example\"}}", "{\"error\":{\"message\":\"not [MASKED]\"}}",
                Outcome.redact
            ),
            ("no a@b.example here", "no [MASKED] here", .redact),
            ("{\"error\":[{\"said\":\"a badword\"}]}", nil, .block),
            ("badword", nil, .block), ("{\"badword in a key\":1}", nil, .block), ("", "", .allow),
        ] as [(String, String?, Outcome)]
    )
    func upstreamErrorWords(body: String, seen: String?, outcome: Outcome) async throws {
        try await withGateway(upstream: answering(body, status: "400 Bad Request")) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.status == 400 && !response.text.contains("badword"))
            if let seen {
                #expect(response.text == seen)
            } else {
                #expect(try code(response) == "content_policy_violation")
            }
            let record = try #require(gateway.audit.responses.first)
            #expect(record.ending == .upstreamError && record.status == 400 && record.decision.outcome == outcome)
        }
    }

    @Test("an unreachable upstream is a 502 with a record")
    func unreachable() async throws {
        try await withGateway(upstreamPort: unusedPort) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.status == 502)
            #expect(try code(response) == "upstream_unreachable")
            #expect(response["x-gatehouse-outcome"] == nil)
            #expect(gateway.audit.responses.map(\.ending) == [.upstreamUnreachable])
            #expect(response["x-gatehouse-decision-id"] == gateway.audit.responses.first?.decision.id.description)
            let models = try await withConnection(to: gateway.port) { try await $0.request("GET", "/v1/models") }
            #expect(models.status == 502)
        }
    }

    @Test("an upstream that never answers, or stops midway, is a 504 with a record")
    func timeouts() async throws {
        let slow = GatewaySettings(
            upstreamFirstByteTimeout: .milliseconds(200),
            upstreamIdleTimeout: .milliseconds(200)
        )
        try await withGateway(slow, upstream: { wire in _ = await wire.rest() }) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.status == 504 && response["x-gatehouse-outcome"] == nil)
            #expect(try code(response) == "upstream_timeout")
            #expect(gateway.audit.responses.map(\.ending) == [.upstreamTimeout])
        }
        try await withGateway(
            slow,
            upstream: { wire in
                _ = try await wire.message()
                try await wire.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"choices\"")
                _ = await wire.rest()
            }
        ) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.status == 504)
            #expect(gateway.audit.responses.map(\.ending) == [.upstreamTimeout])
        }
    }

    @Test(
        "an answer that can't be read never passes",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsome text", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 14\r\n\r\n{\"choices\":[]}",
            "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"choices\":[", "garbage\r\n\r\n", "",
            "HTTP/1.1 200 OK\r\ncontent-length: 39\r\n\r\n{\"choices\":[{\"message\":{\"content\":123}}]}",
        ]
    )
    func unreadable(answer: String) async throws {
        try await withGateway(upstream: { wire in
            _ = try await wire.message()
            try await wire.send(answer)
        }) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.status == 502)
            #expect(try ["upstream_unreadable", "upstream_failed"].contains(code(response)))
            #expect(gateway.audit.responses.map(\.ending) == [.upstreamFailed])
        }
    }

    @Test("an answer over the limit is a 502")
    func largeAnswer() async throws {
        try await withGateway(GatewaySettings(maxResponseBytes: 100), upstream: answering(chatAnswer("x"))) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(try response.status == 502 && code(response) == "upstream_too_large")
        }
    }

    @Test("when a decision can't be kept, nothing is forwarded or released", arguments: [0, 1])
    func auditFails(after count: Int) async throws {
        try await withGateway(upstream: answering(chatAnswer("Hi."))) { gateway in
            gateway.audit.fail(after: count)
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.status == 503)
            #expect(try code(response) == "audit_unavailable")
            #expect(!response.text.contains("Hi."))
            let blocked = try await gateway.chat(chatRequest("a badword"))
            #expect(blocked.status == 503)
            #expect(gateway.classifier.texts.count == (count == 0 ? 2 : 3))
            #expect(try gateway.metrics.expectCounter("gatehouse_audit_failures_total").totalValue == 2)
        }
    }

    @Test("when a prompt's record is lost while the chatbot answers, nothing is released")
    func auditFailsLate() async throws {
        try await withGateway(upstream: answering(chatAnswer("Hi."))) { gateway in
            gateway.audit.trust()
            gateway.audit.fail(after: 0)
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(try response.status == 503 && code(response) == "audit_unavailable")
            #expect(!response.text.contains("Hi."))
            #expect(try gateway.metrics.expectCounter("gatehouse_audit_failures_total").totalValue == 2)
        }
    }

    @Test("when it is so chosen, a lost record does not stop the traffic")
    func auditFailureAllowed() async throws {
        try await withGateway(GatewaySettings(onAuditFailure: .allow), upstream: answering(chatAnswer("Hi."))) {
            gateway in
            gateway.audit.fail(after: 0)
            #expect(try await gateway.chat(chatRequest("hello")).text == chatAnswer("Hi."))
            let blocked = try await gateway.chat(chatRequest("badword"))
            #expect(try text(blocked) == "Not that.")
            #expect(try gateway.metrics.expectCounter("gatehouse_audit_failures_total").totalValue == 3)
        }
    }

    @Test(
        "no spelling of the path is a way around",
        arguments: [
            "/v1//chat/completions", "/v1/chat/completions/", "/v1/chat%2Fcompletions", "/v1/./chat/x/../completions",
            "/V1/Chat/Completions", "/v1/chat/completions;a=b", "/v1/chat/%63ompletions?x=1",
            "/v1/chat%252Fcompletions", "http://other/v1/chat/completions",
        ]
    )
    func aliases(path: String) async throws {
        try await withGateway(upstream: { _ in Issue.record("forwarded") }) { gateway in
            let response = try await withConnection(to: gateway.port) {
                try await $0.request("POST", path, body: chatRequest("a badword"))
            }
            #expect(try text(response) == "Not that.")
        }
    }
}

extension String {
    fileprivate func replacingFirst(_ old: String, with new: String) -> String {
        replacing(old, with: new, subrange: startIndex..<endIndex, maxReplacements: 1)
    }
}
