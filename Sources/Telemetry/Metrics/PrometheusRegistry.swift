public import CoreMetrics
import Synchronization

/// Keeps every metric of the process and renders them as Prometheus text (exposition format 0.0.4).
///
/// A metric's name is `gatehouse_` and its swift-metrics label with `_` for every other character; counters end in
/// `_total`, timers in `_seconds`. Timers and aggregating recorders are histograms. Series stay when their swift-metrics
/// object is destroyed: a count that Prometheus has seen must not vanish.
public final class PrometheusRegistry: MetricsFactory {
    /// Media type of the rendered text.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// Buckets of timers, in seconds.
    public static let timerBounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// Buckets of recorders: shares and scores, token counts, bytes.
    public static let recorderBounds: [Double] = [
        0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 100_000,
        1_000_000, 10_000_000,
    ]

    private enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    private struct Family {
        var kind: Kind
        var series: [MetricLabels: any MetricSeries] = [:]
    }

    private let namespace: String
    private let seriesLimit: Int
    private let help: [String: String]
    private let bounds: [String: [Double]]
    private let families = Mutex<[String: Family]>([:])
    private let overflows = CounterSeries()
    private let conflicts = CounterSeries()

    /// Creates an empty registry.
    ///
    /// - Parameters:
    ///   - namespace: what every name begins with.
    ///   - seriesLimit: sets of labels that one metric may have; what comes after shares the series `overflow="true"` and
    ///     is counted in `…_metrics_overflow_total`.
    ///   - help: a line for people, by swift-metrics label.
    ///   - bounds: histogram buckets by swift-metrics label, ascending; timers in seconds.
    public init(
        namespace: String = "gatehouse",
        seriesLimit: Int = 200,
        help: [String: String] = [:],
        bounds: [String: [Double]] = [:]
    ) {
        precondition(bounds.values.allSatisfy { $0 == $0.sorted() }, "histogram bounds must ascend")
        self.namespace = namespace
        self.seriesLimit = seriesLimit
        self.help = Dictionary(help.map { (MetricName.metric($0.key, namespace: namespace), $0.value) }) { $1 }
        self.bounds = bounds
    }

    /// Every metric as text, in order of name and labels.
    public func render() -> String {
        var snapshot = families.withLock { $0 }
        snapshot[MetricName.metric("metrics_overflow_total", namespace: namespace)] =
            Family(kind: .counter, series: [MetricLabels([]): overflows])
        snapshot[MetricName.metric("metrics_conflicts_total", namespace: namespace)] =
            Family(kind: .counter, series: [MetricLabels([]): conflicts])
        var out = ""
        for (name, family) in snapshot.sorted(by: { $0.key < $1.key }) {
            if let help = help(for: name) { out += "# HELP \(name) \(help)\n" }
            out += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                out += series.render(name: name, labels: labels)
            }
        }
        return out
    }

    private func help(for name: String) -> String? {
        let plain = ["_total", "_seconds"].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) }
        guard let text = help[name] ?? plain.flatMap({ help[$0] }) else { return nil }
        return text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }

    /// The series of a name and labels; made when it is new.
    private func series<Series: MetricSeries>(
        _ name: String,
        _ dimensions: [(String, String)],
        _ kind: Kind,
        make: () -> Series
    ) -> Series {
        let labels = MetricLabels(dimensions)
        return families.withLock { families in
            guard families[name, default: Family(kind: kind)].kind == kind else {
                // Two kinds can't share a name; the later one is counted as lost, not mixed in.
                conflicts.increment(by: Int64(1))
                return make()
            }
            var family = families[name] ?? Family(kind: kind)
            if let known = family.series[labels] as? Series { return known }
            var place = labels
            if family.series.count >= seriesLimit, !labels.pairs.isEmpty {
                overflows.increment(by: Int64(1))
                place = .overflow
                if let known = family.series[place] as? Series { return known }
            }
            let new = make()
            family.series[place] = new
            families[name] = family
            return new
        }
    }
}

extension PrometheusRegistry {
    /// A counter, `…_total`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    /// A counter of fractions, `…_total`.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    /// A histogram, or a gauge when values are not aggregated.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        let name = MetricName.metric(label, namespace: namespace)
        return series(name, dimensions, .histogram) { HistogramSeries(bounds: bounds[label] ?? Self.recorderBounds) }
    }

    /// A histogram in seconds, `…_seconds`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricName.metric(label, namespace: namespace, suffix: "_seconds")
        return series(name, dimensions, .histogram) { HistogramSeries(bounds: bounds[label] ?? Self.timerBounds) }
    }

    /// Keeps the series.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Keeps the series.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Keeps the series.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Keeps the series.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Keeps the series.
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        let name = MetricName.metric(label, namespace: namespace, suffix: "_total")
        return series(name, dimensions, .counter) { CounterSeries() }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        series(MetricName.metric(label, namespace: namespace), dimensions, .gauge) { GaugeSeries() }
    }
}
