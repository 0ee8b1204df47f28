import Audit
import Foundation
import HTTPTypes

/// Removes texts and records.
struct UpkeepRoutes: Sendable {
    let store: AdminStore

    var routes: [AdminRoute] { [erase, prune] }

    private static let dryRun = AdminParameter("dry_run", .flag, "Whether to count only.")

    private var erase: AdminRoute {
        let subject = AdminParameter(
            "subject",
            .text,
            "Whose texts: request:ID, decision:ID, tenant:NAME, channel:NAME, conversation:ID or client:NAME.",
            isRequired: true
        )
        return AdminRoute(
            method: .post,
            path: "/v1/erase",
            name: "eraseTexts",
            summary: "Removes somebody's texts for good; the decisions and the chain stay.",
            role: .admin,
            body: [subject, Self.dryRun],
            answer: .init(title: "what was removed, or would be", schema: .reference("Removal")),
            refusals: [.notFound]
        ) { call in
            let subject = try ErasureSubject(call.body.text("subject") ?? "")
            if call.body.flag("dry_run") {
                let kept = try await store.reader.kept(of: subject)
                return try answer(Removal(isDryRun: true, records: kept.records, texts: kept.texts))
            }
            let result = try await store.upkeep.erase(subject, by: call.caller.actor, key: store.signingKey)
            return try answer(Removal(result))
        }
    }

    private var prune: AdminRoute {
        let before = AdminParameter(
            "before",
            .text,
            "Records since then stay: an age such as 90d, a date or a date-time.",
            isRequired: true
        )
        return AdminRoute(
            method: .post,
            path: "/v1/prune",
            name: "pruneRecords",
            summary: "Deletes the oldest records for good, to a checkpoint; what is left still verifies.",
            role: .admin,
            body: [before, Self.dryRun],
            answer: .init(title: "what was deleted, or would be", schema: .reference("Removal")),
            refusals: [.conflict]
        ) { call in
            let time = try TimeExpression.date(call.body.text("before") ?? "")
            if call.body.flag("dry_run") {
                return try answer(Removal(isDryRun: true, records: try await store.reader.prunable(before: time)))
            }
            let result = try await store.upkeep.prune(before: time, by: call.caller.actor, key: store.signingKey)
            return try answer(Removal(result))
        }
    }

    private func answer(_ removal: Removal) throws -> AdminAnswer { .json(try AuditJSON.text(removal)) }

    private struct Removal: Encodable {
        var isDryRun: Bool
        var records: Int
        var texts: Int?
        var acts: [AuditAct]?
        var logEmptied: Bool?

        enum CodingKeys: String, CodingKey {
            case isDryRun = "dryRun"
            case records, texts, acts, logEmptied
        }

        init(isDryRun: Bool, records: Int, texts: Int? = nil) {
            self.isDryRun = isDryRun
            self.records = records
            self.texts = texts
        }

        init(_ result: UpkeepResult) {
            self.init(isDryRun: false, records: result.records, texts: result.texts)
            acts = result.acts
            logEmptied = result.isLogEmptied
        }
    }
}
