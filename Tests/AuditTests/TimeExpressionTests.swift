import Audit
import Foundation
import Testing

@Suite("a time on the command line")
struct TimeExpressionTests {
    static let now = Date(timeIntervalSince1970: 1_769_869_805)

    @Test(
        "may be an age",
        arguments: [
            ("90s", 90), ("30m", 1800), ("24h", 86400), ("7d", 604_800), ("2w", 1_209_600), (" 1h ", 3600), ("0s", 0),
        ]
    )
    func ages(text: String, seconds: Double) throws {
        #expect(try TimeExpression.date(text, now: Self.now) == Self.now.addingTimeInterval(-seconds))
    }

    static let dates: [(text: String, seconds: Double)] = [
        ("1970-01-01", 0),
        ("1969-12-31", -86400),
        ("2000-02-29", 951_782_400),
        ("2026-01-31", 1_769_817_600),
        ("2026-01-31T14:30", 1_769_869_800),
        ("2026-01-31 14:30:05", 1_769_869_805),
        ("2026-01-31T14:30:05.25Z", 1_769_869_805.25),
        ("2026-01-31t14:30:05z", 1_769_869_805),
        ("2026-01-31T16:30:05+02:00", 1_769_869_805),
        ("2026-01-31T09:00:05-0530", 1_769_869_805),
    ]

    @Test("may be a date or a date and time, UTC unless an offset follows", arguments: dates)
    func calendar(text: String, seconds: Double) throws {
        #expect(try TimeExpression.date(text) == Date(timeIntervalSince1970: seconds))
    }

    @Test("as an end includes the day that it names")
    func ends() throws {
        #expect(try TimeExpression.date("2026-01-31", edge: .end) == Date(timeIntervalSince1970: 1_769_904_000))
        #expect(try TimeExpression.date("2026-01-31T14:30", edge: .end) == Date(timeIntervalSince1970: 1_769_869_800))
    }

    @Test(
        "is refused when it is none",
        arguments: [
            "", "h", "-3h", "3", "3x", "1.5h", "9999999d", "yesterday", "2026", "2026-13-01", "2026-02-29", "2026-1-31",
            "2026-01-31T", "2026-01-31T25:00", "2026-01-31T14:60", "2026-01-31T14:30:05.", "2026-01-31T14:30Zx",
            "2026-01-31T14:30+2", "31.01.2026",
        ]
    )
    func refusals(text: String) {
        #expect(throws: AuditError.badTime(text)) { try TimeExpression.date(text) }
        #expect(AuditError.badTime(text).description.contains("expected an age such as 30m"))
    }

    @Test("an age counts ahead where something is to hold until then")
    func deadlines() throws {
        let now = Date(timeIntervalSince1970: 1_769_869_805)
        #expect(try TimeExpression.deadline("2d", now: now) == now.addingTimeInterval(2 * 86400))
        #expect(try TimeExpression.deadline("2026-01-31", now: now) == TimeExpression.date("2026-02-01"))
        #expect(try TimeExpression.deadline("2026-01-31T14:30", now: now) == TimeExpression.date("2026-01-31T14:30"))
        #expect(throws: AuditError.badTime("later")) { try TimeExpression.deadline("later", now: now) }
    }
}
