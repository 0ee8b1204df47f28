import Audit
import HTTPTypes

/// Why a request is not answered: what was found, what was expected, what to do.
///
/// Never carries a key, nor words that were searched for.
struct AdminRefusal: Error, Sendable, Hashable {
    /// What it is, for programs; stable.
    enum Code: String, Sendable, Hashable, CaseIterable {
        case malformedRequest = "malformed_request"
        case missingKey = "missing_key"
        case wrongKey = "wrong_key"
        case forbidden
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case conflict
        case bodyTooLarge = "body_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case unknownParameter = "unknown_parameter"
        case missingParameter = "missing_parameter"
        case wrongParameter = "wrong_parameter"
        case busy
        case keysUnusable = "keys_unusable"
        case storeUnavailable = "store_unavailable"
        case failed

        /// The HTTP status that goes with it.
        var status: Int {
            switch self {
            case .malformedRequest: 400
            case .missingKey, .wrongKey: 401
            case .forbidden: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .conflict: 409
            case .bodyTooLarge: 413
            case .unsupportedMediaType: 415
            case .unknownParameter, .missingParameter, .wrongParameter: 422
            case .failed: 500
            case .busy, .keysUnusable, .storeUnavailable: 503
            }
        }
    }

    /// What it is.
    var code: Code
    /// For people.
    var message: String
    /// The parameter or member that is meant.
    var parameter: String?
    /// Methods that the path has; for ``Code/methodNotAllowed``.
    var allowed: [String] = []

    init(_ code: Code, _ message: String, parameter: String? = nil, allowed: [String] = []) {
        self.code = code
        self.message = message
        self.parameter = parameter
        self.allowed = allowed
    }

    /// Says that somebody's role is not enough for something.
    init(to caller: AdminCaller, _ what: String, takes role: AdminRole) {
        let found = "the key of '\(caller.name)' has the role \(caller.role.rawValue)"
        self.init(.forbidden, "\(found); \(what) takes a key of the role \(role.rawValue)")
    }

    /// The refusal as JSON.
    var body: JSON {
        var error: [String: JSON] = ["code": .text(code.rawValue), "message": .text(message)]
        error["parameter"] = parameter.map(JSON.text)
        return ["error": .object(error)]
    }
}

extension AdminRefusal {
    /// What an error of the store means to who asked.
    init(_ error: AuditError) {
        switch error {
        case .badID, .ambiguousID, .badTime, .badValue, .emptySpan, .badSubject, .badCheckpoint, .badPublicKey:
            self.init(.wrongParameter, error.description)
        case .unknownID, .unknownPolicy: self.init(.notFound, error.description)
        case .unsoundStretch, .noTextKey, .missingTextKey: self.init(.conflict, error.description)
        case .unreadableRecord, .unreadablePolicy: self.init(.failed, error.description)
        default: self.init(.storeUnavailable, error.description)
        }
    }
}
