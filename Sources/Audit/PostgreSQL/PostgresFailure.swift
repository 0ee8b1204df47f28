/// What went wrong between here and a PostgreSQL server; carries no value that was sent.
enum PostgresFailure: Error {
    /// No connection could be made.
    case unreachable(String)
    /// The connection broke, or the server fell silent; what became of a transaction that was being committed is not known.
    case lost(String)
    /// The server said no.
    case refused(state: String, message: String)

    /// The reason in words.
    var words: String {
        switch self {
        case .unreachable(let words), .lost(let words), .refused(_, let words): words
        }
    }

    /// Whether another connection may be luckier.
    var isOfConnection: Bool {
        if case .refused = self { false } else { true }
    }

    /// Whether there is a row already with a value that may be there once only.
    var isDuplicate: Bool {
        if case .refused("23505", _) = self { true } else { false }
    }

    /// Whether there is no partition for a row.
    var isMissingPartition: Bool {
        if case .refused("23514", _) = self { true } else { false }
    }

    /// Whether others are the reason: a lock or a statement took longer than it may, two waited for each other, or a table is gone.
    var isOfOthers: Bool {
        guard case .refused(let state, _) = self else { return false }
        return ["55P03", "57014", "40P01", "42P01"].contains(state)
    }
}

extension AuditError {
    /// What a failure means for a store.
    init(_ failure: PostgresFailure, of address: PostgresAddress) {
        let name = address.description
        switch failure {
        case .unreachable(let words), .lost(let words): self = .unreachable(database: name, reason: words)
        case .refused(let state, let message): self = .refused(database: name, state: state, message: message)
        }
    }

    /// Any error of an access to a database: an audit error as it is, a failure by its kind.
    static func of(_ error: any Error, address: PostgresAddress) -> AuditError {
        switch error {
        case let error as AuditError: error
        case let error as PostgresFailure: AuditError(error, of: address)
        default: .refused(database: address.description, state: "", message: "\(type(of: error))")
        }
    }
}
