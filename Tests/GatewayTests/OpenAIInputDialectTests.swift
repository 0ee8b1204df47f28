import Gateway
import Moderation
import Testing

@Suite("Embeddings and moderations")
struct OpenAIInputDialectTests {
    private let dialect = OpenAIInputDialect.embeddings
    private let numbers =
        #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2]},"#
        + #"{"object":"embedding","index":1,"embedding":"AACAPwAAAEA="}],"model":"demo","usage":{"total_tokens":3}}"#

    private func decoded(_ body: String) throws -> DecodedRequest {
        let target = try #require(RequestTarget("/v1/embeddings"))
        return try dialect.decodeRequest(Array(body.utf8), at: try #require(dialect.route(of: target)))
    }

    private func post(_ gateway: RunningGateway, _ path: String, _ body: String) async throws -> Wire.Message {
        try await withConnection(to: gateway.port) { try await $0.request("POST", path, body: body) }
    }

    @Test("every string of the input is judged; tokens are listed")
    func input() throws {
        #expect(try decoded(#"{"input":"one"}"#).conversation.turns.map(\.text) == ["one"])
        #expect(
            try decoded(#"{"input":["one","two"],"x":"three"}"#).conversation.turns.map(\.text) == [
                "one\nthree", "two",
            ]
        )
        let tokens = try decoded(#"{"input":[[1,2],[3]]}"#).conversation.turns.flatMap(\.parts)
        #expect(tokens.map(\.kind) == [.unknown, .unknown])
        for body in [
            "", "[]", "{}", #"{"input":null}"#, #"{"input":7}"#, #"{"input":[]}"#, #"{"Input":"x","input":"y"}"#,
        ] {
            #expect(throws: DialectError.self, "\(body)") { try decoded(body) }
        }
    }

    @Test("numbers pass with nothing to scan, whichever way they are written; words beside them don't")
    func answers() async throws {
        let request = try decoded(#"{"input":"one"}"#)
        #expect(try dialect.decodeResponse(Array(numbers.utf8), to: request).choices.isEmpty)
        for (field, value) in [("embedding", "words"), ("note", "words"), ("object", "some words")] {
            let body = "{\"data\":[{\"\(field)\":\"\(value)\"}]}"
            let answer = try dialect.decodeResponse(Array(body.utf8), to: request)
            #expect(answer.choices.map(\.turn.text) == [value])
            let refused = try dialect.rewrite(answer, changes: [.refuse(reply: "No.")])
            #expect(String(decoding: refused, as: UTF8.self) == "{\"data\":[{\"\(field)\":\"\"}]}")
        }
        try await withGateway(upstream: answering(numbers)) { [numbers] gateway in
            let response = try await post(gateway, "/v1/embeddings", #"{"model":"demo","input":["one","two"]}"#)
            #expect(response.status == 200 && response.text == numbers)
            #expect(gateway.audit.responses.map(\.decision.outcome) == [.allow])
            #expect(gateway.audit.responses[0].decision.coverage.isEmpty)
        }
    }

    @Test("a blocked input is OpenAI's error")
    func blocked() async throws {
        try await withGateway(upstream: { _ in Issue.record("forwarded") }) { gateway in
            let response = try await post(gateway, "/v1/embeddings", #"{"input":["one","a badword"]}"#)
            let document = try JSONDocument(response.body)
            #expect(response.status == 400)
            #expect(document.string(document.value(at: "/error/code")) == "content_policy_violation")
            #expect(gateway.audit.records.map(\.status) == [400])
        }
    }

    @Test("moderations are the gateway's own judgement, a record for each input")
    func moderations() async throws {
        try await withGateway(upstream: { _ in Issue.record("forwarded") }) { gateway in
            let body = #"{"input":["fine","iffy","a badword","to a.b@c.example"]}"#
            let response = try await post(gateway, "/v1/moderations", body)
            let document = try JSONDocument(response.body)
            let results = try #require(document.root["results"]?.elements)
            #expect(response.status == 200 && document.string(document.root["id"])?.hasPrefix("modr-") == true)
            #expect(results.map { $0["flagged"]?.kind } == [.bool(false), .bool(true), .bool(true), .bool(true)])
            #expect(
                results.map { $0["categories"]?["bad"]?.kind } == [
                    .bool(false), .bool(true), .bool(true), .bool(false),
                ]
            )
            #expect(results.map { $0["categories"]?["mask"]?.kind }.last == .bool(true))
            for key in ["categories", "category_scores", "category_applied_input_types"] {
                #expect(results[0][key]?.members?.count == 15)
            }
            #expect(results[0]["category_applied_input_types"]?["hate"]?.elements?.isEmpty == true)
            #expect(results[0]["category_applied_input_types"]?["bad"]?.elements?.count == 1)
            let records = gateway.audit.records
            #expect(records.map(\.decision.outcome) == [.allow, .flag, .block, .redact])
            #expect(Set(records.map(\.dialect)) == ["openai-moderations"] && Set(records.map(\.requestID)).count == 1)
            #expect(
                records.map { $0.content.map(\.text) } == [["fine"], ["iffy"], ["a badword"], ["to a.b@c.example"]]
            )
            #expect(response["x-gatehouse-outcome"] == "block")
        }
    }

    @Test("text and images are one input; images alone are not called harmless, nor is what a guard that is down saw")
    func unjudged() async throws {
        try await withGateway { gateway in
            let image = #"{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}"#
            let both = try await post(
                gateway,
                "/v1/moderations",
                "{\"input\":[{\"type\":\"text\",\"text\":\"iffy\"},\(image)]}"
            )
            let document = try JSONDocument(both.body)
            #expect(document.root["results"]?.elements?.count == 1)
            #expect(document.value(at: "/results/0/flagged")?.kind == .bool(true))
            #expect(gateway.audit.records[0].decision.coverage.map(\.state) == [.scanned, .skipped])
            let alone = try await post(gateway, "/v1/moderations", "{\"input\":[\(image)]}")
            #expect(alone.status == 400 && alone.text.contains("invalid_request"))
            let many = try await post(
                gateway,
                "/v1/moderations",
                "{\"input\":[\([String](repeating: "\"a\"", count: 257).joined(separator: ","))]}"
            )
            #expect(many.status == 400)
            gateway.classifier.breakDown()
            let down = try await post(gateway, "/v1/moderations", #"{"input":"fine"}"#)
            #expect(down.status == 503 && down.text.contains("guard_unavailable"))
            let get = try await withConnection(to: gateway.port) { try await $0.request("GET", "/v1/moderations") }
            #expect(get.status == 405)
        }
    }
}
