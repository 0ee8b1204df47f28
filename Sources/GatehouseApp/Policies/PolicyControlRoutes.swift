import Foundation
import Gateway

/// The policy requests of the control socket.
struct PolicyControlRoutes: Sendable {
    /// What a request may say.
    struct Order: Codable {
        /// The file or folder to try.
        var path: String?
        /// The revision to go back to.
        var revision: String?
        /// Who asks, as the client says.
        var actor: String?
    }

    let desk: PolicyDesk

    func answer(_ request: ControlRequest) async -> ControlResponse {
        let order: Order
        do {
            order = request.body.isEmpty ? Order() : try JSONDecoder().decode(Order.self, from: Data(request.body))
        } catch {
            return failure(400, "the body is not the JSON object that was expected")
        }
        let actor = order.actor ?? "control socket"
        switch (request.method, request.path) {
        case ("GET", "/policy/status"): return success(desk.status)
        case ("POST", "/policy/reload"): return success(await desk.reload(by: actor))
        case ("POST", "/policy/candidate"):
            guard let path = order.path else { return failure(400, "the member 'path' is missing") }
            return success(await desk.tryOut(path, by: actor))
        case ("DELETE", "/policy/candidate"): return success(await desk.endTrial(by: actor))
        case ("POST", "/policy/promote"): return success(await desk.promote(by: actor))
        case ("POST", "/policy/rollback"): return success(await desk.rollBack(to: order.revision, by: actor))
        default: return failure(404, "there is no \(request.method) \(request.path)")
        }
    }

    private func success(_ reply: PolicyReply) -> ControlResponse {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        guard let body = try? encoder.encode(reply) else { return failure(500, "the answer can't be written") }
        return ControlResponse(status: reply.isDone ? 200 : 409, body: Array(body))
    }

    private func failure(_ status: Int, _ message: String) -> ControlResponse {
        let body = (try? JSONEncoder().encode(["error": message])) ?? Data()
        return ControlResponse(status: status, body: Array(body))
    }
}
