import HTTPTypes
import Logging
import Moderation

/// One moderated request and what is decided about it.
///
/// Shared rather than copied: much is handed from step to step.
final class Exchange: Sendable {
    let gateway: Gateway
    let dialect: any Dialect
    let requestID: String
    let request: DecodedRequest
    /// The moderator in force when the request came; it judges all of the exchange.
    let moderator: Moderator
    /// The moderator that was tried beside it when the request came; nil while none is.
    let candidate: Moderator?
    let logger: Logger
    /// When answers of this route are released.
    let mode: StreamMode

    init(gateway: Gateway, dialect: any Dialect, request: DecodedRequest, requestID: String, logger: Logger) {
        self.gateway = gateway
        self.dialect = dialect
        self.requestID = requestID
        self.request = request
        self.logger = logger
        moderator = gateway.moderator()
        candidate = gateway.candidate()
        mode = gateway.settings.modes[request.route.name.lowercased()] ?? .hold
    }

    /// Judges a text.
    func judge(_ subject: Subject) async throws -> Judgement {
        let judgement = try await moderator.judge(subject)
        gateway.metrics.recordJudging(judgement.duration, direction: subject.direction)
        return judgement
    }

    /// Judges a prompt or an answer to it.
    func judge(response turn: Turn) async throws -> Judgement {
        try await judge(Subject(response: turn, to: request.conversation))
    }

    /// The decision about the answer.
    func decision(_ judgement: Judgement) -> Decision {
        var decision = moderator.decision(judgement, direction: .response)
        if mode == .observe { decision.observed = true }
        return decision
    }

    /// Keeps a decision.
    ///
    /// Returns when its outcome may be shown.
    ///
    /// - Parameter turns: what was judged.
    /// - Throws: ``GatewayError/auditUnavailable`` when it could not be kept and that is not to be overlooked.
    func keep(
        _ decision: Decision,
        turns: [Turn] = [],
        ending: Ending = .completed,
        status: Int? = nil,
        streamed: Bool = false,
        releasedCharacters: Int? = nil
    ) async throws(GatewayError) {
        let record = await record(
            decision,
            turns: turns,
            ending: ending,
            status: status,
            streamed: streamed,
            releasedCharacters: releasedCharacters
        )
        try await gateway.keep(record, logger: logger)
    }

    /// Hands over the decision to forward a prompt.
    ///
    /// It is kept from then on; nothing of the answer may be shown until it is durable.
    func take(_ decision: Decision, turns: [Turn]) async -> TakenRecord {
        await gateway.take(await record(decision, turns: turns))
    }

    private func record(
        _ decision: Decision,
        turns: [Turn],
        ending: Ending = .completed,
        status: Int? = nil,
        streamed: Bool = false,
        releasedCharacters: Int? = nil
    ) async -> AuditRecord {
        let names = dialect.fieldNames
        let decision = await withCandidate(decision, turns: turns)
        return AuditRecord(
            decision: decision.shown(by: names),
            requestID: requestID,
            route: request.route.name,
            dialect: dialect.name,
            tenant: request.namespace ?? "default",
            model: request.model.map(Self.modelName),
            streamed: streamed,
            ending: ending,
            status: status,
            releasedCharacters: releasedCharacters,
            content: turns.flatMap { turn in
                turn.parts.filter { $0.kind.isText && !$0.text.isEmpty }.map {
                    AuditRecord.Content(role: turn.role, kind: $0.kind, pointer: names.shown($0.pointer), text: $0.text)
                }
            }
        )
    }

    /// What the client is told of a decision in the answer's head.
    ///
    /// - Parameter id: the decision whose record the client may look up; this one without it.
    func headers(of decision: Decision, id: DecisionID? = nil) -> HTTPFields {
        var headers = HTTPFields()
        headers.append(HTTPField(name: .decisionID, value: (id ?? decision.id).description))
        headers.append(HTTPField(name: .outcome, value: decision.outcome.rawValue))
        if decision.outcome == .block { headers.append(HTTPField(name: .cause, value: decision.cause.rawValue)) }
        if mode != .hold { headers.append(HTTPField(name: .mode, value: mode.rawValue)) }
        return headers
    }

    /// What the client is told where nothing was judged: which record says so, and no outcome.
    func headers(ofUnjudged decision: Decision) -> HTTPFields { [.decisionID: decision.id.description] }

    /// The chatbot's name as a record shows it: the client chose it, so neither its length nor its characters are free.
    private static func modelName(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(128).map { scalar in
                    switch scalar {
                    case "A"..."Z", "a"..."z", "0"..."9", ".", "_", ":", "/", "@", "+", "-": scalar
                    default: "?"
                    }
                }
            )
        )
    }
}
