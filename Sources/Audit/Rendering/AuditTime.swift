import Foundation

/// Times as the audit commands print them, in UTC.
enum AuditTime {
    /// `2026-01-31T14:30:05.123Z` (RFC 3339).
    static func full(_ date: Date) -> String {
        // Half a millisecond on top, so that the style's cutting off is a rounding.
        let rounded = Date(timeIntervalSince1970: (date.timeIntervalSince1970 * 1000).rounded() / 1000 + 0.0001)
        return rounded.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
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
