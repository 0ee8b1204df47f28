/// Records that say an earlier time than the one before them, by more than what overtakes another on its way: the clock was set back.
///
/// No fault of the chain.
public struct ClockSetback: Sendable, Codable, Hashable {
    /// How often it happened.
    public var times: Int
    /// Place in the chain, from 1, of the first such record.
    public var sequence: Int
    /// Its id.
    public var id: String
    /// The most that it was, in seconds.
    public var seconds: Double

    /// Seconds between two records in the wrong order that need no explanation.
    static let tolerance = 60.0

    /// One line that names the record.
    var description: String {
        let often = times == 1 ? "once" : "\(times) times"
        return "set back \(often), by up to \(Int(seconds.rounded())) s, first before record \(sequence) (\(id))"
    }
}

/// Looks for ``ClockSetback`` along a chain.
struct ClockWalk {
    private(set) var setback: ClockSetback?
    /// Microseconds since 1970 of the record before.
    private var last = Int64.min

    mutating func step(_ row: ChainedRecord) {
        defer { last = row.record.time }
        guard row.record.time < last else { return }
        let seconds = Double(last - row.record.time) / 1_000_000
        guard seconds > ClockSetback.tolerance else { return }
        var found = setback ?? ClockSetback(times: 0, sequence: Int(row.sequence), id: row.record.id, seconds: 0)
        found.times += 1
        found.seconds = max(found.seconds, seconds)
        setback = found
    }
}

extension ClockSetback {
    /// What was found in several chains, with the first record of the first of them; nil where nothing was.
    static func joined(_ setbacks: [ClockSetback]) -> ClockSetback? {
        setbacks.first.map { first in
            ClockSetback(
                times: setbacks.reduce(0) { $0 + $1.times },
                sequence: first.sequence,
                id: first.id,
                seconds: setbacks.map(\.seconds).max() ?? first.seconds
            )
        }
    }
}
