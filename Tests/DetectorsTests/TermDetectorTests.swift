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

    static let stemmed: [(String, String, String, String)] = [
        ("en", "explode", "It exploded, exploding EXPLODES the explorer", "It [TERM], [TERM] [TERM] the explorer"),
        ("en", "blow up", "they blew up; blowing up; blows  up", "they blew up; [TERM]; [TERM]"),
        ("de", "Sprengstoff", "die Sprengstoffe des Sprengstoffs", "die [TERM] des [TERM]"),
        ("de", "Bombe", "zwei Bomben bauen, bombastisch", "zwei [TERM] bauen, bombastisch"),
        ("fr", "bombe", "des bombes", "des [TERM]"), ("es", "bomba", "las bombas", "las [TERM]"),
        ("ru", "бомба", "о бомбах и бомбе", "о [TERM] и [TERM]"), ("tr", "bomba", "bombalar", "[TERM]"),
        ("sv", "bomb", "bomberna", "[TERM]"), ("en", "café owner", "cafe\u{301} owners", "[TERM]"),
        ("en", "c++ coder", "C++ coders", "[TERM]"),
    ]

    @Test("every form of a word with the same stem is found", arguments: stemmed)
    func stems(language: String, term: String, text: String, expected: String) throws {
        let terms = Terms(lists: [TermList(language: language, terms: [term])], match: .stem)
        #expect(text.replacing(try TermDetector(terms).matches(in: text)) == expected)
    }

    @Test("each list is stemmed by the rules of its own language")
    func languages() throws {
        let lists = [TermList(language: "de", terms: ["Bombe"]), TermList(language: "en", terms: ["explode"])]
        let detector = try TermDetector(Terms(lists: lists, match: .stem))
        let text = "Bomben exploding"
        #expect(text.replacing(detector.matches(in: text)) == "[TERM] [TERM]")
    }

    @Test("a language without rules for stems is an error that names those with rules")
    func unknownLanguage() throws {
        let lists = [TermList(terms: ["a", "b"]), TermList(language: "ja", terms: ["爆弾"])]
        let error = #expect(throws: DetectionError.self) { try TermDetector(Terms(lists: lists, match: .stem)) }
        #expect(error?.item == 2)
        #expect(error?.message == "there are no rules for stems in the language 'ja'")
        #expect(error?.help?.contains("da, de, el, en, es") == true)
        #expect(try TermDetector(Terms(lists: lists)).matches(in: "爆弾").count == 1)
    }

    @Test("a term that is the end of another's beginning is found where the longer one fails")
    func overlappingBeginnings() throws {
        let detector = try TermDetector(["a b c d", "b c", "c"])
        #expect(detector.matches(in: "a b c x, c").map(\.range) == [2..<5, 9..<10])
    }

    @Test("many tasks stem with one detector at once")
    func concurrency() async throws {
        let detector = try TermDetector(Terms(lists: [TermList(terms: ["explode"])], match: .stem))
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<32 {
                group.addTask { detector.matches(in: String(repeating: "exploding things ", count: 100)).count }
            }
            for await count in group { #expect(count == 100) }
        }
    }
}
