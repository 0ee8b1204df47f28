import Audit
import CoreMetrics
import Foundation
import Logging
import Sinks

/// Joins the sinks of the settings to the audit store.
enum SinkWiring {
    /// A follower of the store for each sink.
    ///
    /// - Throws: `SinkError` for a secret that is not there, `AuditError`.
    static func followers(
        _ settings: Settings,
        _ source: any AuditFollowing,
        _ logger: Logger,
        _ metrics: any MetricsFactory
    ) throws -> [SinkFollower] {
        guard !settings.sinks.isEmpty else { return [] }
        let positions = try settings.audit.sinkPositions()
        return try settings.sinks.map { sink in
            SinkFollower(
                sink,
                sink: try sink.makeSink(environment: ProcessInfo.processInfo.environment),
                source: source,
                positions: positions,
                logger: logger,
                metrics: metrics
            )
        }
    }
}
