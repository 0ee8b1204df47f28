import Gateway
import Moderation
import Testing

@Suite("The stream gate")
struct StreamGateTests {
    /// Runs a stream through a gate, cut into pieces of the given sizes, and returns what comes out, checking at each
    /// step.
    private func run(
        _ stream: String,
        cut sizes: [Int],
        windows: StreamWindows = StreamWindows(firstBytes: 8, growth: 2, maxBytes: 64, holdBackBytes: 20),
        choices: Int = 1
    ) async throws -> (out: [UInt8], gate: StreamGate) {
        let moderator = try makeModerator()
        let conversation = Conversation(turns: [Turn(role: .user, parts: [])])
        var reader = try chatStreamReader()
        var gate = StreamGate(windows: windows, expectedChoices: choices)
        var out: [UInt8] = []

        func settle() async throws {
            while let window = gate.nextWindow() {
                let judgement = try await moderator.judge(Subject(response: window.turn, to: conversation))
                gate.judged(window, judgement)
                out += gate.release(by: &reader)
            }
            out += gate.release(by: &reader)
            if gate.needsRecord {
                gate.recorded()
                out += gate.release(by: &reader)
            }
        }

        let bytes = Array(stream.utf8)
        var position = 0
        var turn = 0
        while position < bytes.count, gate.stop == nil {
            let end = min(bytes.count, position + max(1, sizes[turn % sizes.count]))
            gate.receive(try reader.read(Array(bytes[position..<end])))
            try await settle()
            position = end
            turn += 1
        }
        if gate.stop == nil {
            gate.receive(try reader.finish())
            gate.end()
            try await settle()
        }
        if case .blocked(let choice) = gate.stop {
            let refusal = gate.refusal(of: choice)
            out += reader.refusal(refusal.reply, choice: choice, isOpen: refusal.isOpen)
        }
        return (out, gate)
    }

    @Test("a harmless stream goes out byte for byte", arguments: [[1], [2, 3], [7], [64], [1000], [100_000]])
    func identity(sizes: [Int]) async throws {
        let text = stream(of: [
            "Hello", " there", ",", " this is a", " longer answer", " with more words than one window.", " Bye.",
        ])
        let (out, gate) = try await run(text, cut: sizes)
        #expect(String(decoding: out, as: UTF8.self) == text)
        #expect(gate.isDone)
        #expect(gate.judgement.outcome == .allow)
    }

    @Test("CRLF line ends, names and data of several lines go out as they came, comments without their text")
    func framing() async throws {
        let text =
            "event: message\r\nid: 4\r\ndata: {\"choices\":[{\"index\":0,\r\ndata: \"delta\":{\"content\":\"Hi you\"}}]}\r\n\r\n"
            + finishChunk + "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n" + doneChunk
        for size in [1, 5, 1000] {
            let (out, _) = try await run("\u{FEFF}: some words\r\n\r\n" + text + ":more words", cut: [size])
            #expect(String(decoding: out, as: UTF8.self) == ":\n\r\n" + text + ":\n\n")
        }
    }

    @Test("however a text is cut, what is masked and what is released stay the same")
    func everySplit() async throws {
        let text = "Write to jane.doe@example.com or see project blue bird today, and ask bob@example.org soon. Done."
        let expected = "Write to [MASKED] or see [MASKED] today, and ask [MASKED] soon. Done."
        let characters = Array(text)
        for first in stride(from: 0, through: characters.count, by: 1) {
            let pieces = [String(characters[..<first]), String(characters[first...])].filter { !$0.isEmpty }
            let (out, _) = try await run(stream(of: pieces), cut: [10_000])
            #expect(try SeenStream(out).content[0] == expected)
        }
        for size in 1...24 {
            let pieces = stride(from: 0, to: characters.count, by: size).map {
                String(characters[$0..<min(characters.count, $0 + size)])
            }
            let (out, gate) = try await run(stream(of: pieces), cut: [37])
            let seen = try SeenStream(out)
            #expect(seen.content[0] == expected)
            #expect(seen.finish[0] == "stop" && seen.isDone)
            #expect(gate.judgement.outcome == .redact)
            #expect(gate.releasedCharacters == expected.count)
        }
    }

    @Test("of a stretch longer than what is held back, the part that is not out yet is masked")
    func longStretch() async throws {
        let windows = StreamWindows(firstBytes: 4, growth: 1, maxBytes: 4, holdBackBytes: 0)
        let pieces = ["See ", "project ", "blue ", "bird ", "today"]
        let (out, _) = try await run(stream(of: pieces), cut: [150], windows: windows)
        let content = try #require(try SeenStream(out).content[0])
        #expect(content.hasSuffix("[MASKED] today") && !content.contains("bird"))
    }

