import Gateway
import Moderation
import Testing

@Suite("Gemini's streams")
struct GeminiStreamTests {
    private func stream(_ responses: [String], events: Bool) -> String {
        events ? Gemini.events(responses) : Gemini.array(responses)
    }

    @Test("however a stream is cut, what passes stays the same, byte for byte", arguments: [true, false])
    func cuts(events: Bool) async throws {
        let text = "Here is a longer answer, with \"marks\" and more words than one window. Bye."
        let whole = stream(Gemini.responses(pieces(of: text, size: 9)), events: events)
        for size in [1, 2, 3, 7, 64, 1000] {
            #expect(try await playStream(whole, cut: size, by: Gemini.reader(events: events)) == whole)
        }
    }

    @Test("masked text is masked however it is cut", arguments: [true, false])
    func masked(events: Bool) async throws {
        let text = "Write to jane.doe@example.com or see project blue bird today, and rest."
        for size in 1...20 {
            let whole = stream(Gemini.responses(pieces(of: text, size: size)), events: events)
            let out = try await playStream(whole, cut: 37, by: Gemini.reader(events: events))
            let seen = try Gemini.Seen(out)
            #expect(seen.texts[0] == "Write to [MASKED] or see [MASKED] today, and rest.")
            #expect(seen.finish[0] == "STOP" && seen.usage == 9)
        }
    }

    @Test("a block at any place leaves a stream that reads, with the reply at its end", arguments: [true, false])
    func blocked(events: Bool) async throws {
        let words = (0..<24).map { "word\($0) " }
        for place in 0...words.count {
            var said = words
            said.insert("badword ", at: place)
            let whole = stream(Gemini.responses(said), events: events)
            let out = try await playStream(whole, cut: 50, by: Gemini.reader(events: events))
            let seen = try Gemini.Seen(out)
            #expect(!out.contains("badword"))
            #expect(seen.texts[0]?.hasSuffix("Not that.") == true)
            #expect(seen.finish[0] == "SAFETY")
            #expect(seen.usage == (out.contains("word0") ? 9 : 0))
        }
    }

    @Test("`STOP` in every response, or before the first word, ends nothing", arguments: [true, false])
    func earlyStop(events: Bool) async throws {
        let text = "Write to jane.doe@example.com or see project blue bird today, and rest."
        let said = pieces(of: text, size: 4).map { Gemini.response(Gemini.candidate(Gemini.text($0), finish: "STOP")) }
        let empty = Gemini.response(Gemini.candidate(finish: "STOP"))
        let usage = #"{"usageMetadata":{"totalTokenCount":11}}"#
        let whole = stream([empty, empty] + said + [usage], events: events)
        let read = try Gemini.reader(events: events).readAll(whole)
        #expect(read.count(where: { !$0.finished.isEmpty }) == 1)
        #expect(read.flatMap(\.bytes) == Array(whole.utf8))
        let seen = try Gemini.Seen(await playStream(whole, cut: 50, by: Gemini.reader(events: events)))
        #expect(seen.texts[0] == "Write to [MASKED] or see [MASKED] today, and rest.")
        #expect(seen.usage == 11)
    }

