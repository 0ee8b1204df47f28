package import GRDB

extension AuditError {
    /// What a database error means for the audit file at `path`.
    package init(_ error: DatabaseError, path: String) {
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM: self = .notWritable(path: path)
        case .SQLITE_CANTOPEN, .SQLITE_AUTH:
            self = .cannotOpen(path: path, reason: error.message ?? "the system refused")
        case .SQLITE_NOTADB: self = .notADatabase(path: path)
        case .SQLITE_CORRUPT: self = .damaged(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_MISUSE: self = .closed(path: path)
        default:
            if let key = TextOpening.missingKey(error) {
                self = .missingTextKey(id: key)
                return
            }
            self = .failed(
                path: path,
                code: Int(error.extendedResultCode.rawValue),
                message: error.message ?? "unknown error"
            )
        }
    }

    /// Any error of a database access: an audit error as it is, a database error by its code.
    static func of(_ error: any Error, path: String) -> AuditError {
        switch error {
        case let error as AuditError: error
        case let error as DatabaseError: AuditError(error, path: path)
        default: .failed(path: path, code: 0, message: "\(type(of: error))")
        }
    }
}
