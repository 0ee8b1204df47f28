import Foundation

/// Times as the audit commands print them, in UTC.
enum AuditTime {
    /// `2026-01-31T14:30:05.123Z` (RFC 3339).
    static func full(_ date: Date) -> String {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        if milliseconds >= 0, milliseconds < endOf9999 { return text(ofMilliseconds: Int(milliseconds)) }
        // Half a millisecond on top, so that the style's cutting off is a rounding.
        let rounded = Date(timeIntervalSince1970: (date.timeIntervalSince1970 * 1000).rounded() / 1000 + 0.0001)
        return rounded.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The end of the year 9999 in milliseconds since 1970.
    private static let endOf9999 = 253_402_300_800_000.0

    /// What the style would write, in a small part of its time.
    ///
    /// - Source: the days of a date are those of H. Hinnant's `civil_from_days`, "chrono-Compatible Low-Level Date Algorithms".
    private static func text(ofMilliseconds milliseconds: Int) -> String {
        let (days, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // The first month is March.
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        var text: [UInt8] = []
        func append(_ number: Int, _ digits: Int, _ end: Unicode.Scalar) {
            var divisor = [1, 10, 100, 1000][digits - 1]
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                divisor /= 10
            }
            text.append(UInt8(ascii: end))
        }
        append(year, 4, "-")
        append(month < 10 ? month + 3 : month - 9, 2, "-")
        append(day, 2, "T")
        append(rest / 3_600_000, 2, ":")
        append(rest / 60_000 % 60, 2, ":")
        append(rest / 1000 % 60, 2, ".")
        append(rest % 1000, 3, "Z")
        return String(decoding: text, as: UTF8.self)
    }

    /// The time that ``full(_:)`` wrote; nil for other text.
    static func date(_ text: String) -> Date? {
        try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
    }

    /// To the second, such as `2026-01-31 14:30:05`.
    static func seconds(_ date: Date) -> String {
        String(full(date).prefix(19)).replacingOccurrences(of: "T", with: " ")
    }

    /// To the minute, such as `2026-01-31 14:00`.
    static func hour(_ date: Date) -> String { String(seconds(date).prefix(16)) }

    /// The day, such as `2026-01-31`.
    static func day(_ date: Date) -> String { String(full(date).prefix(10)) }
}

/// Numbers as the audit commands print them.
enum AuditNumber {
    /// With a fixed number of decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        value.formatted(
            .number.precision(.fractionLength(decimals)).grouping(.never).locale(Locale(identifier: "en_US_POSIX"))
        )
    }

    /// A score, 0...1, with three decimals.
    static func score(_ value: Double) -> String { fixed(value, 3) }

    /// Milliseconds, finer where they are few.
    static func milliseconds(_ value: Double) -> String { fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0) + " ms" }
}
