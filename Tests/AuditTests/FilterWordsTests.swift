import Audit
import Foundation
import Moderation
import Testing

@Suite("the words of a filter")
struct FilterWordsTests {
    private func words(_ set: (inout FilterWords) -> Void) -> FilterWords {
        var words = FilterWords()
        set(&words)
        return words
    }

    @Test("say each condition of a filter")
    func everyWord() throws {
        let words = words {
            $0.since = "2026-01-30"
            $0.until = "2026-01-31"
            $0.outcomes = ["block,flag", "upstream_timeout"]
            $0.rule = "a"
            $0.scores = ["a>0.5", "b=0.1..0.2"]
            $0.direction = "response"
            $0.route = "/v1/*"
            $0.tenant = "north"
            $0.client = "mobile"
            $0.conversation = "chat-7"
            $0.model = "gpt-*"
            $0.revision = "be96"
            $0.id = "01a2-07"
            $0.request = "r"
            $0.text = "field"
            $0.cause = "unscanned"
            $0.failMode = "open"
            $0.isUnscanned = true
        }
        var expected = AuditFilter(
            since: Date(timeIntervalSince1970: 1_769_731_200),
            until: Date(timeIntervalSince1970: 1_769_904_000),
            results: [.block, .flag, .upstreamTimeout],
            rule: "a",
            direction: .response,
            text: "field",
            requestID: "r",
            cause: .unscanned
        )
        expected.scores = [
            ScoreCondition(rule: "a", lower: .init(0.5, isInclusive: false)),
            ScoreCondition(rule: "b", lower: .init(0.1, isInclusive: true), upper: .init(0.2, isInclusive: true)),
        ]
        expected.route = "/v1/*"
        expected.tenant = "north"
        expected.client = "mobile"
        expected.conversation = "chat-7"
        expected.model = "gpt-*"
        expected.revision = "be96"
        expected.id = "01a2-07"
        expected.failMode = .open
        expected.isUnscanned = true
        #expect(try words.filter() == expected)
        #expect(try FilterWords().filter() == AuditFilter())
    }

    @Test("that mean nothing are named, with what would", arguments: wrongWords.indices)
    func namesWrongWords(index: Int) throws {
        let (set, said) = wrongWords[index]
        let error = try #require(throws: AuditError.self) { try words(set).filter() }
        for part in said { #expect(error.description.contains(part), "\(error)") }
    }

    static let conditions: [(text: String, condition: ScoreCondition)] = [
        ("a>0.6", ScoreCondition(rule: "a", lower: .init(0.6, isInclusive: false))),
        ("a >= .5", ScoreCondition(rule: "a", lower: .init(0.5, isInclusive: true))),
        ("a-b<1", ScoreCondition(rule: "a-b", upper: .init(1, isInclusive: false))),
        ("a<=0", ScoreCondition(rule: "a", upper: .init(0, isInclusive: true))),
        (
            "a = 0.4 .. 0.6",
            ScoreCondition(rule: "a", lower: .init(0.4, isInclusive: true), upper: .init(0.6, isInclusive: true))
        ),
    ]

    @Test("a score is a rule, a sign and a number, or a range", arguments: conditions)
    func scores(text: String, condition: ScoreCondition) throws {
        #expect(try ScoreCondition(text) == condition)
        #expect(try ScoreCondition(condition.description) == condition)
    }

    @Test(
        "anything else is no score",
        arguments: [
            "", "a", ">0.5", "a>", "a>1.5", "a>-1", "a=0.5", "a=0.6..0.4", "a>>0.5", "a=>0.5", "a>nan", "a>1e0x",
        ]
    )
    func noScores(text: String) {
        #expect {
            try ScoreCondition(text)
        } throws: { error in
            guard case .badValue(_, let found, _) = error as? AuditError else { return false }
            return found == text
        }
    }

    @Test("every one can be given by its name, once unless it is a list")
    func names() throws {
        var all = FilterWords()
        for word in FilterWord.allCases {
            let before = all
            try all.add(word == .unscanned ? "true" : "a", as: word)
            #expect(all != before, "\(word)")
            if word.isList {
                try all.add("b", as: word)
            } else if word != .unscanned {
                let error = #expect(throws: AuditError.self) { try all.add("b", as: word) }
                #expect(error?.description.contains("a second value of \(word.rawValue)") == true)
            }
        }
        #expect(all.outcomes == ["a", "b"] && all.scores == ["a", "b"])
        #expect(Mirror(reflecting: all).children.count == FilterWord.allCases.count)
        #expect(throws: AuditError.self) { try all.add("yes", as: .unscanned) }
    }

    @Test("a cursor is the number that a page ended with", arguments: ["", "x", "0", "-1", "1.5"])
    func cursors(text: String) throws {
        #expect(try AuditCursor("17").description == "17")
        #expect(throws: AuditError.self) { try AuditCursor(text) }
    }
}

/// One wrong word, and what must be said of it.
private let wrongWords: [(set: @Sendable (inout FilterWords) -> Void, said: [String])] = [
    ({ $0.since = "yesterday" }, ["'yesterday' is not a time", "expected an age"]),
    ({ ($0.since, $0.until) = ("2026-02-01", "2026-01-31") }, ["'2026-02-01'", "'2026-01-31'", "earlier"]),
    ({ $0.outcomes = ["blocked"] }, ["'blocked' is not an outcome or ending", "allow, flag, redact, block"]),
    ({ $0.outcomes = ["block,"] }, ["'' is not an outcome"]),
    ({ $0.scores = ["hate-speech"] }, ["'hate-speech' is not a score", "such as 'hate-speech>0.6'"]),
    ({ $0.direction = "up" }, ["'up' is not a direction", "one of prompt, response"]),
    ({ $0.cause = "chance" }, ["'chance' is not a cause", "content, guard_unavailable"]),
    ({ $0.failMode = "ajar" }, ["'ajar' is not a fail mode", "one of none, open, closed"]),
    ({ $0.id = "xyz" }, ["'xyz' is not the beginning of a decision's id", "hexadecimal"]),
    ({ $0.revision = "be 96" }, ["'be 96' is not the beginning of a policy's revision", "policy log"]),
]
