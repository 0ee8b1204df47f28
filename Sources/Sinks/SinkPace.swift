/// How often a sink looks for records, and how long it waits after a failure.
public struct SinkPace: Sendable, Hashable {
    /// Between two looks at the end of the store.
    public var poll = Duration.milliseconds(250)
    /// Longest wait after the first failure.
    public var firstRetry = Duration.milliseconds(500)
    /// Longest wait after many.
    public var lastRetry = Duration.seconds(60)
    /// Between two times that a position is kept.
    public var save = Duration.seconds(1)
    /// How long records that are left are still handed over when the gateway stops.
    public var farewell = Duration.seconds(5)

    /// The usual pace.
    public init() {}

    /// How long to wait after a number of failures in a row: twice as long each time, up to a limit, and by chance as little as half
    /// of it, so that many gateways don't come back at one moment.
    package func wait(after failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let doubled = firstRetry * (1 << min(20, max(0, failures - 1)))
        return min(doubled, lastRetry) * Double.random(in: 0.5...1, using: &random)
    }
}
