import CoreMetrics
import Synchronization

/// One series of a metric: what is counted or measured for one set of labels.
protocol MetricSeries: Sendable {
    /// Its lines of text exposition, each ended by a line feed.
    func render(name: String, labels: MetricLabels) -> String
}

/// A count that only grows.
final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    /// Adds to the count; what would lower it is ignored.
    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        guard amount > 0 else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }

    func render(name: String, labels: MetricLabels) -> String {
        "\(name)\(labels.rendered()) \(ExpositionNumber.text(value.withLock { $0 }))\n"
    }
}

/// A value that goes up and down.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func render(name: String, labels: MetricLabels) -> String {
        "\(name)\(labels.rendered()) \(ExpositionNumber.text(value.withLock { $0 }))\n"
    }
}

/// A distribution in buckets.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// Observations up to each bound and above the one before; the last counts those above all bounds.
        var counts: [UInt64]
        var sum = 0.0
    }

    /// Upper bounds, inclusive, ascending.
    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { observe(Double(value)) }
    func record(_ value: Double) { observe(value) }
    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }

    private func observe(_ value: Double) {
        // A value that is no number would spoil the sum for good.
        guard !value.isNaN else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func render(name: String, labels: MetricLabels) -> String {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: UInt64 = 0
        var out = ""
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total += count
            let le = MetricLabels.Pair(name: "le", value: ExpositionNumber.text(bound))
            out += "\(name)_bucket\(labels.rendered(with: le)) \(total)\n"
        }
        out += "\(name)_sum\(labels.rendered()) \(ExpositionNumber.text(sum))\n"
        out += "\(name)_count\(labels.rendered()) \(total)\n"
        return out
    }
}

/// Numbers as the exposition format writes them.
enum ExpositionNumber {
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return "\(whole)" }
        return "\(value)"
    }
}
