import HTTPTypes
import Hummingbird
import Moderation
import NIOCore

extension ModeratedRoute {
    /// Judges a whole answer, each choice for itself, and passes on what may pass.
    func whole(_ answer: UpstreamResponse, in exchange: Exchange) async throws -> Response {
        let body: [UInt8]
        do {
            body = try await answer.body.collect(upTo: gateway.settings.maxResponseBytes)
        } catch {
            return try await fail(GatewayError.during(error), in: exchange)
        }
        return try await withRoom(for: body.count) { try await whole(body, of: answer, in: exchange) }
    }

    private func whole(_ body: [UInt8], of answer: UpstreamResponse, in exchange: Exchange) async throws -> Response {
        let response: DecodedResponse
        do {
            response = try dialect.decodeResponse(body, to: exchange.request)
        } catch {
            return try await fail(.unreadableResponse, in: exchange)
        }

        var joined: Judgement?
        var changes: [ChoiceChange] = []
        do {
            for choice in response.choices {
                let judgement = try await exchange.judge(response: choice.turn)
                changes.append(Self.change(judgement, of: choice.turn))
                joined = joined?.joined(with: judgement) ?? judgement
            }
        } catch {
            return try await fail(GatewayError.during(error), in: exchange)
        }
        let judgement = joined ?? Judgement(verdicts: [])
        let decision = exchange.decision(judgement)
        let turns = response.choices.map(\.turn)
        if exchange.mode == .observe { changes = changes.map { _ in .keep } }
        if decision.outcome == .block, decision.cause == .overloaded, exchange.mode != .observe {
            return try await refuse(decision, reply: judgement.reply, turns: turns, in: exchange)
        }
        let bytes: [UInt8]
        do {
            bytes = try dialect.rewrite(response, changes: changes)
        } catch {
            return try await fail(.unreadableResponse, in: exchange)
        }
        try await exchange.keep(decision, turns: turns, status: answer.status.code)

        let headers = answer.headers.forwarded(with: exchange.headers(of: decision))
        return Response(
            status: answer.status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    private static func change(_ judgement: Judgement, of turn: Turn) -> ChoiceChange {
        guard judgement.outcome != .block else { return .refuse(reply: judgement.reply) }
        // Redaction is asked of the whole conversation; only the answer's own strings are here to be changed.
        guard !judgement.redactions.isEmpty else { return .keep }
        let pointers = Set(turn.parts.map(\.pointer))
        let redactions = judgement.redactions.filter { pointers.contains($0.pointer) }
        return redactions.isEmpty ? .keep : .redact(redactions)
    }

    /// Passes a streamed answer on as it is judged.
    func stream(
        _ answer: UpstreamResponse,
        by reader: any StreamReader,
        promptDecision: Decision,
        in exchange: Exchange
    ) -> Response {
        // The answer's decision comes after its head: the head says how its record will be called.
        let decisionID = DecisionID()
        let headers = answer.headers.forwarded(with: exchange.headers(of: promptDecision, id: decisionID))
        let pump = StreamPump(
            exchange: exchange,
            body: answer.body,
            reader: reader,
            windows: gateway.settings.windows,
            status: answer.status.code,
            decisionID: decisionID
        )
        return Response(
            status: answer.status,
            headers: headers,
            body: ResponseBody { writer in
                try await pump.run(writer: &writer)
                try await writer.finish(nil)
            }
        )
    }
}
