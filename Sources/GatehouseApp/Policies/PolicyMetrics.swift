import CoreMetrics
import Foundation

/// What is counted of a policy's changes.
struct PolicyMetrics: Sendable {
    /// What became of a look at the files.
    enum Result: String {
        case loaded
        case unchanged
        case rejected
    }

    let factory: any MetricsFactory

    func count(_ result: Result) {
        let labels = [("result", result.rawValue)]
        factory.makeCounter(label: "gatehouse_policy_reloads_total", dimensions: labels).increment(by: 1)
        set("gatehouse_policy_last_reload_successful", result == .rejected ? 0 : 1)
    }

    func loaded(at time: Date) {
        set("gatehouse_policy_loaded_timestamp_seconds", time.timeIntervalSince1970)
    }

    func candidate(isThere: Bool) { set("gatehouse_policy_candidate", isThere ? 1 : 0) }

    private func set(_ label: String, _ value: Double) { factory.makeMeter(label: label, dimensions: []).set(value) }
}
