import HTTPTypes

/// Something that must hold for requests to be judged and recorded.
public struct AdminCheck: Sendable, Codable, Hashable {
    /// What it is, such as `store`.
    public var name: String
    /// Whether it holds.
    public var isReady: Bool
    /// What there is to know of it; shown to anybody who asks.
    public var note: String?

    /// Creates a check that was made.
    public init(_ name: String, isReady: Bool, note: String? = nil) {
        self.name = name
        self.isReady = isReady
        self.note = note
    }
}

/// Tells machines how the gateway is doing, and what there is to ask; needs no key.
struct StatusRoutes: Sendable {
    let checks: @Sendable () async -> [AdminCheck]
    let metrics: @Sendable () async -> String

    var routes: [AdminRoute] { [health, ready, metricsText] }

    private var health: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/health",
            name: "isAlive",
            summary: "Tells that the process answers.",
            answer: .init(title: "it does", schema: .reference("Health"))
        ) { _ in .json("{\"status\":\"ok\"}") }
    }

    private var ready: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/ready",
            name: "isReady",
            summary: "Tells whether requests can be judged and recorded.",
            answer: .init(
                title: "whether all holds that must; 503 when something does not",
                schema: .reference("Readiness"),
                otherStatus: 503
            )
        ) { _ in
            let checks = await checks()
            let isReady = checks.allSatisfy(\.isReady)
            let list = checks.map { check -> JSON in
                var members: [String: JSON] = ["name": .text(check.name), "ready": .flag(check.isReady)]
                members["note"] = check.note.map(JSON.text)
                return .object(members)
            }
            let answer: JSON = ["status": .text(isReady ? "ready" : "not_ready"), "checks": .list(list)]
            return .json(try answer.string(), status: isReady ? 200 : 503)
        }
    }

    private var metricsText: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/metrics",
            name: "listMetrics",
            summary: "Gives the gateway's metrics as Prometheus text.",
            answer: .init(title: "metrics", type: .metrics, schema: ["type": "string"])
        ) { _ in AdminAnswer(type: .metrics, body: .whole(await metrics())) }
    }
}
