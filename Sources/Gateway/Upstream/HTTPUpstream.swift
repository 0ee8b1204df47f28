import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle

/// A chatbot that is reached over HTTP.
///
/// Run it as a service: it closes its connections when the group stops.
public struct HTTPUpstream: Upstream, Service {
    private let address: UpstreamAddress
    private let connections: UpstreamConnections
    private let firstByteTimeout: Duration

    /// Creates an upstream.
    ///
    /// - Parameters:
    ///   - baseURL: such as `http://127.0.0.1:8000`; a `/v1` at its end is the same as none.
    ///   - settings: the upstream timeouts and the limit of connections are taken from here.
    /// - Throws: ``GatewayError/invalidUpstreamURL`` for anything but an absolute `http` or `https` URL.
    public init(baseURL: String, settings: GatewaySettings) throws(GatewayError) {
        guard let address = UpstreamAddress(baseURL),
            let connections = try? UpstreamConnections(address, settings: settings)
        else { throw .invalidUpstreamURL }
        self.address = address
        self.connections = connections
        firstByteTimeout = settings.upstreamFirstByteTimeout
    }

    /// Waits for the group's end, then closes every connection.
    public func run() async throws {
        try? await gracefulShutdown()
        shutdown()
    }

    /// Closes every connection; later requests fail.
    public func shutdown() { connections.shutDown() }

    /// Sends a request; see ``Upstream/send(_:)``.
    public func send(_ request: UpstreamRequest) async throws -> UpstreamResponse {
        let head = head(of: request)
        do {
            while true {
                let connection = try await connections.lease(timeout: TimeAmount(firstByteTimeout))
                let exchange = connections.number()
                do {
                    let answer = try await send(head, request.body, as: exchange, on: connection)
                    let body = answer.body.map { UpstreamBody(bytes: $0) } ?? UpstreamBody(of: exchange, on: connection)
                    return UpstreamResponse(
                        status: HTTPResponse.Status(
                            code: Int(answer.head.status.code),
                            reasonPhrase: answer.head.status.reasonPhrase
                        ),
                        headers: HTTPFields(answer.head.headers),
                        body: body
                    )
                } catch is StaleConnection {
                    continue
                }
            }
        } catch {
            throw Self.failure(error)
        }
    }

    private func send(
        _ head: HTTPRequestHead,
        _ body: UpstreamRequest.Body,
        as exchange: UInt64,
        on connection: UpstreamConnection
    ) async throws -> UpstreamConnection.Answer {
        let timeout = TimeAmount(firstByteTimeout)
        switch body {
        case .none:
            return try await connection.send(head, body: ByteBuffer(), as: exchange, timeout: timeout)
        case .bytes(let bytes):
            return try await connection.send(head, body: bytes, as: exchange, timeout: timeout)
        case .stream(let pieces, _):
            // It may go on after the answer began, and ends with the exchange.
            let upload = Task {
                do {
                    for try await piece in pieces { try await connection.write(piece, of: exchange) }
                    connection.finish(exchange)
                } catch {
                    connection.fail(exchange, error)
                }
            }
            do {
                // The time that the client takes to send is its own; it is limited where the body is read.
                return try await connection.send(head, body: nil, as: exchange, timeout: max(timeout, .hours(1)))
            } catch {
                upload.cancel()
                throw error
            }
        }
    }

    private func head(of request: UpstreamRequest) -> HTTPRequestHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.headers.count + 2)
        headers.add(name: "host", value: address.authority)
        for field in request.headers { headers.add(name: field.name.rawName, value: field.value) }
        switch request.body {
        case .none:
            if request.method == .post || request.method == .put || request.method == .patch {
                headers.replaceOrAdd(name: "content-length", value: "0")
            }
        case .bytes(let bytes): headers.replaceOrAdd(name: "content-length", value: "\(bytes.readableBytes)")
        case .stream(_, let length):
            if let length {
                headers.replaceOrAdd(name: "content-length", value: "\(length)")
            } else {
                headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
            }
        }
        return HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: request.method.rawValue),
            uri: address.path + request.path,
            headers: headers
        )
    }

    /// What an error of a connection means.
    static func failure(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError, is UpstreamFailure, is GatewayError: error
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

extension HTTPFields {
    /// The fields of an answer; those whose names or values no field may have are left out.
    fileprivate init(_ headers: HTTPHeaders) {
        self.init()
        reserveCapacity(headers.count)
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}
