import GRDB
import Moderation

/// Counts records; the counts of several parts of them can be added up.
struct RecordTally: Sendable {
    private(set) var total = 0
    private(set) var first = Int64.max
    private(set) var last = Int64.min
    private(set) var guardUnavailable = 0
    private(set) var failedOpen = 0
    private(set) var results: [AuditResult: Int] = [:]
    /// By hours since 1970.
    private(set) var hours: [Int64: OutcomeCounts] = [:]
    /// By the key that was asked for.
    private(set) var groups: [String: OutcomeCounts] = [:]
    /// Milliseconds of each record.
    private(set) var judging: [Double] = []
    /// Which records were counted.
    private(set) var places: PlaceSet

    /// Starts with none.
    ///
    /// - Parameter span: where all that will be counted lie.
    init(within span: PlaceSpan) { places = PlaceSet(within: span.start...max(span.start, span.end)) }

    /// Counts the records that meet the conditions.
    ///
    /// - Parameters:
    ///   - source: what is read, with the records called `r`.
    ///   - column: what they are counted apart by too.
    mutating func add(_ db: Database, from source: String, _ conditions: Conditions, by column: String) throws {
        let rows = try RawRows(
            db,
            sql: """
                SELECT r.sequence, r.time, r.judging_ms, r.outcome, r.result, r.cause, r.fail_mode, r.\(column)
                FROM \(source)\(conditions.clause)
                """,
            arguments: StatementArguments(conditions.arguments)
        )
        defer { rows.close() }
        var (resultNames, resultTable, resultCounts) = ([String](), NameTable(), [Int]())
        var (groupNames, groupTable, groupCounts) = ([String](), NameTable(), [OutcomeCounts]())
        var hour = Int64.min
        var hourCounts = OutcomeCounts()
        while try rows.next() {
            let time = rows.integer(1)
            places.insert(rows.integer(0))
            total += 1
            first = min(first, time)
            last = max(last, time)
            judging.append(rows.number(2))
            // Each of these words begins with a letter of its own, or two that mean the same here.
            let cause = rows.initial(5)
            if cause == UInt8(ascii: "g") || cause == UInt8(ascii: "o") { guardUnavailable += 1 }
            if rows.initial(6) == UInt8(ascii: "o") { failedOpen += 1 }
            let outcome = rows.initial(3)
            let isFailed = rows.initial(4) == UInt8(ascii: "u")
            let result = resultTable.index(rows.pointer, 4, into: &resultNames)
            if result == resultCounts.count { resultCounts.append(0) }
            resultCounts[result] += 1
            let group = groupTable.index(rows.pointer, 7, into: &groupNames)
            if group == groupCounts.count { groupCounts.append(OutcomeCounts()) }
            groupCounts[group].add(outcome, isFailed: isFailed)
            let thisHour = (Double(time) / 3_600_000_000).rounded(.down)
            if Int64(thisHour) != hour {
                if hourCounts.total > 0 { hours[hour, default: OutcomeCounts()].add(hourCounts) }
                (hour, hourCounts) = (Int64(thisHour), OutcomeCounts())
            }
            hourCounts.add(outcome, isFailed: isFailed)
        }
        if hourCounts.total > 0 { hours[hour, default: OutcomeCounts()].add(hourCounts) }
        for (name, count) in zip(resultNames, resultCounts) {
            if let result = AuditResult(rawValue: name) { results[result, default: 0] += count }
        }
        for (name, counts) in zip(groupNames, groupCounts) { groups[name, default: OutcomeCounts()].add(counts) }
    }

    /// Adds the counts of other records.
    mutating func add(_ other: RecordTally) {
        total += other.total
        first = min(first, other.first)
        last = max(last, other.last)
        guardUnavailable += other.guardUnavailable
        failedOpen += other.failedOpen
        results.merge(other.results, uniquingKeysWith: +)
        for (hour, counts) in other.hours { hours[hour, default: OutcomeCounts()].add(counts) }
        for (name, counts) in other.groups { groups[name, default: OutcomeCounts()].add(counts) }
        judging += other.judging
    }
}

/// How many records, by what was done.
public struct OutcomeCounts: Sendable, Codable, Hashable {
    /// All records.
    public var total = 0
    /// Records with outcome `flag`.
    public var flag = 0
    /// Records with outcome `redact`.
    public var redact = 0
    /// Records with outcome `block`.
    public var block = 0
    /// Records whose exchange failed upstream.
    public var failed = 0

    /// - Parameter outcome: the first letter of its name.
    fileprivate mutating func add(_ outcome: UInt8, isFailed: Bool) {
        total += 1
        switch outcome {
        case UInt8(ascii: "f"): flag += 1
        case UInt8(ascii: "r"): redact += 1
        case UInt8(ascii: "b"): block += 1
        default: break
        }
        if isFailed { failed += 1 }
    }

    mutating func add(_ other: OutcomeCounts) {
        total += other.total
        flag += other.flag
        redact += other.redact
        block += other.block
        failed += other.failed
    }
}
