import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Talks to a running gateway through its control socket.
public struct ControlClient: Sendable {
    /// Path of the socket.
    public let path: String

    /// Creates a client; nothing is opened yet.
    public init(path: String) {
        self.path = path
    }

    /// Sends a request and waits for the answer, which may take as long as loading a model.
    ///
    /// - Throws: ``ControlError``.
    public func send(_ request: ControlRequest) async throws(ControlError) -> ControlResponse {
        guard path.utf8.count <= ControlSocket.maxPathBytes else {
            throw .pathTooLong(path: path, limit: ControlSocket.maxPathBytes)
        }
        guard let url = URL(httpURLWithSocketPath: path, uri: request.path) else { throw .noGateway(path: path) }
        var outgoing = HTTPClientRequest(url: url.absoluteString)
        outgoing.method = HTTPMethod(rawValue: request.method)
        outgoing.headers.add(name: "connection", value: "close")
        if !request.body.isEmpty { outgoing.body = .bytes(request.body) }
        do {
            var configuration = HTTPClient.Configuration()
            configuration.connectionPool.retryConnectionEstablishment = false
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            let result: Result<ControlResponse, any Error>
            do {
                let response = try await client.execute(outgoing, timeout: .minutes(10))
                let body = try await response.body.collect(upTo: 16 << 20)
                result = .success(
                    ControlResponse(status: Int(response.status.code), body: Array(body.readableBytesView))
                )
            } catch {
                result = .failure(error)
            }
            try await client.shutdown()
            return try result.get()
        } catch let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM {
            throw .notPermitted(path: path)
        } catch is IOError {
            throw .noGateway(path: path)
        } catch {
            throw access(path, F_OK) == 0 ? .unreadableAnswer(path: path) : .noGateway(path: path)
        }
    }
}
