import Gateway
import Moderation
import Testing

@Suite("Ollama's streams")
struct OllamaStreamTests {
    private let text = "Write to jane.doe@example.com or see project blue bird today, and rest."
    private let masked = "Write to [MASKED] or see [MASKED] today, and rest."

    @Test("however a stream is cut, what passes stays the same, byte for byte", arguments: [true, false])
    func cuts(isChat: Bool) async throws {
        let text = "Here is a longer answer, with \"marks\" and more words than one window. Bye."
        let whole = Ollama.lines(pieces(of: text, size: 9), chat: isChat).replacing("}\n{", with: "}\r\n\n{")
        for size in [1, 2, 3, 7, 64, 1000] {
            #expect(try await playStream(whole, cut: size, by: Ollama.reader(chat: isChat)) == whole)
        }
        let cut = String(whole.dropLast())
        #expect(try await playStream(cut, cut: 50, by: Ollama.reader(chat: isChat)) == whole)
    }

    @Test("masked text is masked however it is cut", arguments: [true, false])
    func masked(isChat: Bool) async throws {
        for size in 1...20 {
            let whole = Ollama.lines(pieces(of: text, size: size), chat: isChat)
            let seen = try Ollama.Seen(await playStream(whole, cut: 37, by: Ollama.reader(chat: isChat)))
            #expect(seen.text == masked && seen.reason == "stop" && seen.count == 5)
        }
    }

    @Test("a block at any place leaves a stream that reads, with the reply at its end", arguments: [true, false])
    func blocked(isChat: Bool) async throws {
        let words = (0..<24).map { "word\($0) " }
        for place in 0...words.count {
            var said = words
            said.insert("badword ", at: place)
            let out = try await playStream(
                Ollama.lines(said, chat: isChat),
                cut: 50,
                by: Ollama.reader(chat: isChat)
            )
            let seen = try Ollama.Seen(out)
            #expect(!out.contains("badword") && !out.contains("\n\n"))
            #expect(seen.text.hasSuffix("Not that.") && seen.reason == "stop" && seen.error == nil)
            #expect(!seen.text.hasPrefix("word0") || out.contains("2026-11-23T20:00:00.5Z"))
        }
    }

    @Test("thoughts, answers and each call are strings of their own")
    func fields() async throws {
        func call(_ argument: String) -> String {
            #""message":{"tool_calls":[{"function":{"name":"f","arguments":{"to":"\#(argument)"}}}]}"#
        }
        let members = [
            #""message":{"thinking":"It may be a.b","content":"Ask x.y@"}"#,
            #""message":{"thinking":"@c.example.","content":"z.example."}"#, call("m.n@o.example"), call("q"),
        ]
        let whole = members.map { Ollama.line($0) }.joined() + Ollama.answer("") + "\n"
        let seen = try Ollama.Seen(await playStream(whole, cut: 50, by: Ollama.reader()))
        #expect(seen.thinking == "It may be [MASKED]." && seen.text == "Ask [MASKED].")
        #expect(seen.arguments == ["[MASKED]", "q"])
    }

    @Test("a stream that can't be read, or says more after its end, ends with an error")
    func unreadable() async throws {
        let good = Ollama.line(Ollama.says("The beginning of ", chat: true))
        for bad in ["{\"message\":7}\n", "[]\n", "{x}\n", "{\"a\":1,\"a\":2}\n", "data: {}\n"] {
            let seen = try Ollama.Seen(await playStream(good + bad, cut: 1, by: Ollama.reader()))
            #expect(seen.text == "The beginning of " && seen.error == "Unreadable.")
        }
        let long = good + String(repeating: " ", count: (1 << 20) + 1)
        #expect(try Ollama.Seen(await playStream(long, cut: 4096, by: Ollama.reader())).error == "Unreadable.")
        let more = Ollama.lines(["Hello."]) + Ollama.line(Ollama.says("badword", chat: true))
        #expect(!(try await playStream(more, cut: 1, by: Ollama.reader())).contains("badword"))
    }

    @Test("an error in the stream passes, once it was judged")
    func upstreamError() async throws {
        let whole = Ollama.line(Ollama.says("Hello.", chat: true)) + "{\"error\":\"out of memory\"}\n"
        #expect(try await playStream(whole, cut: 9, by: Ollama.reader()) == whole)
    }
}
