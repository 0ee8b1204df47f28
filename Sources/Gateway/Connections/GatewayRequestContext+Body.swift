import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

extension GatewayRequestContext {
    /// Reads the body of a request that is to be judged, no more than is accepted.
    func body(of request: Request, settings: GatewaySettings) async throws -> [UInt8] {
        let limit = settings.maxBodyBytes
        guard !request.headers.hasContentEncoding else { throw GatewayError.encodedBody }
        let length = request.headers[.contentLength].flatMap { Int($0) }
        guard length ?? 0 <= limit else { throw GatewayError.bodyTooLarge(limit: limit) }
        await proceed(request)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(length ?? 0, 1 << 16))
        do {
            // Each pause is limited by the connection; many short ones may not add up for ever.
            let end = ContinuousClock.now + settings.clientBodyTimeout * 10
            for try await piece in request.body {
                guard bytes.count + piece.readableBytes <= limit else { throw GatewayError.bodyTooLarge(limit: limit) }
                bytes += piece.readableBytesView
                guard ContinuousClock.now < end else { throw GatewayError.clientStalled }
            }
        } catch is HTTPParserError {
            throw GatewayError.malformedHTTP
        }
        // A body that ends before its time was cut off.
        guard length ?? bytes.count == bytes.count else { throw GatewayError.clientGone }
        return bytes
    }
}
