import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle

/// A chatbot that is reached over HTTP.
///
/// Run it as a service: it closes its connections when the group stops.
public struct HTTPUpstream: Upstream, Service {
    private let base: String
    private let client: HTTPClient
    private let firstByteTimeout: Duration
    private let idleTimeout: Duration

    /// Creates an upstream.
    ///
    /// - Parameters:
    ///   - baseURL: such as `http://127.0.0.1:8000`; a `/v1` at its end is the same as none.
    ///   - settings: the upstream timeouts are taken from here.
    /// - Throws: ``GatewayError/invalidUpstreamURL`` for anything but an absolute `http` or `https` URL.
    public init(baseURL: String, settings: GatewaySettings) throws(GatewayError) {
        guard let base = Self.normalized(baseURL) else { throw .invalidUpstreamURL }
        self.base = base
        firstByteTimeout = settings.upstreamFirstByteTimeout
        idleTimeout = settings.upstreamIdleTimeout
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = TimeAmount(settings.upstreamConnectTimeout)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.maxUpstreamConnections
        // Servers of chatbots commonly close idle connections after five seconds; a request must not meet one closing.
        configuration.connectionPool.idleTimeout = .seconds(4)
        configuration.httpVersion = .http1Only
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(FlushOnce(), position: .first)
            }
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    static func normalized(_ url: String) -> String? {
        var base = Substring(url)
        while base.hasSuffix("/") { base.removeLast() }
        if base.hasSuffix("/v1") { base.removeLast(3) }
        let scheme = ["http://", "https://"].first { base.lowercased().hasPrefix($0) }
        guard let scheme, base.count > scheme.count,
            !base.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace })
        else { return nil }
        let host = base.dropFirst(scheme.count).prefix { $0 != "/" }
        return host.isEmpty || host.hasPrefix(":") ? nil : String(base)
    }

    /// Waits for the group's end, then closes every connection.
    public func run() async throws {
        try? await gracefulShutdown()
        try await shutdown()
    }

    /// Closes every connection.
    public func shutdown() async throws { try await client.shutdown() }

    /// Sends a request; see ``Upstream/send(_:)``.
    public func send(_ request: UpstreamRequest) async throws -> UpstreamResponse {
        var outgoing = HTTPClientRequest(url: base + request.path)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        var timeout = firstByteTimeout
        switch request.body {
        case .none:
            break
        case .bytes(let buffer):
            outgoing.body = .bytes(buffer)
        case .stream(let body, let length):
            outgoing.body = .stream(body, length: length.map { .known($0) } ?? .unknown)
            // The time that the client takes to send is its own; it is limited where the body is read.
            timeout = max(timeout, .seconds(3600))
        }
        do {
            let response = try await client.execute(outgoing, timeout: TimeAmount(timeout))
            var headers = HTTPFields()
            for (name, value) in response.headers {
                if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
            }
            return UpstreamResponse(
                status: HTTPResponse.Status(
                    code: Int(response.status.code),
                    reasonPhrase: response.status.reasonPhrase
                ),
                headers: headers,
                body: UpstreamBody(response.body, idleTimeout: idleTimeout)
            )
        } catch {
            throw Self.failure(error)
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .connectTimeout, .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout,
        .tlsHandshakeTimeout,
    ]

    /// What an error of the client library means.
    static func failure(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError, is UpstreamFailure, is GatewayError: error
        case let error as HTTPClientError where error == .cancelled: CancellationError()
        case let error as HTTPClientError where timeouts.contains(error): UpstreamFailure.timedOut
        case let error as HTTPClientError where [.invalidURL, .emptyHost].contains(error): UpstreamFailure.unreachable
        case ChannelError.connectTimeout: UpstreamFailure.timedOut
        case is NIOConnectionError: UpstreamFailure.unreachable
        case let error as IOError
        where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL].contains(error.errnoCode):
            UpstreamFailure.unreachable
        default:
            UpstreamFailure.brokeOff
        }
    }
}
