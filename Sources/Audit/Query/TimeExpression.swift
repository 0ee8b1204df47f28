public import Foundation

/// Reads the times that people give on a command line: an age (`90s`, `30m`, `24h`, `7d`, `2w`, `1y`), a date (`2026-01-31`),
/// or a date and time (`2026-01-31T14:30`, with seconds, a fraction, `Z` or an offset if wanted; a blank in place of
/// the `T` will do).
///
/// Times without an offset are UTC, as printed by the audit commands.
public enum TimeExpression {
    /// Which end of a span a date stands for.
    public enum Edge: Sendable, Hashable {
        /// A date is its first instant.
        case start
        /// A date is the instant after its last, so that `until 2026-01-31` includes that day.
        case end
    }

    /// The instant that an expression names.
    ///
    /// - Parameters:
    ///   - text: the expression.
    ///   - now: what ages count back from.
    ///   - edge: which end of a day a date without a time stands for.
    /// - Throws: ``AuditError/badTime(_:)``.
    public static func date(_ text: String, now: Date = Date(), edge: Edge = .start) throws(AuditError) -> Date {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        if let seconds = age(trimmed) { return now.addingTimeInterval(-seconds) }
        var reader = DigitReader(trimmed)
        guard let date = calendarTime(&reader, edge: edge) else { throw .badTime(text) }
        return date
    }

    /// The instant until which something is to hold: as ``date(_:now:edge:)``, but an age such as `90d` counts ahead, and a date
    /// includes that day.
    public static func deadline(_ text: String, now: Date = Date()) throws(AuditError) -> Date {
        if let seconds = age(text.trimmingCharacters(in: .whitespaces)) { return now.addingTimeInterval(seconds) }
        return try date(text, now: now, edge: .end)
    }

    /// The seconds of an age such as `30d`; nil for anything else.
    public static func age(_ text: String) -> Double? {
        guard let unit = text.last, let seconds = unitSeconds[unit] else { return nil }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.utf8.count <= 6, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        return Double(digits).map { $0 * seconds }
    }

    private static let unitSeconds: [Character: Double] = [
        "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800, "y": 31_536_000,
    ]

    private static func calendarTime(_ reader: inout DigitReader, edge: Edge) -> Date? {
        guard let year = reader.number(digits: 4), reader.take("-"),
            let month = reader.number(digits: 2), reader.take("-"),
            let day = reader.number(digits: 2),
            (1...12).contains(month), (1...daysIn(month: month, of: year)).contains(day)
        else { return nil }
        let midnight = Double(daysSince1970(year: year, month: month, day: day)) * 86400
        if reader.isAtEnd { return Date(timeIntervalSince1970: midnight + (edge == .end ? 86400 : 0)) }

        guard reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(digits: 2), hour < 24, reader.take(":"),
            let minute = reader.number(digits: 2), minute < 60
        else { return nil }
        var seconds = 0.0
        if reader.take(":") {
            guard let whole = reader.number(digits: 2), whole < 60 else { return nil }
            seconds = Double(whole)
            if reader.take(".") {
                guard let fraction = reader.fraction() else { return nil }
                seconds += fraction
            }
        }
        guard let offset = offset(&reader), reader.isAtEnd else { return nil }
        return Date(timeIntervalSince1970: midnight + Double(hour * 3600 + minute * 60) + seconds - offset)
    }

    private static func offset(_ reader: inout DigitReader) -> Double? {
        if reader.isAtEnd || reader.take("Z") || reader.take("z") { return 0 }
        let isWest = reader.take("-")
        guard isWest || reader.take("+"), let hours = reader.number(digits: 2), hours < 24 else { return nil }
        _ = reader.take(":")
        guard let minutes = reader.number(digits: 2), minutes < 60 else { return nil }
        return Double(hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }

    private static func daysIn(month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar; years begin in March so that the leap day is the last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}

/// Takes a text apart from the left.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == character.value else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func number(digits: Int) -> Int? {
        let part = rest.prefix(digits)
        guard part.count == digits, part.allSatisfy({ (48...57).contains($0) }) else { return nil }
        rest = rest.dropFirst(digits)
        return part.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    mutating func fraction() -> Double? {
        let part = rest.prefix { (48...57).contains($0) }
        guard !part.isEmpty, part.count <= 9 else { return nil }
        rest = rest.dropFirst(part.count)
        return part.reversed().reduce(0.0) { ($0 + Double($1 - 48)) / 10 }
    }
}
