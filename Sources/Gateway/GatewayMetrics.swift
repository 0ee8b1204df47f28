import Metrics
import Moderation
import Synchronization

/// What the gateway counts.
///
/// Label values come from closed sets.
struct GatewayMetrics: Sendable {
    private struct Outcomes: Hashable {
        var direction: Direction
        var outcome: Outcome
        var cause: Cause
    }

    private struct Candidates: Hashable {
        var direction: Direction
        var live: Outcome
        var candidate: Outcome
    }

    private struct Answer: Hashable {
        var route: String
        var status: Int
    }

    private let decisions: HandleCache<Outcomes, Counter>
    private let requests: HandleCache<Answer, Counter>
    private let stops: HandleCache<String, Counter>
    private let counters: HandleCache<String, Counter>
    private let candidates: HandleCache<Candidates, Counter>
    private let skippedCandidates: HandleCache<String, Counter>
    private let judging: HandleCache<Direction, Metrics.Timer>
    private let timers: HandleCache<String, Metrics.Timer>

    init(factory: any MetricsFactory) {
        decisions = HandleCache { key in
            let labels = [
                ("direction", key.direction.rawValue), ("outcome", key.outcome.rawValue), ("cause", key.cause.rawValue),
            ]
            return Counter(label: "gatehouse_decisions_total", dimensions: labels, factory: factory)
        }
        requests = HandleCache { key in
            let labels = [("route", key.route), ("status", "\(key.status)")]
            return Counter(label: "gatehouse_requests_total", dimensions: labels, factory: factory)
        }
        stops = HandleCache { reason in
            Counter(label: "gatehouse_stream_stops_total", dimensions: [("reason", reason)], factory: factory)
        }
        candidates = HandleCache { key in
            let labels = [
                ("direction", key.direction.rawValue), ("live", key.live.rawValue),
                ("candidate", key.candidate.rawValue),
            ]
            return Counter(label: "gatehouse_candidate_decisions_total", dimensions: labels, factory: factory)
        }
        skippedCandidates = HandleCache { reason in
            Counter(label: "gatehouse_candidate_skipped_total", dimensions: [("reason", reason)], factory: factory)
        }
        counters = HandleCache { label in Counter(label: label, dimensions: [], factory: factory) }
        judging = HandleCache { direction in
            let labels = [("direction", direction.rawValue)]
            return Metrics.Timer(label: "gatehouse_judging_seconds", dimensions: labels, factory: factory)
        }
        timers = HandleCache { label in Metrics.Timer(label: label, dimensions: [], factory: factory) }
    }

    func count(_ decision: Decision) {
        let key = Outcomes(direction: decision.direction, outcome: decision.outcome, cause: decision.cause)
        decisions[key].increment()
    }

    /// Counts what a tried policy says, and the time that it took.
    func countCandidate(_ judgement: Judgement, beside decision: Decision) {
        let key = Candidates(direction: decision.direction, live: decision.outcome, candidate: judgement.outcome)
        candidates[key].increment()
        timers["gatehouse_candidate_judging_seconds"].record(duration: judgement.duration)
    }

    /// Counts a text that a tried policy did not judge.
    func countCandidateSkipped(_ reason: String) { skippedCandidates[reason].increment() }

    func countRequest(route: String, status: Int) { requests[Answer(route: route, status: status)].increment() }

    func countAuditFailure() { counters["gatehouse_audit_failures_total"].increment() }

    func countHeldEvents(_ events: Int) { counters["gatehouse_stream_events_total"].increment(by: events) }

    func countWindow() { counters["gatehouse_stream_windows_total"].increment() }

    func countStop(_ reason: String) { stops[reason].increment() }

    func recordJudging(_ duration: Duration, direction: Direction) { judging[direction].record(duration: duration) }

    /// Time until the upstream's answer began.
    func recordUpstream(_ duration: Duration) { timers["gatehouse_upstream_seconds"].record(duration: duration) }
}

/// Handles of one metric, each made when it is first needed: making one anew costs more than counting.
private final class HandleCache<Key: Hashable & Sendable, Handle: Sendable>: Sendable {
    private let handles = Mutex<[Key: Handle]>([:])
    private let make: @Sendable (Key) -> Handle

    init(_ make: @escaping @Sendable (Key) -> Handle) {
        self.make = make
    }

    subscript(key: Key) -> Handle {
        handles.withLock { handles in
            if let known = handles[key] { return known }
            let new = make(key)
            handles[key] = new
            return new
        }
    }
}
