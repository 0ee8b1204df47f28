import Gateway
import Moderation
import Testing

@Suite("Gemini's answers")
struct GeminiResponseTests {
    private let dialect = GeminiDialect()

    @Test(
        "every string of a candidate, and beside the candidates, is read",
        arguments: [
            (#","groundingMetadata":{"groundingChunks":[{"web":{"title":"some words"}}]}"#, ""),
            (#","groundingMetadata":{"searchEntryPoint":{"renderedContent":"some words"}}"#, ""),
            (#","citationMetadata":{"citationSources":[{"license":"some words"}]}"#, ""),
            (#","urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"some words"}]}"#, ""),
            (#","finishMessage":"some words""#, ""), (#","finishReason":"some words""#, ""),
            (#","safetyRatings":[{"category":"some words"}]"#, ""), (#","continuationToken":"some words""#, ""),
            (#","novelty":["some words"]"#, ""), ("", #","promptFeedback":{"blockReasonMessage":"some words"}"#),
            ("", #","modelStatus":{"message":"some words"}"#), ("", #","error":{"message":"some words"}"#),
            ("", #","novelty":{"x":"some words"}"#), ("", #","createTime":"some words""#),
        ]
    )
    func everywhere(candidate: String, beside: String) throws {
        let response = Gemini.response(Gemini.candidate(Gemini.text("Hi."), extra: candidate), others: beside)
        let whole = try Gemini.decodedResponse(response)
        #expect(whole.choices[0].turn.text.contains("some words"))
        let refused = String(decoding: try dialect.rewrite(whole, changes: [.refuse(reply: "No.")]), as: UTF8.self)
        #expect(!refused.contains("some words"))
        #expect(try Gemini.decodedResponse(refused).choices[0].turn.text == "No.")
        let part = try #require(whole.choices[0].turn.parts.first { $0.text == "some words" })
        let match = Match(range: 0..<4, label: "x", replacement: "*")
        let redaction = Redaction(pointer: part.pointer, matches: [match])
        let masked = String(decoding: try dialect.rewrite(whole, changes: [.redact([redaction])]), as: UTF8.self)
        #expect(masked == response.replacing("some words", with: "* words"))
        for events in [true, false] {
            let stream = events ? Gemini.events([response]) : Gemini.array([response])
            let read = try Gemini.reader(events: events).readAll(stream)
            #expect(read.flatMap(\.texts).contains { $0.text == "some words" })
        }
    }

    @Test("constants, counts and opaque bytes are not words")
    func labels() throws {
        let extra =
            #","safetyRatings":[{"category":"HARM_CATEGORY_HARASSMENT","probability":"LOW"}],"avgLogprobs":-0.1"#
        let signature = String(repeating: "aGk+/", count: 20)
        let part = "{\"text\":\"Hi.\",\"thoughtSignature\":\"\(signature)\"}"
        let response = Gemini.response(Gemini.candidate(part, finish: "MAX_TOKENS", extra: extra))
        let turn = try Gemini.decodedResponse(response).choices[0].turn
        #expect(turn.text == "Hi.")
        #expect(turn.parts.contains { $0.kind == .file && $0.pointer.hasSuffix("/thoughtSignature") })
    }

    @Test("what was said is gone with a block, and token probabilities with a mask")
    func echoes() throws {
        let echo = #","logprobsResult":{"chosenCandidates":[{"token":"secret"}]}"#
        let whole = try Gemini.decodedResponse(Gemini.response(Gemini.candidate(Gemini.text("secret"), extra: echo)))
        let match = Match(range: 0..<6, label: "x", replacement: "*")
        let redaction = Redaction(pointer: "/candidates/0/content/parts/0/text", matches: [match])
        for change in [ChoiceChange.redact([redaction]), .refuse(reply: "No.")] {
            #expect(!String(decoding: try dialect.rewrite(whole, changes: [change]), as: UTF8.self).contains("secret"))
        }
    }

    @Test("token probabilities that say more than their text are read, and go with a mask")
    func probabilities() throws {
        let echo =
            #","logprobsResult":{"chosenCandidates":[{"token":"Hi"}],"topCandidates":[{"candidates":[{"token":"some words"}]}]}"#
        let response = Gemini.response(Gemini.candidate(Gemini.text("Hi"), extra: echo))
        let whole = try Gemini.decodedResponse(response)
        #expect(whole.choices[0].turn.parts.map(\.text).contains("some words"))
        let redactions = whole.choices[0].turn.parts.filter { $0.kind.isText && !$0.text.isEmpty }.map { part in
            Redaction(pointer: part.pointer, matches: [Match(range: 0..<1, label: "x", replacement: "*")])
        }
        let masked = String(decoding: try dialect.rewrite(whole, changes: [.redact(redactions)]), as: UTF8.self)
        #expect(masked.contains("\"logprobsResult\":null") && masked.contains("\"*i\""))
        let plain = response.replacing("some words", with: "So")
        #expect(!(try Gemini.decodedResponse(plain).choices[0].turn.parts.map(\.text).contains("So")))
    }

    @Test("an answer without candidates passes if it says nothing, and is judged if it does")
    func withoutCandidates() throws {
        let count = #"{"totalTokens":3,"promptTokensDetails":[{"modality":"TEXT","tokenCount":3}]}"#
        #expect(try Gemini.decodedResponse(count).choices.isEmpty)
        #expect(try Gemini.decodedResponse(#"{"embedding":{"values":[0.1]}}"#).choices.isEmpty)
        #expect(try Gemini.decodedResponse(#"{"promptFeedback":{"blockReason":"SAFETY"}}"#).choices.isEmpty)
        let words = try Gemini.decodedResponse(#"{"totalTokens":3,"x":"some words"}"#)
        #expect(words.choices.map(\.turn.text) == ["some words"])
        let refused = String(decoding: try dialect.rewrite(words, changes: [.refuse(reply: "No.")]), as: UTF8.self)
        #expect(!refused.contains("some words"))
    }

    @Test("an index of 0 may go without saying")
    func indices() throws {
        let response = "{\"candidates\":[\(Gemini.candidate(index: 1)),{\"content\":{\"parts\":[]}}]}"
        #expect(try Gemini.decodedResponse(response).choices.map(\.index) == [1, 0])
    }

    @Test("over sockets: allowed byte for byte, masked, and blocked without a word of it", arguments: [false, true])
    func routed(isStreamed: Bool) async throws {
        @Sendable func answer(_ text: String) -> String {
            isStreamed
                ? Gemini.events(Gemini.responses(pieces(of: text, size: 3)))
                : Gemini.response(Gemini.candidate(Gemini.text(text), finish: "STOP"))
        }
        let type = isStreamed ? "text/event-stream" : "application/json; charset=UTF-8"
        for (text, expected) in [
            ("All is well.", "All is well."), ("Ask a.b@c.example now.", "Ask [MASKED] now."),
            ("A badword.", "Not that."),
        ] {
            try await withGateway(upstream: answering(answer(text), type: type)) { gateway in
                let response = try await withConnection(to: gateway.port) { wire in
                    try await wire.request(
                        "POST",
                        isStreamed ? Gemini.eventsPath : Gemini.path,
                        body: Gemini.request("Hello")
                    )
                }
                #expect(response.status == 200)
                let seen = try Gemini.Seen(isStreamed ? response.text : "[\(response.text)]")
                #expect(seen.texts[0] == expected)
                #expect(seen.finish[0] == (expected == "Not that." ? "SAFETY" : "STOP"))
                #expect(text != expected || response.text == answer(text))
                let record = try #require(gateway.audit.responses.first)
                #expect(record.dialect == "gemini" && record.model == "gemini-demo")
                #expect(record.route.hasPrefix("/v1beta/models/*:"))
                #expect(record.content.map(\.text).joined().contains(text))
            }
        }
    }
}
