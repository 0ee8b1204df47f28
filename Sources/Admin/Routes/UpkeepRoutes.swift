import Audit
import Foundation
import HTTPTypes

/// Removes texts and records, and encrypts texts anew.
struct UpkeepRoutes: Sendable {
    let store: AdminStore

    var routes: [AdminRoute] { [erase, prune, retain, rekey] }

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
            answer: .init(title: "what was removed, or would be", schema: .reference("Upkeep")),
            refusals: [.notFound]
        ) { call in
            let subject = try ErasureSubject(call.body.text("subject") ?? "")
            if call.body.flag("dry_run") {
                let kept = try await store.reader.kept(of: subject)
                return try answer(Upkept(isDryRun: true, records: kept.records, texts: kept.texts))
            }
            let result = try await store.upkeep.erase(subject, by: call.caller.actor, key: store.signingKey)
            return try answer(Upkept(result))
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
            answer: .init(title: "what was deleted, or would be", schema: .reference("Upkeep")),
            refusals: [.conflict]
        ) { call in
            let time = try TimeExpression.date(call.body.text("before") ?? "")
            if call.body.flag("dry_run") {
                return try answer(Upkept(isDryRun: true, records: try await store.reader.prunable(before: time)))
            }
            let result = try await store.upkeep.prune(before: time, by: call.caller.actor, key: store.signingKey)
            return try answer(Upkept(result))
        }
    }

    private var retain: AdminRoute {
        AdminRoute(
            method: .post,
            path: "/v1/retain",
            name: "applyRetention",
            summary:
                "Erases texts and deletes records that audit.retention doesn't keep any longer, as the gateway does by "
                + "itself every hour.",
            role: .admin,
            body: [Self.dryRun],
            answer: .init(title: "what was removed, or would be", schema: .reference("Upkeep"))
        ) { call in
            guard !store.retention.isEmpty else {
                throw AdminRefusal(
                    .conflict,
                    "nothing says how long what is kept: audit.retention is not set; 'prune' takes a time"
                )
            }
            if call.body.flag("dry_run") {
                let forecast = try await store.reader.forecast(store.retention, now: Date())
                var removal = Upkept(isDryRun: true, records: forecast.records, texts: forecast.texts)
                removal.excessBytes = forecast.excessBytes
                return try answer(removal)
            }
            let result = try await store.upkeep.retain(store.retention, by: call.caller.actor, key: store.signingKey)
            var removal = Upkept(result)
            (removal.records, removal.texts) = (result.deletedRecords, result.erasedTexts)
            return try answer(removal)
        }
    }

    private var rekey: AdminRoute {
        AdminRoute(
            method: .post,
            path: "/v1/rekey",
            name: "encryptTexts",
            summary:
                "Encrypts every kept text with the newest key of the gateway's settings; the decisions and the chain stay.",
            role: .admin,
            body: [Self.dryRun],
            answer: .init(title: "what was encrypted, or would be", schema: .reference("Upkeep"))
        ) { call in
            if call.body.flag("dry_run") {
                return try answer(Upkept(isDryRun: true, texts: try await store.reader.rekeyable()))
            }
            return try answer(Upkept(try await store.upkeep.rekey(by: call.caller.actor, key: store.signingKey)))
        }
    }

    private func answer(_ removal: Upkept) throws -> AdminAnswer { .json(try AuditJSON.text(removal)) }

    private struct Upkept: Encodable {
        var isDryRun: Bool
        var records: Int?
        var texts: Int?
        /// Bytes that are more than there may be; the oldest records of as many would go too.
        var excessBytes: Int?
        var acts: [AuditAct]?
        var logEmptied: Bool?

        enum CodingKeys: String, CodingKey {
            case isDryRun = "dryRun"
            case records, texts, excessBytes, acts, logEmptied
        }

        init(isDryRun: Bool, records: Int? = nil, texts: Int? = nil) {
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