    @Test("thoughts, answers and each call are strings of their own, however their parts alternate")
    func parts() async throws {
        func call(_ name: String, _ argument: String) -> String {
            #"{"functionCall":{"name":"\#(name)","args":{"to":"\#(argument)"}}}"#
        }
        let responses = [
            Gemini.candidate(#"{"text":"It may be ","thought":true}"#, Gemini.text("Ask ")),
            Gemini.candidate(#"{"text":"a.b@c.","thought":true}"#, Gemini.text("x.y@z.")),
            Gemini.candidate(#"{"text":"example.","thought":true}"#, Gemini.text("example.")),
            Gemini.candidate(call("f", "m.n@o.example"), call("g", "q")),
            Gemini.candidate(call("h", "q"), finish: "STOP"),
        ].map { Gemini.response($0) }
        let read = try Gemini.reader(events: true).readAll(Gemini.events(responses))
        #expect(Set(read.flatMap(\.texts).filter { $0.field.kind == .toolCall }.map(\.field.pointer)).count == 6)
        let seen = try Gemini.Seen(await playStream(Gemini.events(responses), cut: 99, by: Gemini.reader(events: true)))
        #expect(seen.thoughts == "It may be [MASKED].")
        #expect(seen.texts[0] == "Ask [MASKED].")
        #expect(seen.arguments == ["[MASKED]", "q", "q"])
    }

    @Test("an argument that comes piece by piece is one string, in either spelling")
    func partialArguments() async throws {
        let responses = [
            #"{"functionCall":{"name":"f","willContinue":true,"partialArgs":[{"jsonPath":"$.to","stringValue":"a.b@"}]}}"#,
            #"{"function_call":{"partial_args":[{"json_path":"$.to","string_value":"c.exa"}]}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.to","stringValue":"mple"}]}}"#, #"{"functionCall":{}}"#,
        ].map { Gemini.response(Gemini.candidate($0)) }
        let out = try await playStream(Gemini.events(responses), cut: 99, by: Gemini.reader(events: true))
        #expect(out.contains("[MASKED]") && !out.contains("a.b@") && !out.contains("c.exa") && !out.contains("mple"))
    }

    @Test("several candidates: a block of one ends the stream, in its own name")
    func candidates() async throws {
        func both(_ first: String, _ second: String) -> String {
            Gemini.response(Gemini.candidate(Gemini.text(first)), Gemini.candidate(Gemini.text(second), index: 1))
        }
        let allowed = Gemini.array([
            both("One ", "two "), both("and.", "and."),
            Gemini.response(
                Gemini.candidate(finish: "STOP"),
                Gemini.candidate(index: 1, finish: "STOP")
            ),
        ])
        #expect(try await playStream(allowed, cut: 10, by: Gemini.reader(events: false), choices: 2) == allowed)
        let blocked = Gemini.array([both("One ", "two "), both("more.", "badword.")])
        let out = try await playStream(blocked, cut: 10, by: Gemini.reader(events: false), choices: 2)
        let seen = try Gemini.Seen(out)
        #expect(!out.contains("badword") && seen.finish == [1: "SAFETY"])
        #expect(seen.texts[1]?.hasSuffix("Not that.") == true)
    }

    @Test("a stream that can't be read ends with Google's error, and reads", arguments: [true, false])
    func unreadable(events: Bool) async throws {
        let good = Gemini.response(Gemini.candidate(Gemini.text("The beginning of ")))
        for bad in [#"{"candidates":7}"#, #"{"candidates":[{"content":{"parts":["x"]}}]}"#, #"{"a":1,"a":2}"#, "{x}"] {
            let out = try await playStream(
                stream([good, bad], events: events),
                cut: 1,
                by: Gemini.reader(events: events)
            )
            let seen = try Gemini.Seen(out)
            #expect(seen.texts[0] == "The beginning of " && seen.errorStatus == "UNAVAILABLE")
        }
        let first = try await playStream(
            stream([#"{"candidates":7}"#], events: events),
            cut: 1,
            by: Gemini.reader(events: events)
        )
        #expect(try Gemini.Seen(first).errorStatus == "UNAVAILABLE")
    }

    @Test("an array that breaks off, or goes on after its end, is no answer")
    func arrayEnds() async throws {
        let responses = Gemini.responses(["Hello."])
        let cut = try await playStream("[" + responses[0], cut: 30, by: Gemini.reader(events: false))
        #expect(try Gemini.Seen(cut).errorStatus == "UNAVAILABLE")
        let more = try await playStream(Gemini.array(responses) + "{}", cut: 9, by: Gemini.reader(events: false))
        #expect(!more.contains("{}") && more.hasPrefix("["))
        #expect(try await playStream("[]", cut: 1, by: Gemini.reader(events: false)) == "[]")
        #expect(try await playStream("", cut: 1, by: Gemini.reader(events: false)).isEmpty)
    }

    @Test("an error in the stream passes, once it was judged")
    func upstreamError() async throws {
        let error = #"{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}"#
        let whole = Gemini.events([Gemini.response(Gemini.candidate(Gemini.text("Hello."))), error])
        #expect(try await playStream(whole, cut: 9, by: Gemini.reader(events: true)) == whole)
    }

    @Test("an answer of another media type is read as what it is")
    func mediaTypes() throws {
        let dialect = GeminiDialect()
        let whole = try Gemini.decoded(Gemini.request("x"))
        #expect(dialect.makeStreamReader(for: whole, mediaType: "application/json") == nil)
        #expect(dialect.makeStreamReader(for: whole, mediaType: "text/event-stream") != nil)
        for (path, type, isEvents) in [
            (Gemini.arrayPath, "text/event-stream", true), (Gemini.eventsPath, "application/json", false),
            (Gemini.eventsPath, "", true), (Gemini.arrayPath, "", false),
        ] {
            let request = try Gemini.decoded(Gemini.request("x"), path: path)
            let reader = try #require(dialect.makeStreamReader(for: request, mediaType: type))
            let responses = Gemini.responses(["Hello."])
            let good = isEvents ? Gemini.events(responses) : Gemini.array(responses)
            #expect(try reader.readAll(good).flatMap(\.texts).map(\.text) == ["Hello."])
        }
    }
}
