import Audit
import Logging
import ServiceLifecycle

/// Lets what is no longer to be kept go out of the audit store, while the gateway runs.
struct RetentionService: Service {
    let policy: RetentionPolicy
    let upkeep: any AuditUpkeep
    /// Signs a checkpoint that covers what was done.
    let key: AuditSigningKey?
    let logger: Logger
    /// How often the store is looked at.
    var interval = Duration.seconds(3600)

    /// Who is said to have done it.
    private static let actor = "retention"

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
            let result = try await upkeep.retain(policy, by: Self.actor, key: key)
            guard !result.acts.isEmpty else { return }
            logger.info(
                "audit store: what was kept long enough is gone",
                metadata: ["texts": "\(result.erasedTexts)", "records": "\(result.deletedRecords)"]
            )
        } catch is CancellationError {
            // The gateway stops; what is left goes next time.
        } catch {
            logger.error("audit store: retention failed", metadata: ["error": "\(error)"])
        }
    }
}
