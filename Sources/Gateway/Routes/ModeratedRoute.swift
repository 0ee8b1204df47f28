import HTTPTypes
import Hummingbird
import Logging
import Moderation
import NIOCore
import NIOHTTP1

/// A chat route: the prompt is judged before anything goes upstream, the answer before anything comes back.
struct ModeratedRoute: Sendable {
    let gateway: Gateway
    let dialect: any Dialect
    let route: DialectRoute
    /// With its `?`; empty without one.
    let query: String

    func respond(to request: Request, context: GatewayRequestContext) async -> Response {
        do {
            return try await answer(request, context: context)
        } catch {
            let error = GatewayError(error)
            context.logger.info("request refused", metadata: ["error.type": "\(error.publicError.code)"])
            return error.response(dialect: dialect)
        }
    }

    private func answer(_ request: Request, context: GatewayRequestContext) async throws -> Response {
        let body = try await context.body(of: request, settings: gateway.settings)
        return try await withRoom(for: body.count) {
            try await answer(body, of: request, context: context)
        }
    }

    private func answer(
        _ body: [UInt8],
        of request: Request,
        context: GatewayRequestContext
    ) async throws -> Response {
        let exchange = Exchange(
            gateway: gateway,
            dialect: dialect,
            request: try dialect.decodeRequest(body, at: route),
            head: request.headers,
            query: query,
            context: context
        )
        let subject = Subject(prompt: exchange.request.conversation)
        let judgement = try await exchange.judge(subject)
        exchange.placeholders = judgement.placeholders
        let decision = exchange.moderator.decision(judgement, direction: .prompt)
        if decision.outcome == .block {
            return try await refuse(decision, reply: judgement.reply, turns: subject.turns, in: exchange)
        }
        let forwarded = try dialect.rewrite(exchange.request, redactions: judgement.redactions)
        // The record is on its way before the chatbot gets the prompt, and durable before the client gets anything; so it can
        // share one write with the answer's. Once the store has failed, the chatbot gets no prompt before its record is safe.
        let taken = await exchange.take(decision, turns: subject.turns)
        if taken.isDoubtful { try await taken.kept(logger: context.logger) }
        let answer: Result<Response, any Error>
        do {
            answer = .success(try await forward(forwarded, of: request, promptDecision: decision, in: exchange))
        } catch {
            answer = .failure(error)
        }
        if !taken.isDoubtful { try await taken.kept(logger: context.logger) }
        return try answer.get()
    }

    /// Records a block and tells the client, in the shape that the settings ask for; that there was no room to judge is
    /// always an error, since trying again helps.
    func refuse(
        _ decision: Decision,
        reply: String,
        turns: [Turn],
        in exchange: Exchange
    ) async throws -> Response {
        let error = GatewayError.promptBlocked(decision.cause, reply: reply)
        let isMessage = gateway.settings.blockAs == .message && decision.cause != .overloaded
        let payload = isMessage ? dialect.refusal(reply, to: exchange.request, id: exchange.requestID) : nil
        let status = payload?.status ?? error.publicError.status
        let headers = exchange.headers(of: decision)
        try await exchange.keep(decision, turns: turns, status: status, streamed: exchange.request.isStreamed)
        guard let payload else { return error.response(dialect: dialect, headers: headers) }
        var response = Response(
            status: HTTPResponse.Status(code: payload.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: payload.bytes))
        )
        response.headers[.contentType] = payload.contentType
        return response
    }
}

// MARK: - Upstream

extension ModeratedRoute {
    private func forward(
        _ body: [UInt8],
        of request: Request,
        promptDecision: Decision,
        in exchange: Exchange
    ) async throws -> Response {
        // The answer has to be read.
        let headers = gateway.settings.tenants.stripped(
            request.headers.forwarded(with: [.acceptEncoding: "identity"])
        )
        let outgoing = UpstreamRequest(
            method: request.method,
            path: route.path + query,
            headers: headers,
            body: .bytes(ByteBuffer(bytes: body))
        )
        let start = ContinuousClock.now
        let answer: UpstreamResponse
        do {
            answer = try await gateway.upstream.send(outgoing)
        } catch {
            return try await fail(GatewayError.during(error), in: exchange)
        }
        gateway.metrics.recordUpstream(start.duration(to: .now))

        guard answer.status.kind == .successful else {
            return try await passError(answer, in: exchange)
        }
        guard !answer.headers.hasContentEncoding else { return try await fail(.unreadableResponse, in: exchange) }
        let mediaType = (answer.headers[.contentType] ?? "").prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard let reader = dialect.makeStreamReader(for: exchange.request, mediaType: mediaType) else {
            return try await whole(answer, in: exchange)
        }
        return stream(answer, by: reader, promptDecision: promptDecision, in: exchange)
    }

    /// Keeps a record of an answer that didn't come, and tells the client.
    func fail(_ error: GatewayError, in exchange: Exchange) async throws -> Response {
        let decision = exchange.decision(Judgement(verdicts: []))
        try await exchange.keep(decision, ending: error.ending ?? .upstreamFailed, status: error.publicError.status)
        return error.response(dialect: dialect, headers: exchange.headers(ofUnjudged: decision))
    }
}

extension GatewayError {
    /// What an error while the exchange is under way means: cancelling only comes of a client that hung up.
    static func during(_ error: any Error) -> GatewayError {
        if error is CancellationError || Task.isCancelled { return .clientGone }
        return GatewayError(error)
    }
}