    @Test("random cuts, windows and words: released text is the masked text, and never runs ahead of judging")
    func randomStreams() async throws {
        var generator = SplitMix(state: 11)
        let words = [
            "alpha", "beta", "a.b@example.com", "project blue bird", "naïve", "日本語の文", "x", "\n\n", "iffy", "😀",
        ]
        for _ in 0..<150 {
            let text = (0..<Int.random(in: 1..<60, using: &generator))
                .map { _ in words.randomElement(using: &generator) ?? "" }.joined(separator: " ")
            let expected = text.replacing(try PhraseDetector(phrases: ["@", "project blue bird"]).matches(in: text))
            var rest = Array(text.unicodeScalars)
            var pieces: [String] = []
            while !rest.isEmpty {
                let count = min(rest.count, Int.random(in: 1..<12, using: &generator))
                pieces.append(String(String.UnicodeScalarView(rest.prefix(count))))
                rest.removeFirst(count)
            }
            let windows = StreamWindows(
                firstBytes: Int.random(in: 1..<60, using: &generator),
                growth: 1.5,
                maxBytes: 200,
                holdBackBytes: Int.random(in: 18..<80, using: &generator)
            )
            let sizes = (0..<5).map { _ in Int.random(in: 1..<400, using: &generator) }
            let (out, _) = try await run(stream(of: pieces), cut: sizes, windows: windows)
            #expect(try SeenStream(out).content[0] == expected)
        }
    }

    @Test("nothing of a blocked window is released, whatever the cuts")
    func blocked() async throws {
        let head = "This begins well and goes on for quite a few words before it turns. "
        for size in 1...30 {
            let characters = Array(head + "Then comes a badword and more text that nobody gets.")
            let pieces = stride(from: 0, to: characters.count, by: size).map {
                String(characters[$0..<min(characters.count, $0 + size)])
            }
            let (out, gate) = try await run(stream(of: pieces), cut: [50])
            let seen = try SeenStream(out)
            let content = try #require(seen.content[0])
            #expect(gate.stop == .blocked(choice: 0))
            #expect(!content.contains("badword") && !content.contains("nobody"))
            #expect(content.hasSuffix("Not that."))
            #expect(head.hasPrefix(content.replacing("Not that.", with: "").trimmingSuffix { $0 == "\n" }))
            #expect(seen.finish[0] == "content_filter" && seen.isDone)
        }
    }

    @Test("a stream that begins badly is nothing but a refusal")
    func blockedAtOnce() async throws {
        let (out, gate) = try await run(textChunk("badword is here") + finishChunk + doneChunk, cut: [1000])
        let seen = try SeenStream(out)
        #expect(seen.content[0] == "Not that.")
        #expect(gate.releasedCharacters == 0)
        #expect(!gate.refusal(of: 0).isOpen)
    }

    @Test(
        "reasoning, refusals and tool calls are judged like content",
        arguments: ["reasoning_content", "refusal", "reasoning"]
    )
    func channels(key: String) async throws {
        let (out, gate) = try await run(textChunk("a badword here", key: key) + finishChunk + doneChunk, cut: [1000])
        #expect(gate.stop == .blocked(choice: 0))
        #expect(!String(decoding: out, as: UTF8.self).contains("badword"))
    }

    @Test("tool call arguments in pieces are judged as one text and masked")
    func toolCalls() async throws {
        func call(_ arguments: String) -> String {
            chunk("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\(JSONText.quoted(arguments))}}]}")
        }
        let head = chunk(
            "{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"send\",\"arguments\":\"\"}}]}"
        )
        let (out, _) = try await run(
            head + call("{\"to\": \"jane.doe@ex") + call("ample.com\"}") + chunk("{}", finish: "\"tool_calls\"")
                + doneChunk,
            cut: [33]
        )
        #expect(try SeenStream(out).arguments == "{\"to\": \"[MASKED]\"}")
        let (bad, gate) = try await run(head + call("{\"q\": \"bad") + call("word\"}") + doneChunk, cut: [33])
        #expect(gate.stop == .blocked(choice: 0))
        #expect(try !SeenStream(bad).arguments.contains("word"))
    }

    @Test("reasoning that is over does not hold up the answer")
    func reasoningThenContent() async throws {
        let thoughts = (0..<12).map { textChunk("thought \($0) ", key: "reasoning_content") }.joined()
        let answer = (0..<40).map { textChunk("word\($0) ") }.joined()
        let moderator = try makeModerator()
        var reader = try chatStreamReader()
        var gate = StreamGate(windows: StreamWindows(firstBytes: 8, growth: 1, maxBytes: 8, holdBackBytes: 20))
        var out: [UInt8] = []
        for byte in Array((thoughts + answer).utf8) {
            gate.receive(try reader.read([byte]))
            if let window = gate.nextWindow() {
                gate.judged(
                    window,
                    try await moderator.judge(Subject(response: window.turn, to: Conversation(turns: [])))
                )
            }
            out += gate.release(by: &reader)
        }
        let seen = try SeenStream(out)
        #expect(seen.reasoning.hasSuffix("thought 11 "))
        #expect(seen.content[0]?.contains("word30") == true)
    }

