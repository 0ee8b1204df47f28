/// A month, UTC: the span of time of one partition of each table of records.
struct PostgresMonth: Hashable, Comparable {
    /// Months since January of the year 0.
    private let number: Int64

    private init(number: Int64) { self.number = number }

    /// The month of a time.
    ///
    /// - Parameter time: microseconds since 1970.
    init(_ time: Int64) {
        // Years that begin in March have their leap day at the end (Howard Hinnant, "chrono-compatible low-level date algorithms").
        let days = (Double(time) / 86_400_000_000).rounded(.down)
        let shifted = Int64(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let day = shifted - era * 146_097
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let month = (5 * (day - (365 * year + year / 4 - year / 100)) + 2) / 153
        number = (year + era * 400) * 12 + month + 2
    }

    static func < (left: PostgresMonth, right: PostgresMonth) -> Bool { left.number < right.number }

    var next: PostgresMonth { PostgresMonth(number: number + 1) }

    /// What its partitions' names end with, such as `2026_11`.
    var name: String {
        let month = number - year * 12 + 1
        return "\(year)_\(month < 10 ? "0" : "")\(month)"
    }

    /// Microseconds since 1970 at its first instant.
    var start: Int64 {
        let month = number - year * 12
        let shifted = month > 1 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let day = (153 * (month > 1 ? month - 2 : month + 10) + 2) / 5
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + day - 719_468
        return days * 86_400_000_000
    }

    private var year: Int64 { (number >= 0 ? number : number - 11) / 12 }
}
