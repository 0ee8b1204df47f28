import CoreMetrics
import Logging
import Synchronization

/// What the admin API counts.
///
/// Label values come from closed sets.
struct AdminMetrics: Sendable {
    private let factory: any MetricsFactory

    init(factory: any MetricsFactory) { self.factory = factory }

    /// Counts a request that was answered.
    func count(route: String, method: String, status: Int, took: Duration) {
        let labels = [("route", route), ("method", method), ("status", "\(status)")]
        Counter(label: "gatehouse_admin_requests_total", dimensions: labels, factory: factory).increment()
        Timer(label: "gatehouse_admin_request_seconds", dimensions: [("route", route)], factory: factory)
            .recordNanoseconds(took.components.seconds * 1_000_000_000 + took.components.attoseconds / 1_000_000_000)
    }

    /// Counts a request of somebody who may not ask.
    func countFailure(_ reason: LoginFailures.Reason) {
        let labels = [("reason", reason.rawValue)]
        Counter(label: "gatehouse_admin_login_failures_total", dimensions: labels, factory: factory).increment()
    }
}

/// Counts who was not let in, and logs it, though not every time: who tries keys must not fill the disk.
final class LoginFailures: Sendable {
    /// Why somebody was not let in.
    enum Reason: String, Sendable, Hashable, CaseIterable {
        case missing
        case malformed
        case unknown
        case expired
        case revoked
        case unusable
    }

    private struct State {
        var last: ContinuousClock.Instant?
        var untold = 0
    }

    /// Shortest time between two log lines.
    private static let pause = Duration.seconds(10)

    private let metrics: AdminMetrics
    private let logger: Logger
    private let state = Mutex(State())

    init(metrics: AdminMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    /// Counts one; logs it unless another was logged a moment ago.
    func note(_ reason: Reason, from address: String?, now: ContinuousClock.Instant = .now) {
        metrics.countFailure(reason)
        let untold: Int? = state.withLock { state in
            if let last = state.last, now - last < Self.pause {
                state.untold += 1
                return nil
            }
            defer { (state.last, state.untold) = (now, 0) }
            return state.untold
        }
        guard let untold else { return }
        logger.warning(
            "admin login failed",
            metadata: ["reason": "\(reason.rawValue)", "client": "\(address ?? "unknown")", "others": "\(untold)"]
        )
    }
}
