import Audit
import Foundation
import HTTPTypes
import Moderation

/// Has people say whether decisions were right.
struct ReviewRoutes: Sendable {
    let store: AdminStore

    var routes: [AdminRoute] { [queue, label, labelled] }

    private var queue: AdminRoute {
        let margin = AdminParameter(
            "margin",
            .share(standard: 0.1),
            "A score this near to a threshold is borderline; 0.1."
        )
        return AdminRoute(
            method: .get,
            path: "/v1/review",
            name: "listReviewQueue",
            summary:
                "Lists what a person should look at: flagged, redacted and borderline decisions without a label, the "
                + "nearest to a threshold first.",
            role: .reviewer,
            query: AdminParameter.filter.filter { $0.name != FilterWord.label.rawValue } + [
                margin, .content, .limit(20),
            ],
            answer: .init(title: "decisions to look at", schema: .reference("ReviewQueue"))
        ) { call in
            let words = try await store.words(call)
            let filter = try words.filter()
            let items = try await store.reader.review(
                filter,
                margin: call.query.share("margin"),
                limit: call.query.count("limit")
            )
            let showsContent = call.query.flag("content")
            if showsContent || filter.text != nil {
                let entries = items.map(\.entry)
                let subject = "review " + words.subject
                try await store.note(.read, subject, of: entries, showsContent: showsContent, by: call.caller)
            }
            let lines = try items.map { item in
                let decision = try AuditJSON.line(showsContent ? item.entry : item.entry.withoutTexts)
                let nearest = try item.nearest.map { ",\"nearest\":" + (try AuditJSON.text($0)) } ?? ""
                return "{\"decision\":\(decision)\(nearest)}"
            }
            return .json("{\"items\":[\(lines.joined(separator: ","))]}")
        }
    }

    private var label: AdminRoute {
        let findings = AuditLabel.Finding.allCases.map(\.rawValue)
        return AdminRoute(
            method: .post,
            path: "/v1/decisions/{id}/labels",
            name: "labelDecision",
            summary: "Says whether a decision was right; the record itself stays as it is.",
            role: .reviewer,
            pathHelp: ["id": "The decision's id, or enough of the beginning of it."],
            body: [
                AdminParameter("finding", .choice(findings), "Whether it was right.", isRequired: true),
                AdminParameter(
                    "rule",
                    .text,
                    "The one rule that is meant; the decision as a whole where it is absent."
                ),
                AdminParameter("note", .text, "What else there is to say."),
            ],
            answer: .init(status: 201, title: "the label", schema: .reference("Label")),
            refusals: [.notFound]
        ) { call in
            guard let finding = call.body.text("finding").flatMap(AuditLabel.Finding.init) else {
                preconditionFailure("finding is required")
            }
            // The label itself says who and when, so what follows can't be done by nobody.
            let label = try await store.labels.add(
                finding,
                to: call.path["id"] ?? "",
                rule: call.body.text("rule"),
                note: call.body.text("note"),
                actor: call.caller.name
            )
            let entry = try await store.reader.entry(label.decision)
            let subject = "decision:\(label.decision) \(finding.rawValue)" + (label.rule.map { " rule=\($0)" } ?? "")
            try await store.note(.label, subject, of: [entry], showsContent: false, by: call.caller)
            return .json(try AuditJSON.text(label), status: 201)
        }
    }

    private var labelled: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/labels",
            name: "exportLabels",
            summary:
                "Gives labelled decisions as rows that `gatehouse eval` and `gatehouse policy calibrate` read; that is "
                + "recorded as an act.",
            role: .reviewer,
            query: AdminParameter.filter,
            answer: .init(title: "one row a line", type: .lines, schema: .reference("LabelledRow"))
        ) { call in
            let found = Found()
            let words = try await store.words(call)
            try await store.reader.labelled(words.filter()) { entry, prompt, labels in
                try (entry.content + (prompt?.content ?? [])).checkUnlocked()
                guard let row = try LabelledRow(entry, prompt: prompt, labels: labels)?.line() else { return }
                found.add(row, entry)
            }
            let (rows, entries) = found.all
            let subject = "labels " + words.subject
            try await store.note(.export, subject, of: entries, showsContent: true, by: call.caller)
            return AdminAnswer(type: .lines, body: .whole(rows.map { $0 + "\n" }.joined()))
        }
    }
}