    @Test("with several choices, each is judged for itself and a block of one ends the stream")
    func choices() async throws {
        let fine = textChunk("all good here") + textChunk("and mail a@b.example", choice: 1)
        let finish =
            chunk("{}", choice: 1, finish: "\"stop\"") + chunk("{}", choice: 0, finish: "\"length\"") + doneChunk
        let (out, gate) = try await run(fine + finish, cut: [1000], choices: 2)
        let seen = try SeenStream(out)
        #expect(seen.content == [0: "all good here", 1: "and mail [MASKED]"])
        #expect(seen.finish == [0: "length", 1: "stop"])
        #expect(gate.judgement.verdicts.first { $0.rule == "mask" }?.matches == ["phrase": 1])

        let (bad, blocked) = try await run(
            fine + textChunk(" a badword", choice: 1) + finish,
            cut: [100_000],
            choices: 2
        )
        #expect(blocked.stop == .blocked(choice: 1))
        #expect(!String(decoding: bad, as: UTF8.self).contains("badword"))
        #expect(try SeenStream(bad).finish[1] == "content_filter")
    }

    @Test("token probabilities go when the text they repeat is masked, and stay otherwise")
    func logprobs() async throws {
        let masked = chunk(
            "{\"content\":\"a.b@c.example \"}",
            extra: ",\"logprobs\":{\"content\":[{\"token\":\"a.b@c.example \"}]}"
        )
        let plain = chunk("{\"content\":\"fine\"}", extra: ",\"logprobs\":{\"content\":[{\"token\":\"fine\"}]}")
        let (out, _) = try await run(masked + plain + finishChunk + doneChunk, cut: [1000])
        let text = String(decoding: out, as: UTF8.self)
        #expect(!text.contains("a.b@c.example"))
        #expect(text.contains("\"logprobs\":null"))
        #expect(text.contains(plain))
    }

    @Test("a text without a final event is judged to its end when the upstream closes")
    func noFinish() async throws {
        let (out, gate) = try await run(textChunk("ends without more"), cut: [10])
        #expect(try SeenStream(out).content[0] == "ends without more")
        #expect(gate.isDone)
        let (bad, blocked) = try await run(textChunk("ends with badword"), cut: [10])
        #expect(blocked.stop == .blocked(choice: 0))
        #expect(!String(decoding: bad, as: UTF8.self).contains("badword"))
    }

    @Test("text after the end is never released")
    func textAfterEnd() async throws {
        let (out, gate) = try await run(stream(of: ["fine"]) + textChunk("late badword"), cut: [40])
        #expect(gate.stop == .textAfterEnd)
        #expect(!String(decoding: out, as: UTF8.self).contains("late"))
    }

    @Test("the last events wait for the record")
    func record() async throws {
        let moderator = try makeModerator()
        var reader = try chatStreamReader()
        var gate = StreamGate()
        gate.receive(try reader.read(Array(stream(of: ["Hello."]).utf8)))
        #expect(!gate.needsRecord)
        let next = gate.nextWindow()
        let window = try #require(next)
        #expect(window.isWhole)
        #expect(gate.nextWindow() == nil)
        gate.judged(window, try await moderator.judge(Subject(response: window.turn, to: Conversation(turns: []))))
        let early = try SeenStream(gate.release(by: &reader))
        #expect(early.content[0] == "Hello." && early.finish.isEmpty)
        #expect(gate.needsRecord)
        gate.recorded()
        let late = try SeenStream(gate.release(by: &reader))
        #expect(late.finish[0] == "stop" && late.isDone)
    }

    @Test("reading waits while much is held, and goes on when judging caught up")
    func backPressure() async throws {
        let moderator = try makeModerator()
        var reader = try chatStreamReader()
        var gate = StreamGate(windows: StreamWindows(firstBytes: 1_000_000, maxBytes: 1_000_000, heldBytes: 2_000))
        while gate.wantsEvents { gate.receive(try reader.read(Array(textChunk("some words ").utf8))) }
        let next = gate.nextWindow()
        let window = try #require(next)
        #expect(!gate.wantsEvents)
        gate.judged(window, try await moderator.judge(Subject(response: window.turn, to: Conversation(turns: []))))
        #expect(!gate.release(by: &reader).isEmpty)
        #expect(gate.wantsEvents)
        for _ in 0..<1_000 { gate.receive(try reader.read(Array(": nothing to judge in here\n\n".utf8))) }
        gate.receive(try reader.read(Array(textChunk(String(repeating: "x", count: 40_000)).utf8)))
        #expect(gate.stop == .tooMuchHeld)
    }

    @Test(
        "a stream that can't be read is refused",
        arguments: [
            "data: {\"choices\":[{\"delta\":{\"content\":7}}]}\n\n", "data: {\"choices\":[{\"delta\":\"text\"}]}\n\n",
            "data: {\"choices\":{}}\n\n", "data: not json\n\n", "{\"choices\":[]}\n\n", "data: [1]\n\n",
            "data: {\"choices\":[{\"Delta\":{\"content\":\"x\"}}]}\n\n", "data: {\"choices\":[],\"choices\":[]}\n\n",
        ]
    )
    func unreadable(stream: String) throws {
        var reader = try chatStreamReader()
        #expect(throws: DialectError.self) { try reader.read(Array(stream.utf8)) }
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
