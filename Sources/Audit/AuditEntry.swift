public import Moderation

/// One record as it was kept.
public struct AuditEntry: Sendable, Hashable {
    /// Its place in its chain, from 1, in the order of recording.
    public var sequence: Int
    /// Number of its chain, from 1; each gateway that writes into a store of several has one.
    public var chain = 1
    /// Its place among all records of the store, by which cursors count.
    public var place: Int64
    /// What was decided; its time is kept to the microsecond.
    public var decision: Decision
    /// Ties the prompt's decision to the response's.
    public var requestID: String
    /// Which route of the gateway.
    public var route: String
    /// Which API.
    public var dialect: String
    /// Whose traffic.
    public var tenant: String
    /// Which of the known API keys the request came with, by its name; nil for any other.
    public var client: String?
    /// Which conversation the exchange is a turn of, where somebody said so.
    public var conversation: String?
    /// The chatbot's model name, as the request gave it.
    public var model: String?
    /// Whether the response was streamed.
    public var streamed: Bool
    /// How the exchange went on.
    public var ending: Ending
    /// HTTP status that the client got.
    public var status: Int?
    /// For a stream: characters of the answer that the client was given before it ended.
    public var releasedCharacters: Int?
    /// What the operator had chosen to keep when the record was written.
    public var contentMode: ContentMode
    /// The judged texts, as far as they were kept.
    public var content: [KeptContent]
    /// Hash of the record before it: 64 hexadecimal digits, all zero for the first.
    public var previousHash: String
    /// Hash of this record and ``previousHash``.
    public var hash: String

    /// What became of the exchange, in one word.
    public var result: AuditResult { AuditResult(decision, ending: ending) }

    /// The rules that asked for more than `allow`, in policy order; shadow rules too.
    public var firedRules: [Verdict] { decision.verdicts.filter { $0.outcome > .allow } }

    /// The record for those who are not to have anybody's texts: no content, and no digests that texts could be guessed by.
    public var withoutContent: AuditEntry {
        var entry = self
        entry.content = []
        return entry
    }
}

/// What became of an exchange: the outcome, or the failure that kept it from being carried out.
///
/// A request that was allowed and then failed upstream is never called `allow`.
public enum AuditResult: String, Sendable, Codable, Hashable, CaseIterable {
    case allow
    case flag
    case redact
    case block
    /// A redaction or block that was recorded and not acted on: the route only observes.
    case observed
    case upstreamUnreachable = "upstream_unreachable"
    case upstreamTimeout = "upstream_timeout"
    case upstreamFailed = "upstream_failed"
    case upstreamError = "upstream_error"

    /// Draws the result from what was decided and how it went on.
    public init(_ decision: Decision, ending: Ending) {
        switch ending {
        case .upstreamUnreachable: self = .upstreamUnreachable
        case .upstreamTimeout: self = .upstreamTimeout
        case .upstreamFailed: self = .upstreamFailed
        case .upstreamError: self = .upstreamError
        case .completed, .clientGone:
            self = decision.observed == true && decision.outcome > .flag ? .observed : Self(outcome: decision.outcome)
        }
    }

    /// The result of an outcome that was carried out.
    public init(outcome: Outcome) {
        switch outcome {
        case .allow: self = .allow
        case .flag: self = .flag
        case .redact: self = .redact
        case .block: self = .block
        }
    }

    /// The outcome of this name; nil for failures.
    public var outcome: Outcome? { Outcome(rawValue: rawValue) }
}
