/// How long a server that can't be reached is left alone: ever longer, up to half a minute, and never for as long as others do.
struct Absence {
    /// Why the last attempt failed.
    private(set) var failure: PostgresFailure
    /// When the next attempt is due.
    private(set) var end: ContinuousClock.Instant

    private var longest = Duration.milliseconds(100)

    static let bound = Duration.seconds(30)

    init(_ failure: PostgresFailure, now: ContinuousClock.Instant) {
        self.failure = failure
        end = now
        extend(failure, now: now)
    }

    /// Takes note of another failure.
    mutating func extend(_ failure: PostgresFailure, now: ContinuousClock.Instant) {
        self.failure = failure
        end = now + longest * Double.random(in: 0.5...1)
        longest = min(longest * 2, Self.bound)
    }
}
