import Metrics
import Moderation

/// What the gateway counts.
///
/// Label values come from closed sets.
struct GatewayMetrics: Sendable {
    private let factory: any MetricsFactory

    init(factory: any MetricsFactory) {
        self.factory = factory
    }

    func count(_ decision: Decision) {
        let labels = [
            ("direction", decision.direction.rawValue), ("outcome", decision.outcome.rawValue),
            ("cause", decision.cause.rawValue),
        ]
        Counter(label: "gatehouse_decisions_total", dimensions: labels, factory: factory).increment()
    }

    func countRequest(route: String, status: Int) {
        let labels = [("route", route), ("status", "\(status)")]
        Counter(label: "gatehouse_requests_total", dimensions: labels, factory: factory).increment()
    }

    func countAuditFailure() {
        Counter(label: "gatehouse_audit_failures_total", dimensions: [], factory: factory).increment()
    }

    func countHeldEvents(_ events: Int) {
        Counter(label: "gatehouse_stream_events_total", dimensions: [], factory: factory).increment(by: events)
    }

    func countWindow() {
        Counter(label: "gatehouse_stream_windows_total", dimensions: [], factory: factory).increment()
    }

    func countStop(_ reason: String) {
        Counter(label: "gatehouse_stream_stops_total", dimensions: [("reason", reason)], factory: factory).increment()
    }

    func recordJudging(_ duration: Duration, direction: Direction) {
        timer("gatehouse_judging_seconds", [("direction", direction.rawValue)]).record(duration: duration)
    }

    /// Time until the upstream's answer began.
    func recordUpstream(_ duration: Duration) { timer("gatehouse_upstream_seconds", []).record(duration: duration) }

    private func timer(_ label: String, _ labels: [(String, String)]) -> Metrics.Timer {
        Metrics.Timer(label: label, dimensions: labels, factory: factory)
    }
}
