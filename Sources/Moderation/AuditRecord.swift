/// How the exchange went on after the decision.
public enum Ending: String, Sendable, Codable, Hashable, CaseIterable {
    /// The decision was carried out: passed on, or refused.
    case completed
    /// The chatbot could not be reached.
    case upstreamUnreachable = "upstream_unreachable"
    /// The chatbot took too long.
    case upstreamTimeout = "upstream_timeout"
    /// The chatbot broke off or answered what could not be read.
    case upstreamFailed = "upstream_failed"
    /// The chatbot answered with an error of its own, passed on as it came.
    case upstreamError = "upstream_error"
    /// The client hung up first.
    case clientGone = "client_gone"
}

/// One decision as the auditor sees it: one decision, one record.
public struct AuditRecord: Sendable, Codable, Hashable {
    /// A text that was judged, and where it stood.
    ///
    /// Stores keep it only as the operator chose.
    public struct Content: Sendable, Codable, Hashable {
        /// Who said it.
        public var role: Role
        /// What it carries.
        public var kind: PartKind
        /// JSON pointer of the field.
        public var pointer: String
        /// The text.
        public var text: String

        /// Creates a content entry.
        public init(role: Role, kind: PartKind, pointer: String, text: String) {
            self.role = role
            self.kind = kind
            self.pointer = pointer
            self.text = text
        }
    }

    /// What was decided.
    public var decision: Decision
    /// Ties the prompt's decision to the response's.
    public var requestID: String
    /// Which route of the gateway, such as `/v1/chat/completions`.
    public var route: String
    /// Which API, such as `openai-chat`.
    public var dialect: String
    /// Whose traffic; `default` unless the gateway knows tenants.
    public var tenant: String
    /// Which of the known API keys the request came with: the name that the settings give it, never the key; nil for any other.
    public var client: String?
    /// Which conversation the exchange is a turn of, where the client, the API or the chat platform says so.
    public var conversation: String?
    /// The chatbot's model name, as the request gave it.
    public var model: String?
    /// Whether the response was streamed.
    public var streamed: Bool
    /// How the exchange went on.
    public var ending: Ending
    /// HTTP status that the client got, where one was sent.
    public var status: Int?
    /// For a stream: characters of the answer that the client was given before it ended.
    public var releasedCharacters: Int?
    /// The judged texts, raw; a store applies the operator's choice before it keeps them.
    public var content: [Content]

    /// Creates a record.
    public init(
        decision: Decision,
        requestID: String,
        route: String,
        dialect: String,
        tenant: String = "default",
        client: String? = nil,
        conversation: String? = nil,
        model: String? = nil,
        streamed: Bool = false,
        ending: Ending = .completed,
        status: Int? = nil,
        releasedCharacters: Int? = nil,
        content: [Content] = []
    ) {
        self.decision = decision
        self.requestID = requestID
        self.route = route
        self.dialect = dialect
        self.tenant = tenant
        self.client = client
        self.conversation = conversation
        self.model = model
        self.streamed = streamed
        self.ending = ending
        self.status = status
        self.releasedCharacters = releasedCharacters
        self.content = content
    }
}

/// Where decisions are kept.
public protocol AuditSink: Sendable {
    /// Keeps one record. Returns only when the record is durable: the outcome is shown to the client after that.
    ///
    /// - Throws: an error that carries no content when the record could not be kept.
    func record(_ record: AuditRecord) async throws

    /// Takes one record, which is then kept whatever becomes of the caller, in the order of taking; the receipt says when it
    /// is durable.
    ///
    /// Records that are taken one after the other may be written together. Blocks for as long as it takes to reduce the
    /// record to what is to be kept.
    func take(_ record: AuditRecord) -> AuditReceipt
}

extension AuditSink {
    /// Begins to keep the record at once, in a task of its own: a client that hangs up must not take the record with it.
    ///
    /// What is known of the sink says nothing of its state: always doubtful.
    public func take(_ record: AuditRecord) -> AuditReceipt {
        let task = Task { try await self.record(record) }
        return AuditReceipt(isDoubtful: true) { try await task.value }
    }
}

/// Says when a record is durable.
public struct AuditReceipt: Sendable {
    /// Whether the store failed to keep the record before: nothing should be done on the strength of this one until it is
    /// durable.
    public let isDoubtful: Bool

    private let wait: @Sendable () async throws -> Void

    /// Creates a receipt.
    ///
    /// - Parameters:
    ///   - isDoubtful: whether the store failed to keep the record before.
    ///   - wait: returns when the record is durable, throws when it could not be kept.
    public init(isDoubtful: Bool, _ wait: @escaping @Sendable () async throws -> Void) {
        self.isDoubtful = isDoubtful
        self.wait = wait
    }

    /// Returns when the record is durable; asked once.
    ///
    /// - Throws: an error that carries no content when the record could not be kept.
    public func durable() async throws { try await wait() }
}
