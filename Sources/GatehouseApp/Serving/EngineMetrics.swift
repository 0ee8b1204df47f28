import CoreMetrics
import Gemma
import Telemetry

/// The engine's state as metrics, read when they are asked for.
struct EngineMetrics {
    let load: EngineLoad

    func record(to registry: PrometheusRegistry) {
        let gauges: [(String, Int)] = [
            ("engine_queue_jobs", load.waiting), ("engine_busy", load.isBusy ? 1 : 0),
            ("engine_completed_jobs", load.completed), ("engine_rejected_jobs", load.rejected),
            ("engine_cancelled_jobs", load.cancelled),
        ]
        for (label, value) in gauges { registry.makeMeter(label: label, dimensions: []).set(Int64(value)) }
    }
}
