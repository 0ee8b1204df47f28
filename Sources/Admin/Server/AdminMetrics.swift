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
        var last: ContinuousClock.Instant
        var untold = 0
    }

    /// Shortest time between two log lines of the same reason.
    private static let pause = Duration.seconds(10)

    private let metrics: AdminMetrics
    private let logger: Logger
    private let states = Mutex<[Reason: State]>([:])

    init(metrics: AdminMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    /// Counts one; logs it unless another of its reason was logged a moment ago.
    ///
    /// - Parameter detail: what only the log says; never a key.
    func note(_ reason: Reason, from address: String?, detail: String? = nil, now: ContinuousClock.Instant = .now) {
        metrics.countFailure(reason)
        let untold: Int? = states.withLock { states in
            let state = states[reason]
            if let state, now - state.last < Self.pause {
                states[reason]?.untold += 1
                return nil
            }
            states[reason] = State(last: now)
            return state?.untold ?? 0
        }
        guard let untold else { return }
        var facts: Logger.Metadata = [
            "reason": "\(reason.rawValue)", "client": "\(address ?? "unknown")", "others": "\(untold)",
        ]
        facts["detail"] = detail.map { "\($0)" }
        logger.warning("admin login failed", metadata: facts)
    }
}
