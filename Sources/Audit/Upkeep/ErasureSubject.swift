import Moderation

/// Whose kept texts are to be erased.
public enum ErasureSubject: Sendable, Hashable, CustomStringConvertible {
    /// What was judged for one request: its prompt and its response.
    case request(String)
    /// What was judged for one decision, by its id or enough of the beginning of it.
    case decision(String)
    /// All of a tenant.
    case tenant(String)
    /// All of a channel of a chat platform, such as `slack/T1/C1`.
    case channel(String)
    /// All of a conversation.
    case conversation(String)
    /// All that came with an API key, by its name.
    case client(String)

    /// Reads `request:ID`, `decision:ID`, `tenant:NAME`, `channel:NAME`, `conversation:ID` or `client:NAME`.
    ///
    /// - Throws: ``AuditError/badSubject(_:)``.
    public init(_ text: String) throws(AuditError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { throw .badSubject(text) }
        let name = String(parts[1])
        switch parts[0] {
        case "request": self = .request(name)
        case "decision": self = .decision(name)
        case "tenant": self = .tenant(name)
        case "channel": self = .channel(name)
        case "conversation": self = .conversation(name)
        case "client": self = .client(name)
        default: throw .badSubject(text)
        }
    }

    /// As it is written on the command line and in the act.
    public var description: String {
        switch self {
        case .request(let name): "request:\(name)"
        case .decision(let name): "decision:\(name)"
        case .tenant(let name): "tenant:\(name)"
        case .channel(let name): "channel:\(name)"
        case .conversation(let name): "conversation:\(name)"
        case .client(let name): "client:\(name)"
        }
    }

    /// The condition on `record`, called `r`; a decision's id is whole here.
    func condition(_ dialect: SQLDialect) -> (sql: String, argument: String) {
        switch self {
        case .request(let name): ("r.request_id = ?", name)
        case .decision(let name): ("r.id = ?", name)
        case .tenant(let name): ("r.tenant = ?", name)
        case .channel(let name): ("\(dialect.channel) = ?", name)
        case .conversation(let name): ("r.conversation = ?", name)
        case .client(let name): ("r.client = ?", name)
        }
    }
}

extension ErasureSubject {
    /// The subject with a decision's whole id.
    ///
    /// - Throws: ``AuditError/unknownID(_:)``, ``AuditError/ambiguousID(_:candidates:)``, ``AuditError/badID(_:)``.
    func resolved(_ db: some StoreAccess) throws -> ErasureSubject {
        guard case .decision(let prefix) = self else { return self }
        return .decision(try DecisionPrefix(prefix).record(db).record.id)
    }
}

/// What is kept of a subject.
public struct KeptOfSubject: Sendable, Codable, Hashable {
    /// Whose; a decision's id is whole.
    public var subject: String
    /// Records that have texts.
    public var records: Int
    /// Their texts.
    public var texts: Int
}
