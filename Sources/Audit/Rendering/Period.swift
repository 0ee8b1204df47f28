/// Hours, or days where the hours would be too many.
struct Period {
    /// When it begins, as it is printed.
    var name: String
    /// How many records.
    var counts: OutcomeCounts

    static let mostHours = 48

    static func title(of hours: [AuditStats.HourCount]) -> String { isDaily(hours) ? "by day (UTC)" : "by hour (UTC)" }

    static func all(of hours: [AuditStats.HourCount]) -> [Period] {
        let isDaily = isDaily(hours)
        var periods: [Period] = []
        for hour in hours {
            let name = isDaily ? AuditTime.day(hour.start) : AuditTime.hour(hour.start)
            if let last = periods.indices.last, periods[last].name == name {
                periods[last].counts.add(hour.counts)
            } else {
                periods.append(Period(name: name, counts: hour.counts))
            }
        }
        return periods
    }

    private static func isDaily(_ hours: [AuditStats.HourCount]) -> Bool { hours.count > mostHours }
}
