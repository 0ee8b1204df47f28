import Gateway
import Moderation
import Testing

@Suite("When a streamed answer is released")
struct StreamModeTests {
    private let route = "/v1/chat/completions"

    /// An upstream that streams its chunks, then waits to be read before it ends.
    private func streaming(_ chunks: [String], pause: Duration = .zero) -> @Sendable (Wire) async throws -> Void {
        { wire in
            _ = try await wire.message()
            try await wire.beginStream()
            for chunk in chunks {
                try await wire.sendChunk(chunk)
                try await Task.sleep(for: pause)
            }
            try await wire.send("0\r\n\r\n")
            _ = await wire.rest()
        }
    }

    /// Judges a window as a rule with a score would.
    private func judgement(_ outcome: Outcome) -> Judgement {
        Judgement(verdicts: [Verdict(rule: "a", mode: .enforce, outcome: outcome, score: 0.6)])
    }

    /// Runs windows with the given outcomes through a gate, the last of them after the end, and returns what is out after each.
    private func run(_ outcomes: [Outcome], windows: StreamWindows) throws -> (released: [String], gate: StreamGate) {
        var gate = StreamGate(windows: windows)
        var reader = try chatStreamReader()
        var released: [String] = []
        var out: [UInt8] = []
        for (index, outcome) in outcomes.enumerated() {
            gate.receive(try reader.read(Array(textChunk("word\(index) ").utf8)))
            if index == outcomes.count - 1 {
                gate.receive(try reader.read(Array((finishChunk + doneChunk).utf8)))
                gate.end()
            }
            let window = gate.nextWindow()
            gate.judged(try #require(window), judgement(outcome))
            out += gate.release(by: &reader)
            released.append(try SeenStream(out).content[0] ?? "")
        }
        return (released, gate)
    }

    @Test(
        "a flag needs windows in a row, or the last one",
        arguments: [
            ([.allow, .flag, .allow, .allow], .allow), ([.flag, .flag, .allow], .flag),
            ([.flag, .allow, .flag, .allow], .allow),
            ([.allow, .allow, .flag], .flag),
        ] as [([Outcome], Outcome)]
    )
    func flags(outcomes: [Outcome], expected: Outcome) throws {
        let (_, gate) = try run(outcomes, windows: StreamWindows(firstBytes: 1, maxBytes: 1, holdBackBytes: 0))
        #expect(gate.stop == nil)
        #expect(gate.judgement.outcome == expected)
        #expect(gate.judgement.verdicts[0].score == 0.6)
    }

    @Test("while a block is in doubt nothing more is released; it is cut when the doubt is confirmed, or at the end")
    func doubtfulBlocks() throws {
        let windows = StreamWindows(firstBytes: 1, maxBytes: 1, holdBackBytes: 0, blockWindows: 2)
        let passing = try run([.allow, .block, .allow, .allow], windows: windows)
        #expect(passing.released == ["word0 ", "word0 ", "word0 word1 word2 ", "word0 word1 word2 word3 "])
        #expect(passing.gate.stop == nil && passing.gate.judgement.outcome == .allow)
        for outcomes in [[Outcome.allow, .block, .block], [.allow, .allow, .block]] {
            let cut = try run(outcomes, windows: windows)
            #expect(cut.gate.stop == .blocked(choice: 0))
            #expect(cut.gate.judgement.outcome == .block)
            #expect(cut.released.last?.contains("word2") == false)
        }
        let atOnce = try run([.allow, .block], windows: StreamWindows(firstBytes: 1, maxBytes: 1, holdBackBytes: 0))
        #expect(atOnce.gate.stop == .blocked(choice: 0))
    }

    @Test("whole: nothing is released before all was judged, and the text is judged once")
    func whole() async throws {
        let pieces = (0..<100).map { "word\($0) " }
        let settings = GatewaySettings(modes: [route: .whole])
        try await withGateway(settings, upstream: streaming([stream(of: pieces)])) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            #expect(response.text == stream(of: pieces))
            #expect(response["x-gatehouse-mode"] == "whole")
            #expect(gateway.classifier.texts == ["hello", pieces.joined()])
        }
        try await withGateway(settings, upstream: streaming([stream(of: pieces + ["a badword"])])) { gateway in
            let seen = try SeenStream(try await gateway.chat(chatRequest("hello", stream: true)).body)
            #expect(seen.content[0] == "Not that." && seen.finish[0] == "content_filter")
            #expect(gateway.audit.responses.map(\.releasedCharacters) == [0])
        }
    }

    @Test("observe: everything passes as it came, and the record says what would have been done")
    func observe() async throws {
        let text = stream(of: ["Write to a@b.example. ", "a badword ", "and more"])
        let settings = GatewaySettings(modes: [route: .observe])
        try await withGateway(settings, upstream: streaming([text])) { gateway in
            let response = try await gateway.chat(chatRequest("hello", stream: true))
            #expect(response.text == text)
            #expect(response["x-gatehouse-mode"] == "observe")
            let record = try #require(gateway.audit.responses.first)
            #expect(record.decision.outcome == .block && record.decision.observed == true)
            #expect(record.releasedCharacters == 40 && record.ending == .completed)
            #expect(gateway.audit.prompts.map(\.decision.observed) == [nil])
        }
        try await withGateway(settings, upstream: answering(chatAnswer("a badword", "a@b.example"))) { gateway in
            let response = try await gateway.chat(chatRequest("hello"))
            #expect(response.text == chatAnswer("a badword", "a@b.example"))
            #expect(response["x-gatehouse-mode"] == "observe")
            #expect(gateway.audit.responses.map(\.decision.observed) == [true])
        }
    }

    @Test("a prompt is judged and blocked in every mode", arguments: StreamMode.allCases)
    func prompts(mode: StreamMode) async throws {
        try await withGateway(GatewaySettings(modes: [route: mode])) { gateway in
            let response = try await gateway.chat(chatRequest("a badword"))
            #expect(response["x-gatehouse-outcome"] == "block")
        }
    }

    @Test("while text is held back, comments keep the connection")
    func keepAlive() async throws {
        let settings = GatewaySettings(keepAlive: .milliseconds(50))
        let chunks = [textChunk("Short. "), finishChunk + doneChunk]
        try await withGateway(settings, upstream: streaming(chunks, pause: .milliseconds(400))) { gateway in
            let text = try await gateway.chat(chatRequest("hello", stream: true)).text
            let comment = ": keep-alive\n\n"
            #expect(text.hasPrefix(comment))
            #expect(text.replacing(comment, with: "") == chunks.joined())
        }
    }
}
