import HTTPTypes
import Hummingbird
import Moderation
import NIOCore

// The one table from what went wrong to what the client is told.
extension GatewayError {
    /// Status, code and words for the client.
    var publicError: PublicError {
        switch self {
        case .invalidUpstreamURL:
            server(500, "invalid_upstream_url", "the upstream address must be an absolute http or https URL")
        case .malformedRequest(.json(let error)):
            request(400, "invalid_json", "the request body is not valid JSON: \(error)")
        case .malformedRequest(.shape(let field, let expected)):
            request(400, "invalid_request", "'\(field)' must be \(expected)")
        case .bodyTooLarge(let limit):
            request(413, "body_too_large", "the request body is longer than \(limit) bytes")
        case .headTooLarge:
            request(431, "headers_too_large", "the request's headers are too long")
        case .malformedHTTP:
            request(400, "invalid_http", "the request is not valid HTTP/1.1")
        case .encodedBody:
            request(415, "unsupported_content_encoding", "the request body must not be compressed: it has to be read")
        case .clientStalled:
            request(408, "request_timeout", "the request body did not arrive in time")
        case .clientGone:
            request(499, "client_gone", "the client closed the connection")
        case .unauthorized:
            request(401, "unauthorized", "the request's signature is missing, wrong or too old")
        case .notFound:
            request(404, "not_found", "nothing answers on this path")
        case .methodNotAllowed(let allowed):
            request(405, "method_not_allowed", "this path takes \(allowed)")
        case .promptBlocked(.guardUnavailable, let reply):
            PublicError(
                status: 503,
                type: "guard_error",
                code: "guard_unavailable",
                message: reply,
                retryAfterSeconds: 10
            )
        case .promptBlocked(.overloaded, let reply):
            PublicError(status: 503, type: "guard_error", code: "overloaded", message: reply, retryAfterSeconds: 2)
        case .promptBlocked(.unscanned, let reply):
            request(400, "unscanned_content", reply)
        case .promptBlocked(_, let reply):
            request(400, "content_policy_violation", reply)
        case .auditUnavailable:
            PublicError(
                status: 503,
                type: "server_error",
                code: "audit_unavailable",
                message: "the decision could not be recorded, so nothing was passed on",
                retryAfterSeconds: 10
            )
        case .upstream(.unreachable):
            upstream(502, "upstream_unreachable", "the chatbot could not be reached")
        case .upstream(.timedOut):
            upstream(504, "upstream_timeout", "the chatbot took too long to answer")
        case .upstream(.brokeOff):
            upstream(502, "upstream_failed", "the chatbot broke off its answer")
        case .unreadableResponse:
            upstream(502, "upstream_unreadable", "the chatbot's answer could not be read, so it was not passed on")
        case .responseTooLarge:
            upstream(
                502,
                "upstream_too_large",
                "the chatbot's answer is too long to be checked, so it was not passed on"
            )
        case .unexpected:
            server(500, "internal_error", "the gateway failed; nothing was passed on")
        }
    }

    /// How the exchange ended, for its record; nil for what is not the upstream's or the client's doing.
    var ending: Ending? {
        switch self {
        case .upstream(.unreachable): .upstreamUnreachable
        case .upstream(.timedOut): .upstreamTimeout
        case .upstream(.brokeOff), .unreadableResponse, .responseTooLarge: .upstreamFailed
        case .clientGone: .clientGone
        default: nil
        }
    }

    /// Whether the connection can't be used again, because the rest of the request was not read.
    var closesConnection: Bool {
        switch self {
        case .bodyTooLarge, .headTooLarge, .malformedHTTP, .clientStalled, .clientGone: true
        default: false
        }
    }

    private func request(_ status: Int, _ code: String, _ message: String) -> PublicError {
        PublicError(status: status, type: "invalid_request_error", code: code, message: message)
    }

    private func server(_ status: Int, _ code: String, _ message: String) -> PublicError {
        PublicError(status: status, type: "server_error", code: code, message: message)
    }

    private func upstream(_ status: Int, _ code: String, _ message: String) -> PublicError {
        PublicError(status: status, type: "upstream_error", code: code, message: message)
    }

    /// The error as an answer, in a dialect's words (OpenAI's where no dialect is known).
    func response(dialect: any Dialect = OpenAIChatDialect(), headers: HTTPFields = [:]) -> Response {
        let error = publicError
        var headers = headers
        headers[.contentType] = "application/json"
        if let seconds = error.retryAfterSeconds { headers[.retryAfterSeconds] = "\(seconds)" }
        if closesConnection { headers[.connection] = "close" }
        if case .methodNotAllowed(let allowed) = self { headers[.allow] = allowed }
        return Response(
            status: HTTPResponse.Status(code: error.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: dialect.errorBody(error)))
        )
    }

    /// What any error that reaches a route is to the client.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as GatewayError: error
            case let error as DialectError: .malformedRequest(error)
            case let error as UpstreamFailure: .upstream(error)
            // Only a client that hangs up cancels its request.
            case is CancellationError: .clientGone
            default: .unexpected
            }
    }
}
