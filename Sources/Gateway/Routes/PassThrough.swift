import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Passes a request on as it comes, and the answer as it comes back.
///
/// Nothing is judged, nothing is buffered.
struct PassThrough {
    let gateway: Gateway

    func respond(to request: Request, target: String, context: GatewayRequestContext) async -> Response {
        let presence = await context.presence()
        let upload = Upload(request)
        if upload != nil { await context.proceed(request) }
        var headers = request.headers.forwarded
        headers[.contentLength] = nil
        let outgoing = UpstreamRequest(
            method: request.method,
            path: target,
            headers: headers,
            body: upload.map { .stream($0.pieces, length: $0.length) } ?? .none
        )
        do {
            let start = ContinuousClock.now
            let upstream = gateway.upstream
            let answer = try await presence.whilePresent { try await upstream.send(outgoing) }
            gateway.metrics.recordUpstream(start.duration(to: .now))
            return Self.response(answer, method: request.method, presence: presence, upload: upload)
        } catch {
            await upload?.stop()
            let cause = await upload?.failure
            let error = cause ?? GatewayError(error)
            context.logger.info("request not passed on", metadata: ["error.type": "\(error.publicError.code)"])
            return error.response()
        }
    }

    /// The upstream's answer as the client gets it: status, fields and every byte of the body.
    static func response(
        _ answer: UpstreamResponse,
        method: HTTPRequest.Method,
        presence: ClientPresence,
        upload: Upload? = nil,
        headers extra: HTTPFields = [:]
    ) -> Response {
        var headers = answer.headers.forwarded
        for field in extra { headers[field.name] = field.value }
        let code = answer.status.code
        guard method != .head, code != 204, code != 304, code >= 200 else {
            var response = Response(status: answer.status, headers: headers)
            if code == 204 || code == 304 { response.headers[.contentLength] = answer.headers[.contentLength] }
            return response
        }
        let length = headers[.contentLength].flatMap { Int($0) }
        let body = answer.body
        return Response(
            status: answer.status,
            headers: headers,
            body: ResponseBody(contentLength: length) { writer in
                do {
                    while let piece = try await presence.whilePresent({ try await body.next() }) {
                        try await writer.write(piece)
                    }
                } catch {
                    await body.drop()
                    await upload?.stop()
                    throw error
                }
                await upload?.stop()
                try await writer.finish(nil)
            }
        )
    }
}
