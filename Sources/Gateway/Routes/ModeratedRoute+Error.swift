import HTTPTypes
import Hummingbird
import Moderation
import NIOCore

extension ModeratedRoute {
    /// Passes a chatbot's own error on, as far as its words may pass.
    func passError(_ answer: UpstreamResponse, in exchange: Exchange) async throws -> Response {
        let error: UpstreamErrorBody
        let judgement: Judgement
        do {
            guard !answer.headers.hasContentEncoding else { throw GatewayError.unreadableResponse }
            error = UpstreamErrorBody(try await answer.body.collect(upTo: gateway.settings.maxResponseBytes))
            judgement =
                error.turn.parts.isEmpty ? Judgement(verdicts: []) : try await exchange.judge(response: error.turn)
        } catch {
            return try await fail(GatewayError.during(error), in: exchange)
        }
        let decision = exchange.decision(judgement)
        let isActedOn = exchange.mode != .observe
        let code = answer.status.code
        let bytes: [UInt8]
        do {
            if isActedOn, decision.outcome == .block {
                let blocked = PublicError(
                    status: code,
                    type: "upstream_error",
                    code: "content_policy_violation",
                    message: judgement.reply
                )
                bytes = dialect.errorBody(blocked)
            } else {
                let pointers = Set(error.turn.parts.map(\.pointer))
                let redactions = judgement.redactions.filter { pointers.contains($0.pointer) }
                bytes = try error.rewritten(isActedOn ? redactions : [])
            }
        } catch {
            return try await fail(.unreadableResponse, in: exchange)
        }
        try await exchange.keep(decision, turns: [error.turn], ending: .upstreamError, status: code)

        var headers = answer.headers.forwarded
        headers[.contentLength] = nil
        if isActedOn, decision.outcome == .block { headers[.contentType] = "application/json" }
        let shown =
            error.turn.parts.isEmpty ? exchange.headers(ofUnjudged: decision) : exchange.headers(of: decision)
        for field in shown { headers[field.name] = field.value }
        return Response(
            status: answer.status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
