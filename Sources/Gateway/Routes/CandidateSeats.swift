import Synchronization

/// How many texts a tried policy may judge at the same time, so that it never takes the model from the policy in force.
final class CandidateSeats: Sendable {
    private let limit: Int
    private let taken = Mutex(0)

    init(limit: Int = 16) {
        self.limit = limit
    }

    /// Does some work if a seat is free; nil when none is.
    func seated<Result>(_ work: () async throws -> Result) async rethrows -> Result? {
        let isSeated = taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        guard isSeated else { return nil }
        defer { taken.withLock { $0 -= 1 } }
        return try await work()
    }
}
