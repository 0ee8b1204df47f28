import Audit
import HTTPTypes

/// Counts decisions.
struct CountRoutes: Sendable {
    let store: AdminStore

    var routes: [AdminRoute] { [stats, top] }

    private var stats: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/stats",
            name: "countDecisions",
            summary: "Counts decisions over time, by outcome, rule and tenant; with scores, latency and precision.",
            role: .reader,
            query: AdminParameter.filter,
            answer: .init(title: "counts", schema: .reference("Stats"))
        ) { call in
            let words = try await store.words(call)
            try await note(call, words, "stats")
            return .json(try AuditJSON.line(try await store.reader.stats(words.filter())))
        }
    }

    private var top: AdminRoute {
        let key = AdminParameter(
            "by",
            .choice(TopKey.allCases.map(\.rawValue)),
            "What decisions are counted apart by.",
            isRequired: true
        )
        return AdminRoute(
            method: .get,
            path: "/v1/top",
            name: "topOfDecisions",
            summary:
                "Gives the most frequent rules, tenants, clients, conversations, routes, models, dialects, directions or policies.",
            role: .reader,
            query: [key, .limit(20)] + AdminParameter.filter,
            answer: .init(title: "the most frequent first", schema: .reference("Top"))
        ) { call in
            let words = try await store.words(call)
            try await note(call, words, "top")
            guard let key = call.query.text("by").flatMap(TopKey.init) else { preconditionFailure("by is required") }
            let top = try await store.reader.top(key, words.filter(), limit: call.query.count("limit"))
            let items =
                switch top {
                case .rules(let rules): try AuditJSON.text(rules)
                case .groups(let groups): try AuditJSON.text(groups)
                }
            return .json("{\"by\":\"\(key.rawValue)\",\"items\":\(items)}")
        }
    }

    /// Keeps that somebody looked for words; counts of them tell what was written too.
    private func note(_ call: AdminCall, _ words: FilterWords, _ name: String) async throws {
        guard words.text != nil else { return }
        try await store.note(.read, "\(name) \(words.subject)", of: [], showsContent: false, by: call.caller)
    }
}
