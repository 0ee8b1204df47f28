import Audit
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// What is known of a request besides the request.
struct AdminContext: RequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}

/// Finds who answers a request, checks who asks and what is given, and says no in JSON.
struct AdminResponder: HTTPResponder {
    typealias Context = AdminContext

    /// What is counted of a request whose client went away.
    private static let abandoned = HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")

    /// Largest body of a request, in bytes.
    static let maxBodyBytes = 64 << 10

    let routes: [AdminRoute]
    let keys: AdminKeyRing
    let metrics: AdminMetrics
    let failures: LoginFailures
    let logger: Logger

    func respond(to request: Request, context: AdminContext) async throws -> Response {
        let start = ContinuousClock.now
        var served = Served()
        var response: Response
        do {
            response = try await answer(request, context, &served)
        } catch is CancellationError {
            // The client is gone, or the gateway stops: nobody gets this.
            response = Response(status: Self.abandoned)
        } catch {
            response = refuse(error)
        }
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        if served.endsConnection { response.headers[.connection] = "close" }
        let status = Int(response.status.code)
        metrics.count(route: served.route, method: served.method, status: status, took: ContinuousClock.now - start)
        if let caller = served.caller {
            logger.info(
                "admin request",
                metadata: [
                    "key": "\(caller.name)", "role": "\(caller.role.rawValue)", "method": "\(served.method)",
                    "route": "\(served.route)", "status": "\(status)",
                ]
            )
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// What is known of a request, answered or refused.
    private struct Served {
        // Told in logs and metrics: words of closed sets.
        var route = "other"
        var method = "other"
        var caller: AdminCaller?
        /// Whether no other request can come over its connection.
        var endsConnection = false
    }

    private func answer(_ request: Request, _ context: AdminContext, _ served: inout Served) async throws -> Response {
        let target = try AdminTarget(request.head.path ?? "/")
        let method = request.method == .head ? .get : request.method
        let matches = routes.compactMap { route in route.match(target.path).map { (route: route, path: $0) } }
        guard let first = matches.first else {
            throw AdminRefusal(.notFound, "there is nothing at this path; GET /openapi.json lists what there is")
        }
        served.route = first.route.path
        guard let (route, path) = matches.first(where: { $0.route.method == method }) else {
            let allowed = Set(matches.map(\.route.method.rawValue)).sorted()
            throw AdminRefusal(
                .methodNotAllowed,
                "this path has no such method; expected \(allowed.joined(separator: " or "))",
                allowed: allowed
            )
        }
        served.method = method.rawValue
        let caller = try route.role.map { role in
            try admit(request, to: role, from: context.remoteAddress?.ipAddress)
        }
        served.caller = caller
        let query = try AdminValues(target.query, route.query, noun: "parameter")
        let given = try await members(of: request, route)
        let body = try AdminValues(given, route.body ?? [], noun: "member")
        if let caller {
            for need in query.needs + body.needs where caller.role < need.role {
                throw AdminRefusal(to: caller, "'\(need.name)'", takes: need.role)
            }
        }
        let call = AdminCall(asker: caller, path: path, query: query, body: body)
        if request.method == .head, caller != nil {
            // Whether it may be asked is known now; nothing is read for an answer that nobody gets.
            return response(to: AdminAnswer(status: route.answer.status, type: route.answer.type, body: .whole("")))
        }
        guard route.stopsWithClient else { return try response(to: await route.handler(call)) }
        // Whoever watches for the client's end reads the connection to its end, also where the answer is a refusal.
        served.endsConnection = true
        return response(
            to: try await request.body.consumeWithCancellationOnInboundClose { _ in try await route.handler(call) }
        )
    }

    /// Who asks, when they may.
    private func admit(_ request: Request, to role: AdminRole, from address: String?) throws(AdminRefusal)
        -> AdminCaller
    {
        guard let field = request.headers[.authorization] else {
            failures.note(.missing, from: address)
            throw AdminRefusal(
                .missingKey,
                "no key was given; expected 'authorization: Bearer KEY', with a key that 'gatehouse admin key create' printed"
            )
        }
        let words = field.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            failures.note(.malformed, from: address)
            throw AdminRefusal(.wrongKey, "the authorization is not a key; expected 'Bearer KEY'")
        }
        switch keys.answer(to: String(words[1])) {
        case .caller(let caller):
            guard caller.role >= role else { throw AdminRefusal(to: caller, "this", takes: role) }
            return caller
        case .unknown:
            failures.note(.unknown, from: address)
            throw AdminRefusal(.wrongKey, "no such key is known; 'gatehouse admin key list' tells whose are")
        case .ended(let state, let name):
            // Whose it was is for the log: who holds a lost key need not know.
            failures.note(state == .revoked ? .revoked : .expired, from: address, detail: "the key of '\(name)'")
            let word = state == .revoked ? "was revoked" : "has expired"
            throw AdminRefusal(.wrongKey, "this key \(word); 'gatehouse admin key create' makes a new one")
        case .unusable(let error):
            failures.note(.unusable, from: address, detail: error.description)
            throw AdminRefusal(.keysUnusable, "the file with the keys can't be used; the gateway's log says why")
        }
    }

    private func members(of request: Request, _ route: AdminRoute) async throws -> [(name: String, value: String)] {
        let length = request.headers[.contentLength].map { Int($0) ?? .max }
        let hasBody = length ?? 0 > 0 || request.headers[.transferEncoding] != nil
        guard route.body != nil else {
            if hasBody { throw AdminRefusal(.malformedRequest, "this takes no body; expected parameters in the query") }
            return []
        }
        let tooLarge = AdminRefusal(
            .bodyTooLarge,
            "the body is larger than \(Self.maxBodyBytes) bytes; expected a small JSON object"
        )
        guard length ?? 0 <= Self.maxBodyBytes else { throw tooLarge }
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard type == MediaType.json.rawValue else {
            throw AdminRefusal(
                .unsupportedMediaType,
                "the body's content-type is not one that is read here; expected application/json"
            )
        }
        var data = Data()
        for try await piece in request.body {
            guard data.count + piece.readableBytes <= Self.maxBodyBytes else { throw tooLarge }
            data.append(contentsOf: piece.readableBytesView)
        }
        return try AdminBody.members(data)
    }

    private func response(to answer: AdminAnswer) -> Response {
        let body: ResponseBody =
            switch answer.body {
            case .whole(let text): ResponseBody(byteBuffer: ByteBuffer(string: text))
            case .pieces(let pieces):
                ResponseBody { writer in
                    for try await text in pieces { try await writer.write(ByteBuffer(string: text)) }
                    try await writer.finish(nil)
                }
            }
        return Response(
            status: HTTPResponse.Status(code: answer.status),
            headers: [.contentType: answer.type.rawValue],
            body: body
        )
    }

    private func refuse(_ error: any Error) -> Response {
        let refusal: AdminRefusal
        switch error {
        case let error as AdminRefusal: refusal = error
        case let error as AuditError: refusal = AdminRefusal(error)
        default:
            logger.error("admin request failed", metadata: ["error.type": "\(type(of: error))"])
            refusal = AdminRefusal(.failed, "the answer could not be made; the gateway's log says more")
        }
        // What anybody can bring about is logged with those who were not let in, now and then.
        if refusal.code.status >= 500, refusal.code != .keysUnusable {
            logger.warning(
                "admin request refused",
                metadata: ["code": "\(refusal.code.rawValue)", "error": "\(refusal.message)"]
            )
        }
        let text = (try? refusal.body.string()) ?? "{}"
        var response = Response(
            status: HTTPResponse.Status(code: refusal.code.status),
            headers: [.contentType: MediaType.json.rawValue],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
        if refusal.code.status == 401 { response.headers[.wwwAuthenticate] = "Bearer realm=\"gatehouse\"" }
        if !refusal.allowed.isEmpty { response.headers[.allow] = refusal.allowed.joined(separator: ", ") }
        if refusal.code == .busy { response.headers[.retryAfter] = "5" }
        return response
    }
}
