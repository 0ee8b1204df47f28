import CoreMetrics

/// What is counted of a sink.
struct SinkMetrics: Sendable {
    private let delivered: any CounterHandler
    private let failures: any CounterHandler
    private let lag: any MeterHandler

    init(_ sink: String, factory: any MetricsFactory) {
        let labels = [("sink", sink)]
        delivered = factory.makeCounter(label: "gatehouse_audit_sink_delivered_total", dimensions: labels)
        failures = factory.makeCounter(label: "gatehouse_audit_sink_failures_total", dimensions: labels)
        lag = factory.makeMeter(label: "gatehouse_audit_sink_lag_records", dimensions: labels)
        // Both are there from the start, so that a rate of them is known.
        delivered.increment(by: 0)
        failures.increment(by: 0)
    }

    func delivered(_ records: Int) { delivered.increment(by: Int64(records)) }

    func failed() { failures.increment(by: 1) }

    /// Records that wait to be delivered.
    func lag(_ records: Int) { lag.set(Double(records)) }
}
