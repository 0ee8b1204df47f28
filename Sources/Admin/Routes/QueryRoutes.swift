import Audit
import HTTPTypes

/// Keeps questions that are asked again, for all who use the store.
struct QueryRoutes: Sendable {
    let store: AdminStore

    var routes: [AdminRoute] { [list, save, delete] }

    private var list: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/queries",
            name: "listQueries",
            summary: "Lists the saved queries, and who saved them; any question takes one by its name as `query`.",
            role: .reader,
            answer: .init(title: "in order of name", schema: .reference("SavedQueries"))
        ) { call in
            let lines = try await store.queries.savedQueries().map { query in
                var query = query
                if call.caller.role < AdminParameter.textSearchRole { query.words = query.words.withoutText }
                return try AuditJSON.text(query)
            }
            return .json("{\"queries\":[\(lines.joined(separator: ","))]}")
        }
    }

    private var save: AdminRoute {
        AdminRoute(
            method: .put,
            path: "/v1/queries/{name}",
            name: "saveQuery",
            summary:
                "Keeps conditions under a name that is free, for all who use the store; ages count back from when it is asked.",
            role: .reviewer,
            pathHelp: ["name": "What to call it: \(PlainName.expectation)."],
            query: AdminParameter.filter,
            answer: .init(status: 201, title: "the query", schema: .reference("SavedQuery"))
        ) { call in
            let name = call.path["name"] ?? ""
            let query = try SavedQuery(name: name, words: try await store.words(call), actor: call.caller.name)
            if let other = try await find(name) {
                throw AdminRefusal(
                    .conflict,
                    "\(other.actor) saved a query under this name; expected another name, or that it is deleted first"
                )
            }
            try await store.queries.save(query)
            return try await answer(query, .querySaved, call, status: 201)
        }
    }

    private var delete: AdminRoute {
        AdminRoute(
            method: .delete,
            path: "/v1/queries/{name}",
            name: "deleteQuery",
            summary: "Deletes a query that the caller saved; that of somebody else takes a key of the role admin.",
            role: .reviewer,
            pathHelp: ["name": "Its name."],
            answer: .init(title: "the query that was deleted", schema: .reference("SavedQuery")),
            refusals: [.notFound]
        ) { call in
            guard let query = try await find(call.path["name"] ?? "") else {
                throw AdminRefusal(.notFound, "no query has this name; GET /v1/queries lists those there are")
            }
            if query.actor != call.caller.name, call.caller.role < .admin {
                throw AdminRefusal(to: call.caller, "a query that \(query.actor) saved", takes: .admin)
            }
            try await store.queries.deleteQuery(query.name)
            return try await answer(query, .queryDeleted, call)
        }
    }

    private func find(_ name: String) async throws -> SavedQuery? {
        try await store.queries.savedQueries().first { $0.name == name }
    }

    private func answer(_ query: SavedQuery, _ kind: AuditAct.Kind, _ call: AdminCall, status: Int = 200) async throws
        -> AdminAnswer
    {
        let subject = "query:\(query.name) \(query.words.subject)"
        try await store.note(kind, subject, of: [], showsContent: false, by: call.caller)
        return .json(try AuditJSON.text(query), status: status)
    }
}
