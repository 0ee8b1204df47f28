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

    @Test(
        "a pattern that runs away is an error",
        arguments: [#"(a+)+$"#, #"(a|aa)+$"#, #"(?:a*)*c"#, #"(.*)*\d"#, #"^(\w+\s?)*$"#, #"(?s)a.*a.*a.*\d"#]
    )
    func runaway(pattern: String) throws {
        let detector = try PatternDetector([pattern])
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
