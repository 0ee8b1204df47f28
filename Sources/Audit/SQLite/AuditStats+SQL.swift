import Foundation

extension AuditStats {
    /// - Parameter tally: nil where no record was counted.
    init(_ tally: Tally?) {
        let records = tally?.records ?? RecordTally(within: PlaceSpan(start: 0, end: 0))
        total = records.total
        first = records.total > 0 ? Date(microseconds: records.first) : nil
        last = records.total > 0 ? Date(microseconds: records.last) : nil
        results = AuditResult.allCases.compactMap { result in
            records.results[result].map { ResultCount(result: result, count: $0) }
        }
        rules = tally?.verdicts.rules ?? []
        scores = tally?.verdicts.scores ?? []
        hours = records.hours.sorted { $0.key < $1.key }
            .map { HourCount(start: Date(timeIntervalSince1970: Double($0) * 3600), counts: $1) }
        tenants = Array(GroupCount.busiest(records.groups).prefix(10))
        guardUnavailable = records.guardUnavailable
        failedOpen = records.failedOpen
        if !records.judging.isEmpty {
            var times = Selection(records.judging)
            let (most, p99, p90) = (times.value(at: 1), times.value(at: 0.99), times.value(at: 0.9))
            judging = Judging(median: times.value(at: 0.5), p90: p90, p99: p99, most: most)
        }
    }
}

extension AuditStats.GroupCount {
    /// The groups, that with the most records first.
    static func busiest(_ groups: [String: OutcomeCounts]) -> [AuditStats.GroupCount] {
        groups.map { AuditStats.GroupCount(name: $0, counts: $1) }
            .sorted { ($1.counts.total, $0.name) < ($0.counts.total, $1.name) }
    }
}
