import Detectors
import Moderation
import Testing

@Suite("Terms")
struct TermDetectorTests {
    static let positives: [(String, String, String)] = [
        ("nightingale", "the Nightingale sings", "the [TERM] sings"),
        ("nightingale", "NIGHTINGALE's", "[TERM]'s"),
        ("nightingale", "项目nightingale的", "项目[TERM]的"),
        ("nightingale", "nightingale", "[TERM]"),
        ("project nightingale", "Project \n\t Nightingale.", "[TERM]."),
        ("project  nightingale", "project nightingale", "[TERM]"),
        ("  nightingale ", "nightingale", "[TERM]"),
        ("夜莺", "关于夜莺计划", "关于[TERM]计划"),
        ("c++", "I like C++, and C++11", "I like [TERM], and [TERM]11"),
        (".net", "ASP.NET and .NET", "ASP[TERM] and [TERM]"),
        ("café", "Cafe\u{301} or CAFÉ", "[TERM] or [TERM]"),
        ("ΟΔΟΣ", "οδος", "[TERM]"),
        ("ОБЛАКО", "облако,", "[TERM],"),
        ("👩‍👩‍👧", "a 👩‍👩‍👧 b", "a [TERM] b"),
        ("a\u{A0}b", "a b", "[TERM]"),
    ]

    @Test("a whole word or phrase is found", arguments: positives)
    func findsExample(term: String, text: String, expected: String) throws {
        #expect(text.replacing(try TermDetector([term]).matches(in: text)) == expected)
    }

    static let nearMisses: [(String, String)] = [
        ("nightingale", "nightingales"), ("nightingale", "nightingale\u{301}"), ("nightingale", "_nightingale_"),
        ("nightingale", "nightingale2"), ("nightingale", "anightingale"), ("nightingale", "änightingale"),
        ("cafe", "café"), ("cafe", "cafe\u{301}"), ("project nightingale", "project-nightingale"),
        ("project nightingale", "project" + String(repeating: " ", count: 100) + "nightingale"),
        ("project nightingale", "projectnightingale"), ("облако", "облаков"),
    ]

    @Test("a part of a word is left alone", arguments: nearMisses)
    func leavesNearMiss(term: String, text: String) throws {
        #expect(try TermDetector([term]).matches(in: text).isEmpty)
    }

    @Test("the longest of several terms is taken, and overlapping ones are joined")
    func severalTerms() throws {
        let detector = try TermDetector(["new", "new york", "york city hall"])
        #expect(
            "In New York City Hall, new".replacing(detector.matches(in: "In New York City Hall, new"))
                == "In [TERM], [TERM]"
        )
    }

    @Test("a blank term is an error that names it", arguments: ["", "  ", "\n"])
    func blankTerm(term: String) {
        #expect(throws: DetectionError(item: 1, message: "the term is empty", help: "write a word or a phrase")) {
            try TermDetector(["good", term])
        }
    }

    @Test("a term beyond the limit is an error")
    func longTerm() {
        #expect(throws: DetectionError.self) { try TermDetector([String(repeating: "a", count: 501)]) }
    }

    @Test("thousands of terms are searched in one pass")
    func manyTerms() throws {
        let detector = try TermDetector((0..<5000).map { "term number \($0)" })
        let text = String(repeating: "term number ", count: 9000) + "4999"
        #expect(detector.matches(in: text).map(\.range) == [(text.utf8.count - 16)..<text.utf8.count])
    }
}
