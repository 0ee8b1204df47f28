import Audit
import Foundation
import HTTPTypes

/// Shows that the store is as it was written, and who did what to it.
struct IntegrityRoutes: Sendable {
    let store: AdminStore
    let turnstile = Turnstile()

    var routes: [AdminRoute] { [verify, checkpoints, sign, acts] }

    private var verify: AdminRoute {
        let keys = AdminParameter(
            "public_key",
            .text,
            "Who may have signed checkpoints, in base64; the public half of audit.signing_key where nothing is said.",
            isList: true
        )
        let lines = AdminParameter("checkpoint", .text, "A line that was published.", isList: true)
        return AdminRoute(
            method: .get,
            path: "/v1/verify",
            name: "verifyStore",
            summary:
                "Walks the chain from the first record to the last and names the first that is not as it was written; "
                + "one walk at a time.",
            role: .reader,
            query: [keys, lines],
            answer: .init(title: "what the walk found", schema: .reference("Report")),
            stopsWithClient: true,
            refusals: [.busy]
        ) { call in
            var evidence = ChainEvidence()
            for text in call.query.texts("public_key") {
                // Not a path, as on the command line: nobody reads this machine's files from afar.
                guard let key = AuditPublicKey(text) else { throw AuditError.badPublicKey(text) }
                evidence.keys.insert(key)
            }
            evidence.checkpoints = try call.query.texts("checkpoint").map { text in try Checkpoint(line: text) }
            if evidence.keys.isEmpty, let key = store.signingKey { evidence.keys = [key.publicKey] }
            guard turnstile.enter() else {
                throw AdminRefusal(
                    .busy,
                    "the store is being verified already; expected one walk at a time, so ask again later"
                )
            }
            defer { turnstile.leave() }
            return .json(try AuditJSON.text(try await store.reader.verify(evidence)))
        }
    }

    private var checkpoints: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/checkpoints",
            name: "listCheckpoints",
            summary: "Lists what was signed of the chain, the newest first.",
            role: .reader,
            query: [.limit(20)],
            answer: .init(title: "checkpoints", schema: .reference("Checkpoints"))
        ) { call in
            try answer(try await store.reader.checkpoints(limit: call.query.count("limit")))
        }
    }

    private var sign: AdminRoute {
        AdminRoute(
            method: .post,
            path: "/v1/checkpoints",
            name: "signCheckpoint",
            summary: "Signs where the chain ends; the line is to be published elsewhere.",
            role: .admin,
            body: [],
            answer: .init(status: 201, title: "the newest checkpoints", schema: .reference("Checkpoints")),
            refusals: [.conflict]
        ) { call in
            guard let key = store.signingKey else {
                throw AdminRefusal(
                    .conflict,
                    "nothing can be signed: audit.signing_key is not set; make a key with 'gatehouse audit key FILE' and set it"
                )
            }
            // First, so that the checkpoint covers it.
            try await store.note(.checkpoint, "chain", of: [], showsContent: false, by: call.caller)
            return try answer(try await store.upkeep.checkpoint(key: key), status: 201)
        }
    }

    private func answer(_ checkpoints: [Checkpoint], status: Int = 200) throws -> AdminAnswer {
        let lines = try checkpoints.map { checkpoint in
            try AuditJSON.text(
                CheckpointLine(
                    line: checkpoint.line,
                    number: checkpoint.number,
                    sequence: checkpoint.sequence,
                    hash: checkpoint.hash,
                    time: checkpoint.time,
                    key: checkpoint.key.description
                )
            )
        }
        return .json("{\"checkpoints\":[\(lines.joined(separator: ","))]}", status: status)
    }

    private struct CheckpointLine: Encodable {
        var line: String
        var number: Int
        var sequence: Int
        var hash: String
        var time: Date
        var key: String
    }

    private var acts: AdminRoute {
        let conditions = [
            AdminParameter("kind", .choice(AuditAct.Kind.allCases.map(\.rawValue)), "Only acts of this kind."),
            AdminParameter("actor", .text, "Only acts of this person; * stands for any characters."),
            AdminParameter("since", .text, FilterWord.since.help),
            AdminParameter("until", .text, FilterWord.until.help),
        ]
        return AdminRoute(
            method: .get,
            path: "/v1/acts",
            name: "listActs",
            summary: "Lists what people did to the store or read in it, the newest first.",
            role: .reader,
            query: conditions + [.limit(50), .after],
            answer: .init(title: "a page of acts", schema: .reference("ActPage"))
        ) { call in
            let filter = ActFilter(
                kind: call.query.text("kind").flatMap(AuditAct.Kind.init),
                actor: call.query.text("actor"),
                since: try call.query.text("since").map { text in try TimeExpression.date(text) },
                until: try call.query.text("until").map { text in try TimeExpression.date(text, edge: .end) }
            )
            let page = try await store.reader.acts(
                filter,
                limit: call.query.count("limit"),
                after: call.query.text("after").map { text in try AuditPosition(text) }
            )
            let lines = try page.acts.map { act in try AuditJSON.line(act) }
            let next = page.next.map { ",\"next\":\"\($0)\"" } ?? ""
            return .json("{\"acts\":[\(lines.joined(separator: ","))]\(next)}")
        }
    }
}
