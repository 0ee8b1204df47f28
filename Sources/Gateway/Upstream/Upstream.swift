public import HTTPTypes
public import NIOCore

/// The chatbot behind the gateway.
public protocol Upstream: Sendable {
    /// Sends a request and returns when the head of the answer is there; the body may still be on its way.
    ///
    /// Cancelling the task, or dropping the answer's body, gives the request up.
    ///
    /// - Throws: ``UpstreamFailure``, or `CancellationError` when the task was cancelled.
    func send(_ request: UpstreamRequest) async throws -> UpstreamResponse
}

/// Why the chatbot gave no answer, or not all of it.
///
/// Carries nothing of the chatbot's insides.
public enum UpstreamFailure: String, Error, Sendable, Hashable {
    /// No connection could be made.
    case unreachable
    /// It took too long.
    case timedOut
    /// It broke off, or spoke no HTTP.
    case brokeOff
}

/// A request to the chatbot.
public struct UpstreamRequest: Sendable {
    /// The body of a request.
    public enum Body: Sendable {
        /// No body.
        case none
        /// A whole body.
        case bytes(ByteBuffer)
        /// A body that is passed on as it comes, with its length in bytes where the client said it.
        case stream(RequestPieces, length: Int64?)
    }

    /// Method.
    public var method: HTTPRequest.Method
    /// Path and query, as the chatbot is to see them; begins with `/`.
    public var path: String
    /// Fields, without those that concern one connection only.
    public var headers: HTTPFields
    /// Body.
    public var body: Body

    /// Creates a request.
    public init(method: HTTPRequest.Method, path: String, headers: HTTPFields, body: Body) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// The pieces of a client's body, each read when it is asked for.
public struct RequestPieces: AsyncSequence, Sendable {
    private let read: @Sendable () async throws -> ByteBuffer?

    /// Creates a sequence that asks `read` for each piece, until it gives nil.
    public init(_ read: @escaping @Sendable () async throws -> ByteBuffer?) {
        self.read = read
    }

    /// Asks for one piece after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let read: @Sendable () async throws -> ByteBuffer?

        /// The next piece; nil at the end.
        public func next() async throws -> ByteBuffer? { try await read() }
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator { Iterator(read: read) }
}

/// An answer of the chatbot.
public struct UpstreamResponse: Sendable {
    /// Status.
    public var status: HTTPResponse.Status
    /// Fields.
    public var headers: HTTPFields
    /// Body, read once.
    public var body: UpstreamBody

    /// Creates an answer.
    public init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: UpstreamBody) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
