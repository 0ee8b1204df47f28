/// Gives records in the order of recording, some at a time, to whoever shows them as they come or carries them elsewhere.
///
/// All of it throws ``AuditError``, or `CancellationError`.
public protocol AuditFollowing: Sendable {
    /// Which records there are.
    func position() async throws -> AuditPosition

    /// The first records after a position that pass a filter, in the order of recording.
    ///
    /// Going on from where a stretch ended neither repeats nor misses a record, however many gateways record meanwhile.
    ///
    /// - Parameter limit: how many at most; at least 1.
    func records(after position: AuditPosition, _ filter: AuditFilter, limit: Int) async throws -> AuditStretch
}

extension AuditPosition {
    /// How many records lie between a position and this one.
    package func count(after position: AuditPosition) -> Int {
        Int(ends.reduce(0) { $0 + max(0, $1.value - position[$1.key]) })
    }

    /// Whether a record lies at it or before it.
    func covers(_ entry: AuditEntry) -> Bool { entry.sequence <= self[entry.chain] }

    /// The part of it that lies before another.
    func cut(to end: AuditPosition) -> AuditPosition {
        var cut = end
        for (chain, place) in end.ends { cut[chain] = min(place, self[chain]) }
        return cut
    }
}
