import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Finds who answers a request.
package struct GatewayResponder: HTTPResponder {
    package typealias Context = GatewayRequestContext

    let gateway: Gateway

    package func respond(to request: Request, context: GatewayRequestContext) async throws -> Response {
        var (route, response) =
            if let target = RequestTarget(request.head.path ?? "/") {
                await dispatch(request, target: target, context: context)
            } else {
                ("other", GatewayError.notFound.response())
            }
        response.headers[.requestID] = context.requestID
        // A client that was not told to go on may or may not send its body: the connection can't be used again.
        if request.expectsContinue, response.status.code >= 400 { response.headers[.connection] = "close" }
        gateway.metrics.countRequest(route: route, status: response.status.code)
        return response
    }

    private func dispatch(
        _ request: Request,
        target: RequestTarget,
        context: GatewayRequestContext
    ) async -> (route: String, Response) {
        if let endpoint = gateway.platforms.first(where: { $0.path == target.canonical }) {
            let platform = PlatformRoute(gateway: gateway, endpoint: endpoint)
            return (endpoint.path, await platform.respond(to: request, context: context))
        }
        for dialect in gateway.dialects {
            guard let route = dialect.route(of: target) else { continue }
            if request.method == .options {
                return await passOn(request, as: route.name, target: target, context: context)
            }
            guard request.method == .post else {
                return (route.name, GatewayError.methodNotAllowed(allowed: "POST").response(dialect: dialect))
            }
            let moderated = ModeratedRoute(gateway: gateway, dialect: dialect, route: route, query: target.query)
            return (route.name, await moderated.respond(to: request, context: context))
        }
        switch target.canonical {
        case "/health":
            return ("/health", await status(request) { await healthResponse() })
        case OpenAIInputDialect.moderations.path:
            let route = ModerationsRoute(gateway: gateway)
            return (target.canonical, await route.respond(to: request, context: context))
        case "/metrics":
            return ("/metrics", await status(request) { await metricsResponse() })
        case _ where PassThrough.takes(target):
            return await passOn(request, as: "unread", target: target, context: context)
        default:
            return ("other", GatewayError.notFound.response())
        }
    }

    private func passOn(
        _ request: Request,
        as route: String,
        target: RequestTarget,
        context: GatewayRequestContext
    ) async -> (route: String, Response) {
        let passThrough = PassThrough(gateway: gateway)
        return (route, await passThrough.respond(to: request, target: target, context: context))
    }

    private func status(_ request: Request, _ answer: () async -> Response) async -> Response {
        switch request.method {
        case .get: await answer()
        case .head: await answer().createHeadResponse()
        default: GatewayError.methodNotAllowed(allowed: "GET").response()
        }
    }

    private func healthResponse() async -> Response {
        let health = await gateway.health()
        let details = health.details.sorted { $0.key < $1.key }
            .map { ",\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
        let status = health.isReady ? "ok" : "unavailable"
        let body = "{\"status\":\"\(status)\",\"live\":true,\"ready\":\(health.isReady)\(details.joined())}"
        return Response(
            status: health.isReady ? .ok : .serviceUnavailable,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }

    private func metricsResponse() async -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: await gateway.metricsText()))
        )
    }
}
