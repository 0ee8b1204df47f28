import Audit
import Foundation
import HTTPTypes
import Moderation

/// Lists and shows decisions.
struct DecisionRoutes: Sendable {
    let store: AdminStore

    var routes: [AdminRoute] { [list, search, show, export] }

    private var list: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/decisions",
            name: "listDecisions",
            summary: "Lists decisions, the last recorded first.",
            role: .reader,
            query: AdminParameter.filter + [.content, .limit(50), .after],
            answer: .init(title: "a page of decisions", schema: .reference("DecisionPage"))
        ) { call in
            let words = try await store.words(call)
            return try await page(call, try words.filter(), "decisions " + words.subject)
        }
    }

    private var search: AdminRoute {
        let words = AdminParameter("words", .text, "What to look for, without regard to case.", isRequired: true)
        return AdminRoute(
            method: .get,
            path: "/v1/search",
            name: "searchDecisions",
            summary: "Lists decisions whose kept texts contain some words; that is recorded as an act.",
            role: .reviewer,
            query: [words] + AdminParameter.filter.filter { $0.name != FilterWord.text.rawValue }
                + [.content, .limit(50), .after],
            answer: .init(title: "a page of decisions", schema: .reference("DecisionPage"))
        ) { call in
            var words = try await store.words(call)
            words.text = nil
            let subject = "search " + words.subject
            words.text = call.query.text("words")
            return try await page(call, try words.filter(), subject)
        }
    }

    private func page(_ call: AdminCall, _ filter: AuditFilter, _ subject: String) async throws -> AdminAnswer {
        let page = try await store.reader.list(filter, limit: call.query.count("limit"), after: call.query.cursor())
        let showsContent = call.query.flag("content")
        if showsContent || filter.text != nil {
            try await store.note(.read, subject, of: page.entries, showsContent: showsContent, by: call.caller)
        }
        let lines = try page.entries.map { entry in try AuditJSON.line(showsContent ? entry : entry.withoutTexts) }
        let next = page.next.map { ",\"next\":\"\($0)\"" } ?? ""
        return .json("{\"decisions\":[\(lines.joined(separator: ","))]\(next)}")
    }

    private var show: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/decisions/{id}",
            name: "showDecision",
            summary: "Shows everything about one decision, with what was said of it.",
            role: .reader,
            pathHelp: ["id": "The decision's id, or enough of the beginning of it."],
            query: [.content],
            answer: .init(title: "the decision", schema: .reference("Decision")),
            refusals: [.notFound]
        ) { call in
            let entry = try await store.reader.entry(call.path["id"] ?? "")
            let labels = try await store.reader.labels(of: entry)
            let neighbours = try await store.reader.neighbours(of: entry)
            let rule = try await store.reader.decidingRule(of: entry)
            guard call.query.flag("content") else {
                return .json(
                    try AuditJSON.line(
                        entry.withoutTexts,
                        labels: labels.map(\.withoutNote),
                        neighbours: neighbours,
                        rule: rule
                    )
                )
            }
            let subject = "decision:\(entry.decision.id)"
            try await store.note(.read, subject, of: [entry], showsContent: true, by: call.caller)
            return .json(try AuditJSON.line(entry, labels: labels, neighbours: neighbours, rule: rule))
        }
    }

    private var export: AdminRoute {
        let after = AdminParameter(
            "after",
            .text,
            "Go on after this position: in a store that one gateway writes, `chain.sequence` of the last line that came."
        )
        return AdminRoute(
            method: .get,
            path: "/v1/export",
            name: "exportDecisions",
            summary:
                "Gives decisions in the order of recording, one a line; each thousand of them is recorded as an act.",
            role: .reader,
            query: AdminParameter.filter + [.content, after],
            answer: .init(title: "one decision a line", type: .lines, schema: .reference("Decision"))
        ) { call in
            let words = try await store.words(call)
            let export = Export(
                store: store,
                filter: try words.filter(),
                subject: "decisions " + words.subject,
                showsContent: call.query.flag("content"),
                caller: call.caller
            )
            let start = try call.query.text("after").map { text in try AuditPosition(text) } ?? .start
            // The first step before the head of the answer, so that what can't be answered has a status that says so.
            return AdminAnswer(type: .lines, body: .pieces(try await export.steps(after: start)))
        }
    }
}
