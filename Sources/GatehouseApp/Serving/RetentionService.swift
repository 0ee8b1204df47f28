import Audit
import Foundation
import Logging
import ServiceLifecycle

/// Lets what is no longer to be kept go out of the audit store, while the gateway runs.
struct RetentionService: Service {
    let settings: Settings
    let logger: Logger
    /// How often the store is looked at.
    var interval = Duration.seconds(3600)

    /// Who is said to have done it.
    static let actor = "retention"

    /// Looks after the store until the group stops.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await retain()
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func retain() async {
        do {
            let upkeep = try settings.audit.upkeep(keys: settings.auditTextKeys)
            let result = try await upkeep.retain(
                settings.auditRetention,
                by: Self.actor,
                key: settings.auditSealing?.key
            )
            guard !result.acts.isEmpty else { return }
            logger.info(
                "audit store: what was kept long enough is gone",
                metadata: ["texts": "\(result.erasedTexts)", "records": "\(result.deletedRecords)"]
            )
        } catch {
            logger.error("audit store: retention failed", metadata: ["error": "\(error)"])
        }
    }
}
