public import Moderation

/// Why the gateway did not do what it was asked.
///
/// Carries no content.
public enum GatewayError: Error, Sendable, Hashable {
    /// The upstream's address is not an absolute `http` or `https` URL.
    case invalidUpstreamURL
    /// The request is not what its API says.
    case malformedRequest(DialectError)
    /// The request's body is longer than is accepted, in bytes.
    case bodyTooLarge(limit: Int)
    /// The request's head is longer than is accepted.
    case headTooLarge
    /// The request is not HTTP.
    case malformedHTTP
    /// The request's body is compressed.
    case encodedBody
    /// The client paused for too long while sending.
    case clientStalled
    /// The client hung up.
    case clientGone
    /// The request's signature is not who it says it is from.
    case unauthorized
    /// Nothing answers on that path.
    case notFound
    /// The path takes other methods.
    case methodNotAllowed(allowed: String)
    /// The policy blocked the prompt, or the answer could not be judged for want of room.
    case promptBlocked(Cause, reply: String)
    /// The decision could not be recorded.
    case auditUnavailable
    /// The chatbot gave no answer.
    case upstream(UpstreamFailure)
    /// The chatbot's answer could not be read, so it could not be judged.
    case unreadableResponse
    /// The chatbot's answer is longer than can be judged.
    case responseTooLarge
    /// Something that should not happen.
    case unexpected
}
