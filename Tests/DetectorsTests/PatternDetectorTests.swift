import Detectors
import Moderation
import Testing

@Suite("Patterns")
struct PatternDetectorTests {
    @Test("a syntax error gives the message and the place in the pattern")
    func syntaxError() {
        let error = #expect(throws: DetectionError.self) { try PatternDetector(["ok", "é(a"]) }
        #expect(error?.item == 1)
        #expect(error?.message == "the pattern does not compile: missing closing parenthesis (at character 4)")
    }

    @Test("an empty pattern is an error")
    func emptyPattern() {
        #expect(throws: DetectionError.self) { try PatternDetector([""]) }
    }

    @Test("a pattern that splits characters is an error")
    func singleBytes() {
        #expect(throws: DetectionError.self) { try PatternDetector([#"\C"#]) }
    }

    static let runaways = [
        #"(a+)+$"#, #"(a|a)*b"#, #"(a|aa)+$"#, #"(?:a*)*c"#, #"(.*)*x"#, #"(.*)*\d"#, #"^(\w+\s?)*$"#, #"([a-z]+)*\d"#,
        #"(\w|\d)+!"#,
        #"^(([a-z])+.)+[A-Z]([a-z])+$"#, #"(?i)id:(?:[^,]+,?)*;"#, #"^(?:(?:a|b|ab)*)*$"#, #"(x+x+)+y"#,
        #"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}$"#, #"(é+)+$"#, #"(?<n>a+)+\d"#, #"(a{1,40}){1,40}b"#,
    ]

    @Test("a pattern that runs away on a short text is refused, with the reason", arguments: runaways)
    func refusesRunaway(pattern: String) {
        let error = #expect(throws: DetectionError.self) { try PatternDetector(["fine", pattern]) }
        #expect(error?.item == 1)
        #expect(error?.message.contains("runs away") == true)
        #expect(error?.help != nil)
    }

    static let sound = [
        #"\bTICKET-\d{6}\b"#, #"(?i)project\s+nightingale"#, #"\w+@\w+\.\w+"#, #".*foo.*bar"#, #"(?s)start.*?end"#,
        #"^\s*(\w+)\s*=\s*(.*)$"#,
        #"(?:\d{1,3}\.){3}\d{1,3}"#, #"(a+)++$"#, #"(?>a+)+b"#, #"(?:[a-z]+\s)+[a-z]+"#, #"(\w+\s)*\w+$"#, #"(\d+)-\1"#,
        #"(?x) a+ # comment"#,
        #"[^\]]+\]"#, #"(?:foo|bar)+"#, #"foo(bar+)+$"#, #"(?m)^(?:\w+,)*\w+$"#, #"\p{Lu}\w+(?:\s\p{Lu}\w+)*"#,
        #"(\((?:[^()]|(?1))*\))"#, #"(?<=a)b+(?!c)"#,
        #"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$"#, #"a{0,200}b"#, #"[\w.+-]+@[\w-]+\.[\w.-]+"#,
    ]

    @Test("a pattern that people write is taken", arguments: sound)
    func takesSound(pattern: String) {
        #expect(throws: Never.self) { try PatternDetector([pattern]) }
    }

    @Test("a pattern that gets stuck on a long text only is an error then")
    func runaway() throws {
        let detector = try PatternDetector([#"(?s)a.*a.*a.*\d"#])
        let text = String(repeating: "a", count: 20_000) + "!c"
        let error = #expect(throws: (any Error).self) { try detector.matches(in: text) }
        #expect(error.map { "\($0)".contains("make the pattern less ambiguous") } == true)
    }

    @Test("a search that is slow at every place, and stuck at none, is stopped by the clock")
    func timeLimit() throws {
        var limits = PatternLimits()
        limits.duration = .zero
        let detector = try PatternDetector(["b"], limits: limits)
        #expect(throws: (any Error).self) { try detector.matches(in: String(repeating: "a", count: 1000)) }
        #expect(try detector.matches(in: "aab").count == 1)
    }

    @Test("recursion without end is an error")
    func recursion() throws {
        let detector = try PatternDetector([#"(\((?:[^()]|(?1))*\))"#])
        let text = String(repeating: "(", count: 100_000) + "x)"
        #expect(throws: (any Error).self) { try detector.matches(in: text) }
    }

    static let matches: [(String, String, String)] = [
        (#"MRN-\d{6}"#, "id MRN-123456.", "id [PATTERN]."),
        (#"(?i)ward \w+"#, "WARD épsilon", "[PATTERN]"),
        (#"a*"#, "baab", "b[PATTERN]b"),
        (#"^\w+$"#, "é", "[PATTERN]"),
        (#"(?m)^x"#, "x\nx", "[PATTERN]\n[PATTERN]"),
        (#"foo\Kbar"#, "foobar", "foo[PATTERN]"),
        (#"foo\K"#, "foo", "foo"),
        (#"(?i)k"#, "\u{212A}", "[PATTERN]"),
        (#"(?i)s-"#, "\u{17F}-", "[PATTERN]"),
        (#"(?<=-)[@#]"#, "-#", "-[PATTERN]"),
        (#"(?:-)?@|%"#, "%@", "[PATTERN][PATTERN]"),
        (#"."#, "👍", "[PATTERN]"),
        (#"(?s)start.*end"#, "a start\n…\nend b", "a [PATTERN] b"),
    ]

    @Test("a match is replaced", arguments: matches)
    func replacesMatch(pattern: String, text: String, expected: String) throws {
        #expect(text.replacing(try PatternDetector([pattern]).matches(in: text)) == expected)
    }

    @Test("overlapping matches of several patterns are joined")
    func overlaps() throws {
        let detector = try PatternDetector(["bcd", "abc", "e"])
        #expect(try detector.matches(in: "xabcdex").map(\.range) == [1..<5, 5..<6])
    }

    @Test("a match far beyond the first window is found")
    func longText() throws {
        let text = String(repeating: "é ", count: 50_000) + "MRN-123456"
        #expect(try PatternDetector([#"MRN-\d{6}"#]).matches(in: text).map(\.range) == [150_000..<150_010])
    }

    @Test("many tasks search with one detector at once")
    func concurrency() async throws {
        let detector = try PatternDetector([#"(\d+)-\1"#])
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<64 {
                group.addTask { try detector.matches(in: String(repeating: "\(number)-\(number) ", count: 200)).count }
            }
            for try await count in group { #expect(count == 200) }
        }
    }
}
