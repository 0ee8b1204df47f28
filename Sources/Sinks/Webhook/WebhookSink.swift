import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Posts batches of records to a URL: `{"records":[…]}`.
///
/// A batch counts as delivered when the answer is 2xx; redirections are not followed.
public actor WebhookSink: Sink {
    private let url: String
    private let signature: WebhookSignature?
    private var client: HTTPClient?

    /// How long an answer is waited for.
    private static let timeout = TimeAmount.seconds(15)
    /// How much of an answer is read, so that the connection can be used again.
    private static let answerBytes = 65_536

    init(url: String, signature: WebhookSignature?) {
        self.url = url
        self.signature = signature
    }

    /// Returns when the receiver has said 2xx.
    public func deliver(_ records: [SinkRecord]) async throws {
        guard let first = records.first else { return }
        let body = Data("{\"records\":[\(records.map(\.json).joined(separator: ","))]}".utf8)
        // The same for the same records, however often they are sent.
        let id = "msg_\(first.id)_\(records.count)"
        let time = Int(Date().timeIntervalSince1970)
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = ["content-type": "application/json", "user-agent": "gatehouse"]
        request.headers.add(name: "webhook-id", value: id)
        request.headers.add(name: "webhook-timestamp", value: "\(time)")
        if let signature {
            request.headers.add(name: "webhook-signature", value: signature.value(id: id, time: time, body: body))
        }
        request.body = .bytes(ByteBuffer(data: body))
        let status: Int
        do {
            let response = try await opened().execute(request, timeout: Self.timeout)
            status = Int(response.status.code)
            _ = try? await response.body.collect(upTo: Self.answerBytes)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw SinkError.unreachable(reason: Self.reason(error))
        }
        guard (200..<300).contains(status) else { throw SinkError.refused(status: status) }
    }

    /// Closes connections.
    public func close() async {
        let open = client
        client = nil
        try? await open?.shutdown()
    }

    private func opened() -> HTTPClient {
        if let client { return client }
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.timeout.read = .seconds(10)
        let new = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        client = new
        return new
    }

    /// The kind of error, without the URL, which may hold a secret.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        default: "\(type(of: error))"
        }
    }
}
