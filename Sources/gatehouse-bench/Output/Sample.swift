/// Repeated measurements of one thing.
struct Sample: Sendable {
    /// In ascending order.
    let values: [Double]

    /// - Parameter values: at least one.
    init(_ values: [Double]) {
        precondition(!values.isEmpty, "a sample has at least one value")
        self.values = values.sorted()
    }

    var least: Double { values[0] }
    var most: Double { values[values.count - 1] }
    /// The middle value, or the mean of the two in the middle.
    var median: Double { (values[(values.count - 1) / 2] + values[values.count / 2]) / 2 }

    /// The least value that `share` of all values, 0...1, don't exceed.
    func percentile(_ share: Double) -> Double {
        let rank = Int((share * Double(values.count)).rounded(.up))
        return values[min(max(rank, 1), values.count) - 1]
    }

    /// Each value changed; the order may turn round.
    func map(_ change: (Double) -> Double) -> Sample { Sample(values.map(change)) }

    /// Milliseconds that `body` takes, once untimed and then so often, but no more once `seconds` have passed.
    static func milliseconds(count: Int, seconds: Double, _ body: () async throws -> Void) async throws -> Sample {
        try await body()
        let start = ContinuousClock.now
        var values: [Double] = []
        repeat {
            values.append(try await Self.milliseconds(body))
        } while values.count < count && start.duration(to: .now) < .seconds(seconds)
        return Sample(values)
    }

    /// Milliseconds that `body` takes.
    static func milliseconds(_ body: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await body()
        return start.duration(to: .now) / .milliseconds(1)
    }
}
