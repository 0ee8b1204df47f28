import Audit
import Foundation
import Moderation

/// An audit file with records of days that are past, as a gateway would have written it then.
struct OldRecords {
    /// Its folder, with `audit.sqlite` and the signing key `key.pem`; goes with the test's own.
    let folder: String

    /// Who signed its checkpoints.
    let publicKey: String

    var path: String { folder + "/audit.sqlite" }

    /// Keeps texts as they are.
    private struct NoMasker: ContentRedactor {
        func redact(_ text: String) throws -> (text: String, labels: [String]) { (text, []) }
    }

    /// Writes records with a checkpoint after every second one.
    ///
    /// - Parameters:
    ///   - folder: where; it must exist.
    ///   - ages: of each record, in hours, with the score of its only rule, which flags from 0.4 and blocks from 0.7.
    init(in folder: String, _ ages: [(hours: Double, score: Double)]) async throws {
        self.folder = folder
        let key = AuditSigningKey()
        publicKey = key.publicKey.description
        try key.write(to: folder + "/key.pem")
        let store = try SQLiteAuditStore(
            path: folder + "/audit.sqlite",
            keeper: ContentKeeper(mode: .full, redactor: NoMasker()),
            sealing: AuditSealing(key: key, interval: 2)
        )
        for (hours, score) in ages {
            let time = Date(timeIntervalSinceNow: -hours * 3600)
            let verdict = Verdict(
                rule: "a<b & \"c\"",
                mode: .enforce,
                outcome: score < 0.4 ? .allow : score < 0.7 ? .flag : .block,
                score: score,
                thresholds: Thresholds(flag: 0.4, block: 0.7)
            )
            let decision = Decision(
                id: DecisionID(time: time),
                time: time,
                direction: .prompt,
                judgement: Judgement(verdicts: [verdict], duration: .milliseconds(Int(hours))),
                policy: PolicySet(name: "default", revision: String(repeating: "c", count: 64), rules: []),
                classifier: nil
            )
            var record = AuditRecord(
                decision: decision,
                requestID: "request",
                route: "/v1/chat/completions",
                dialect: "openai-chat",
                ending: .completed,
                status: 200,
                content: [.init(role: .user, kind: .text, pointer: "/messages/0/content", text: "good morning")]
            )
            record.tenant = hours > 100 ? "north" : "<south>"
            try await store.record(record)
        }
        try store.close()
    }
}
