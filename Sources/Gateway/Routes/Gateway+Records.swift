import Logging
import Moderation

extension Gateway {
    /// Keeps a decision.
    ///
    /// Returns when its outcome may be shown.
    ///
    /// - Throws: ``GatewayError/auditUnavailable`` when it could not be kept and that is not to be overlooked.
    func keep(_ record: AuditRecord, logger: Logger) async throws(GatewayError) {
        let decision = record.decision
        metrics.count(decision)
        let sink = audit
        do {
            // A task of its own: a client that hangs up must not take the record with it.
            try await Task { try await sink.record(record) }.value
        } catch {
            metrics.countAuditFailure()
            logger.error(
                "decision could not be recorded",
                metadata: [
                    "decision.id": "\(decision.id)", "outcome": "\(decision.outcome.rawValue)",
                    "action": "\(settings.onAuditFailure.rawValue)", "error.type": "\(type(of: error))",
                ]
            )
            if settings.onAuditFailure == .block { throw .auditUnavailable }
        }
        logger.info(
            "decided",
            metadata: [
                "decision.id": "\(decision.id)", "direction": "\(decision.direction.rawValue)",
                "outcome": "\(decision.outcome.rawValue)", "cause": "\(decision.cause.rawValue)",
                "ending": "\(record.ending.rawValue)", "judging.ms": "\(decision.judgingMilliseconds)",
            ]
        )
    }
}
