public import Moderation

/// One chat API, both ends of it: reads its requests and answers, changes them in places, and says no in its own words.
///
/// A dialect is a value without state and does no input or output; a stream's state lives in its ``StreamReader``.
public protocol Dialect: Sendable {
    /// Stable name, such as `openai-chat`; recorded with each decision.
    var name: String { get }

    /// Names of the API's fields: the only keys that a record shows.
    var fieldNames: FieldNames { get }

    /// The route that a request belongs to; nil when the dialect doesn't answer there.
    func route(of target: RequestTarget) -> DialectRoute?

    /// Reads a request.
    ///
    /// - Throws: ``DialectError`` when the body is not this API's; such a request is never forwarded.
    func decodeRequest(_ body: [UInt8], at route: DialectRoute) throws(DialectError) -> DecodedRequest

    /// The request's bytes with matches replaced and everything else as it came.
    func rewrite(_ request: DecodedRequest, redactions: [Redaction]) throws(DialectError) -> [UInt8]

    /// Reads a whole answer.
    ///
    /// - Throws: ``DialectError`` when it can't be read; such an answer never reaches the client.
    func decodeResponse(_ body: [UInt8], to request: DecodedRequest) throws(DialectError) -> DecodedResponse

    /// The answer's bytes with some choices changed and everything else as it came.
    ///
    /// - Parameter changes: one for each choice, in order.
    func rewrite(_ response: DecodedResponse, changes: [ChoiceChange]) throws(DialectError) -> [UInt8]

    /// An answer that says no to a prompt, in the shape that the request asked for (whole or streamed).
    func refusal(_ reply: String, to request: DecodedRequest, id: String) -> ResponsePayload

    /// The body of an error.
    func errorBody(_ error: PublicError) -> [UInt8]

    /// Reads one streamed answer; nil for an answer that comes whole.
    ///
    /// - Parameter mediaType: the answer's media type, lower case, without parameters; empty where it has none.
    func makeStreamReader(for request: DecodedRequest, mediaType: String) -> (any StreamReader)?
}

/// Where a request goes, as its address says it.
public struct DialectRoute: Sendable, Hashable {
    /// The name that records and metrics show, such as `/v1beta/models/*:generateContent`; no part of it is the sender's.
    public var name: String
    /// The path to forward to.
    public var path: String
    /// The chatbot's model, where the path names it.
    public var model: String?
    /// Whether the path asks for a stream.
    public var isStreamed: Bool

    /// Creates a route.
    ///
    /// - Parameter path: nil where it is the name.
    public init(name: String, path: String? = nil, model: String? = nil, isStreamed: Bool = false) {
        self.name = name
        self.path = path ?? name
        self.model = model
        self.isStreamed = isStreamed
    }
}

/// Why bytes are not what an API says they are.
///
/// Carries no content.
public enum DialectError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not JSON, or not JSON that every reader reads alike.
    case json(JSONError)
    /// JSON of another shape.
    ///
    /// - Parameters:
    ///   - field: the field's name in the API, never a name that the sender chose.
    ///   - expected: what stands there in a good document.
    case shape(field: String, expected: String)

    /// What was found and what was expected.
    public var description: String {
        switch self {
        case .json(let error): "\(error)"
        case .shape(let field, let expected): "'\(field)' must be \(expected)"
        }
    }
}

/// What a request says.
public struct DecodedRequest: Sendable {
    /// Where it goes.
    public var route: DialectRoute
    /// The document.
    public var document: JSONDocument
    /// What it says, with a pointer for each string.
    public var conversation: Conversation
    /// The chatbot's model, as the client named it.
    public var model: String?
    /// Whether the client asked for a stream.
    public var isStreamed: Bool
    /// How many answers the client asked for.
    public var choiceCount: Int
    /// Whether a stream is to end with token counts.
    public var wantsUsage: Bool
    /// Where on a chat platform it was said, such as `slack/T024/C012`; empty elsewhere.
    public var channel: String
    /// Which conversation it is a turn of, where the API or the platform says so.
    public var conversationID: String?

    /// Creates a request.
    public init(
        route: DialectRoute,
        document: JSONDocument,
        conversation: Conversation,
        model: String?,
        isStreamed: Bool,
        choiceCount: Int = 1,
        wantsUsage: Bool = false,
        channel: String = "",
        conversationID: String? = nil
    ) {
        self.route = route
        self.document = document
        self.conversation = conversation
        self.model = model
        self.isStreamed = isStreamed
        self.choiceCount = choiceCount
        self.wantsUsage = wantsUsage
        self.channel = channel
        self.conversationID = conversationID
    }
}

/// What an answer says.
public struct DecodedResponse: Sendable {
    /// One of the answer's choices.
    public struct Choice: Sendable {
        /// Its number in the API.
        public var index: Int
        /// What it says, with a pointer for each string.
        public var turn: Turn
        /// Where it stands.
        public var value: JSONValue

        /// Creates a choice.
        public init(index: Int, turn: Turn, value: JSONValue) {
            self.index = index
            self.turn = turn
            self.value = value
        }
    }

    /// The document.
    public var document: JSONDocument
    /// The choices, in document order.
    public var choices: [Choice]

    /// Creates a response.
    public init(document: JSONDocument, choices: [Choice]) {
        self.document = document
        self.choices = choices
    }
}

/// What becomes of one choice.
public enum ChoiceChange: Sendable, Hashable {
    /// Stays as it came.
    case keep
    /// Some stretches are replaced.
    case redact([Redaction])
    /// Gives way to a refusal.
    case refuse(reply: String)
}

/// An answer that the gateway gives itself.
public struct ResponsePayload: Sendable, Hashable {
    /// HTTP status.
    public var status: Int
    /// Media type.
    public var contentType: String
    /// The body.
    public var bytes: [UInt8]

    /// Creates a payload.
    public init(status: Int = 200, contentType: String = "application/json", bytes: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.bytes = bytes
    }
}

/// An error as the client sees it; never holds content or anything of the upstream's insides.
public struct PublicError: Sendable, Hashable {
    /// HTTP status.
    public var status: Int
    /// Class of error, in OpenAI's words, such as `invalid_request_error`.
    public var type: String
    /// Stable code for programs, such as `body_too_large`.
    public var code: String
    /// A sentence for people.
    public var message: String
    /// Seconds after which another try makes sense.
    public var retryAfterSeconds: Int?

    /// Creates an error.
    public init(status: Int, type: String, code: String, message: String, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }
}
