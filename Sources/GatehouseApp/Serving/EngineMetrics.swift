import CoreMetrics
import Gemma
import Shield
import Telemetry

/// The state of the engine and of its caches as metrics, read when they are asked for.
///
/// Requests a pass, tokens a pass and hit rates are quotients of these.
struct EngineMetrics {
    private let values: [(label: String, value: Double)]

    init(_ model: JudgeModel) {
        self.init(
            engine: model.engine.load,
            prefixes: model.classifier.prefixLoad,
            scores: model.classifier.scoreLoad
        )
    }

    init(engine: EngineLoad, prefixes: CacheLoad, scores: CacheLoad) {
        values = [
            ("engine_queue_requests", Double(engine.waiting)),
            ("engine_busy", engine.isBusy ? 1 : 0),
            ("engine_passes", Double(engine.passes)),
            ("engine_completed_requests", Double(engine.requests)),
            ("engine_rejected_requests", Double(engine.rejected)),
            ("engine_cancelled_requests", Double(engine.cancelled)),
            ("engine_computed_tokens", Double(engine.rows)),
            ("engine_busy_seconds", engine.busySeconds),
            ("engine_waited_seconds", engine.waitedSeconds),
            ("prefix_cache_entries", Double(prefixes.entries)),
            ("prefix_cache_bytes", Double(prefixes.bytes)),
            ("prefix_cache_looked_up_tokens", Double(prefixes.lookups)),
            ("prefix_cache_reused_tokens", Double(prefixes.hits)),
            ("score_cache_entries", Double(scores.entries)),
            ("score_cache_bytes", Double(scores.bytes)),
            ("score_cache_looked_up_scores", Double(scores.lookups)),
            ("score_cache_reused_scores", Double(scores.hits)),
        ]
    }

    func record(to registry: PrometheusRegistry) {
        for (label, value) in values { registry.makeMeter(label: "gatehouse_" + label, dimensions: []).set(value) }
    }
}
