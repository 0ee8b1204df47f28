import HTTPTypes
import Hummingbird
import Logging
import Moderation
import Synchronization

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
    /// Where the request comes from and where it goes, as policies ask and records show it.
    let scope: Scope
    /// Which of the known keys the request came with.
    let client: String?
    /// Which conversation it is a turn of.
    let conversation: String?
    let logger: Logger
    private let promptPlaceholders = Mutex(Placeholders())

    /// When answers of this route are released.
    let mode: StreamMode

    init(
        gateway: Gateway,
        dialect: any Dialect,
        request: DecodedRequest,
        head: HTTPFields,
        query: String = "",
        context: GatewayRequestContext
    ) {
        self.gateway = gateway
        self.dialect = dialect
        self.request = request
        moderator = gateway.moderator()
        candidate = gateway.candidate()
        requestID = context.requestID
        logger = context.logger
        let sender = gateway.settings.tenants.sender(of: head, query: query)
        client = sender.client
        conversation = ConversationName.of(request, head: head)
        scope = Scope(
            route: request.route.name,
            tenant: sender.tenant,
            model: request.model.map { PlainName.shown($0, limit: 128) } ?? "",
            channel: request.channel
        )
        mode = gateway.settings.modes[request.route.name.lowercased()] ?? .hold
    }

    /// What stands in the place of redacted words in the prompt, once that was judged.
    var placeholders: Placeholders {
        get { promptPlaceholders.withLock { $0 } }
        set { promptPlaceholders.withLock { $0 = newValue } }
    }

    /// Judges a text.
    ///
    /// - Parameter placeholders: what stands in the place of redacted words so far.
    func judge(_ subject: Subject, knowing placeholders: Placeholders = Placeholders()) async throws -> Judgement {
        let judgement = try await moderator.judge(subject, in: scope, knowing: placeholders)
        gateway.metrics.recordJudging(judgement.duration, direction: subject.direction)
        return judgement
    }

    /// Judges an answer to the prompt.
    ///
    /// - Parameter known: what stands in the place of redacted words before this text; what the prompt has without it.
    func judge(response turn: Turn, knowing known: Placeholders? = nil) async throws -> Judgement {
        try await judge(Subject(response: turn, to: request.conversation), knowing: known ?? placeholders)
    }

    /// The decision about the answer.
    func decision(_ judgement: Judgement) -> Decision {
        var decision = moderator.decision(judgement, direction: .response)
        if mode == .observe {
            decision.observed = true
            decision.restored = nil
        }
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
        var decision = await withCandidate(decision, turns: turns).shown(by: names)
        if !scope.channel.isEmpty { decision.channel = scope.channel }
        return AuditRecord(
            decision: decision,
            requestID: requestID,
            route: scope.route,
            dialect: dialect.name,
            tenant: scope.tenant,
            client: client,
            conversation: conversation,
            model: scope.model.isEmpty ? nil : scope.model,
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
}
