import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

/// A request on the control socket.
public struct ControlRequest: Sendable, Hashable {
    /// Such as `POST`.
    public var method: String
    /// Such as `/policy/reload`.
    public var path: String
    /// The body; empty without one.
    public var body: [UInt8]

    /// Creates a request.
    public init(method: String, path: String, body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.body = body
    }
}

/// The answer to a request on the control socket.
public struct ControlResponse: Sendable, Hashable {
    /// HTTP status.
    public var status: Int
    /// JSON.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Listens on a Unix domain socket that only its owner may use, and has each request answered.
public struct ControlServer: Service {
    private static let maxBodyBytes = 64 << 10

    private let socket: ControlSocket
    private let logger: Logger
    private let answer: @Sendable (ControlRequest) async -> ControlResponse
    private let opening = AsyncStream.makeStream(of: Never.self)

    /// Makes sure that the socket can be made; it is made when the service runs.
    ///
    /// - Parameters:
    ///   - path: the socket; a stale one is replaced.
    ///   - answer: answers a request.
    /// - Throws: ``ControlError`` when the path is another gateway's, too long, or can't be made.
    public init(
        path: String,
        logger: Logger,
        answer: @escaping @Sendable (ControlRequest) async -> ControlResponse
    ) throws(ControlError) {
        socket = ControlSocket(path: path)
        self.logger = logger
        self.answer = answer
        try socket.prepare()
    }

    /// Waits until the socket can be connected to, or it is certain that it can't; one caller at most.
    public func opened() async {
        for await _ in opening.stream {}
    }

    /// Listens until the group stops.
    public func run() async throws {
        let published = Published()
        defer {
            socket.remove(published.identity)
            opening.continuation.finish()
        }
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: CallbackResponder { request, _ in try await respond(to: request) }
                as CallbackResponder<BasicRequestContext>,
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket.temporaryPath)),
            onServerRunning: { _ in
                defer { opening.continuation.finish() }
                do throws(ControlError) {
                    published.identity = try socket.publish()
                } catch {
                    logger.error("no control socket", metadata: ["error": "\(error)"])
                }
            },
            logger: quiet
        )
        try await application.run()
    }

    /// Which socket is this server's.
    private final class Published: Sendable {
        private let value = Mutex<Int?>(nil)

        var identity: Int? {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    private func respond(to request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.maxBodyBytes)
        let response = await answer(
            ControlRequest(
                method: request.method.rawValue,
                path: request.uri.path,
                body: Array(body.readableBytesView)
            )
        )
        return Response(
            status: HTTPResponse.Status(code: response.status),
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
        )
    }
}
