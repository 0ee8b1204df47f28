import HTTPTypes
import Hummingbird
import Logging
import Moderation
import NIOCore

/// Passes a request on as it comes, and the answer as it comes back.
///
/// Nothing is judged, nothing is buffered. Where words could pass that nobody read, there is a record that says so, and the
/// policy's `unscanned` decides.
struct PassThrough {
    let gateway: Gateway

    /// Whether requests to a path that no dialect knows are passed on.
    static func takes(_ target: RequestTarget) -> Bool {
        ["/v1/", "/v1beta/", "/v1beta1/", "/api/", "/openai/"].contains { target.canonical.hasPrefix($0) }
    }

    func respond(to request: Request, target: RequestTarget, context: GatewayRequestContext) async -> Response {
        var headers = HTTPFields()
        if Self.couldHoldWords(request.method, target) {
            do {
                headers = try await record(request, target: target, context: context)
            } catch {
                return error.response()
            }
        }
        var response = await forward(request, target: target.raw + target.query, context: context)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    /// Lists of models and the like hold nobody's words.
    private static func couldHoldWords(_ method: HTTPRequest.Method, _ target: RequestTarget) -> Bool {
        guard method == .get || method == .head else { return method != .options && method != .delete }
        let lists = ["/v1/models", "/v1beta/models", "/openai/models", "/openai/v1/models"]
        if lists.contains(where: { target.canonical == $0 || target.canonical.hasPrefix($0 + "/") }) { return false }
        return !["/api/tags", "/api/ps", "/api/version"].contains(target.canonical)
    }

    /// Keeps the record of a request or an answer that passes unread, or refuses it where the policy says so.
    private func record(
        _ request: Request,
        target: RequestTarget,
        context: GatewayRequestContext
    ) async throws(GatewayError) -> HTTPFields {
        let moderator = gateway.moderator()
        let sender = gateway.settings.tenants.sender(of: request.headers, query: target.query)
        let scope = Scope(route: "unread", tenant: sender.tenant)
        let isQuestion = request.method != .get && request.method != .head
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        let unread = Coverage(
            pointer: "",
            kind: .unknown,
            state: .skipped,
            reason: "no dialect reads this path",
            bytes: isQuestion ? length : 0
        )
        let direction: Direction = isQuestion ? .prompt : .response
        let policy = moderator.policy.effective(in: scope, direction)
        let judgement = Judgement(
            verdicts: [],
            coverage: [unread],
            reply: policy.reply,
            unscanned: policy.unscanned
        )
        var decision = moderator.decision(judgement, direction: direction)
        if let candidate = gateway.candidate()?.policy {
            let tried = candidate.effective(in: scope, direction)
            let judgement = Judgement(verdicts: [], coverage: [unread], unscanned: tried.unscanned)
            decision.candidate = CandidateDecision(judgement, policy: candidate)
        }
        let blocked =
            decision.outcome == .block ? GatewayError.promptBlocked(decision.cause, reply: judgement.reply) : nil
        try await gateway.keep(
            AuditRecord(
                decision: decision,
                requestID: context.requestID,
                route: scope.route,
                dialect: "none",
                tenant: scope.tenant,
                client: sender.client,
                conversation: ConversationName.of(head: request.headers),
                status: blocked?.publicError.status
            ),
            logger: context.logger
        )
        if let blocked { throw blocked }
        return [.decisionID: decision.id.description, .outcome: decision.outcome.rawValue]
    }

    private func forward(_ request: Request, target: String, context: GatewayRequestContext) async -> Response {
        let upload = Upload(request)
        if upload != nil { await context.proceed(request) }
        var headers = gateway.settings.tenants.stripped(request.headers.forwarded)
        headers[.contentLength] = nil
        let outgoing = UpstreamRequest(
            method: request.method,
            path: target,
            headers: headers,
            body: upload.map { .stream($0.pieces, length: $0.length) } ?? .none
        )
        do {
            let start = ContinuousClock.now
            let answer = try await gateway.upstream.send(outgoing)
            gateway.metrics.recordUpstream(start.duration(to: .now))
            return Self.response(answer, method: request.method, upload: upload)
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
        upload: Upload? = nil
    ) -> Response {
        let headers = answer.headers.forwarded
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
                    while let piece = try await body.next() { try await writer.write(piece) }
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
