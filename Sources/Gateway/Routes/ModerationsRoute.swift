import HTTPTypes
import Hummingbird
import Logging
import Moderation
import NIOCore

/// OpenAI's `/v1/moderations`, answered by the gateway's own rules: nothing goes upstream.
///
/// Each input is judged as a prompt and has a record of its own.
struct ModerationsRoute {
    /// Most inputs of one request.
    private static let maxInputs = 256

    let gateway: Gateway
    private let dialect = OpenAIInputDialect.moderations

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
        guard request.method == .post else { throw GatewayError.methodNotAllowed(allowed: "POST") }
        let body = try await context.body(of: request, settings: gateway.settings)
        let decoded = try dialect.decodeRequest(body, at: DialectRoute(name: dialect.path))
        let exchange = Exchange(
            gateway: gateway,
            dialect: dialect,
            request: decoded,
            head: request.headers,
            context: context
        )
        let turns = decoded.conversation.turns
        guard turns.count <= Self.maxInputs else {
            throw DialectError.shape(field: "input", expected: "an array of at most \(Self.maxInputs) inputs")
        }
        // Nobody is told that what was not read is harmless.
        guard turns.allSatisfy({ $0.parts.contains { $0.kind.isText } }) else {
            throw DialectError.shape(field: "input", expected: "text: images and tokens are not judged")
        }
        var results: [ModerationResult] = []
        var decisions: [Decision] = []
        for turn in turns {
            let judgement = try await exchange.judge(Subject(direction: .prompt, turns: [turn]))
            let decision = exchange.moderator.decision(judgement, direction: .prompt)
            // That the guard is down says nothing of the text.
            let isJudged = decision.cause == .content || decision.outcome < .block
            let error = GatewayError.promptBlocked(decision.cause, reply: judgement.reply)
            try await exchange.keep(decision, turns: [turn], status: isJudged ? 200 : error.publicError.status)
            guard isJudged else { return error.response(dialect: dialect, headers: exchange.headers(of: decision)) }
            results.append(ModerationResult(judgement))
            decisions.append(decision)
        }
        let members = [
            "\"id\":\(JSONText.quoted("modr-\(context.requestID)"))",
            "\"model\":\(JSONText.quoted(exchange.moderator.classifier?.identity.model ?? "gatehouse"))",
            "\"results\":[\(results.map(\.json).joined(separator: ","))]",
        ]
        var headers = decisions.max { $0.outcome < $1.outcome }.map { exchange.headers(of: $0) } ?? [:]
        headers[.contentType] = "application/json"
        let bytes = ByteBuffer(string: "{\(members.joined(separator: ","))}")
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
    }
}
