import Logging
import Moderation

extension Gateway {
    /// Keeps a decision.
    ///
    /// Returns when its outcome may be shown.
    ///
    /// - Throws: ``GatewayError/auditUnavailable`` when it could not be kept and that is not to be overlooked.
    func keep(_ record: AuditRecord, logger: Logger) async throws(GatewayError) {
        try await take(record).kept(logger: logger)
    }

    /// Hands a decision over to be kept; it is kept from then on, whoever hangs up.
    func take(_ record: AuditRecord) async -> TakenRecord {
        metrics.count(record.decision)
        let bytes = record.content.reduce(0) { $0 + $1.text.utf8.count }
        let receipt = await withRoom(for: bytes) { audit.take(record) }
        return TakenRecord(gateway: self, decision: record.decision, ending: record.ending, receipt: receipt)
    }
}

/// A decision that was handed over to be kept.
final class TakenRecord: Sendable {
    private let gateway: Gateway
    private let decision: Decision
    private let ending: Ending
    private let receipt: AuditReceipt

    fileprivate init(gateway: Gateway, decision: Decision, ending: Ending, receipt: AuditReceipt) {
        self.gateway = gateway
        self.decision = decision
        self.ending = ending
        self.receipt = receipt
    }

    /// Whether nothing should be done before it is kept.
    var isDoubtful: Bool { receipt.isDoubtful }

    /// Returns when the decision is kept, so that its outcome may be shown; asked once.
    ///
    /// - Throws: ``GatewayError/auditUnavailable`` when it could not be kept and that is not to be overlooked.
    func kept(logger: Logger) async throws(GatewayError) {
        let (metrics, settings) = (gateway.metrics, gateway.settings)
        do {
            try await receipt.durable()
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
                "ending": "\(ending.rawValue)", "judging.ms": "\(decision.judgingMilliseconds)",
            ]
        )
    }
}
