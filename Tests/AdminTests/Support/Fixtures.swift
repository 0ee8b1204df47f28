import Audit
import Foundation
import Moderation

/// A folder that goes when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("admin-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// Masks nothing.
struct NoMasker: ContentRedactor {
    func redact(_ text: String) throws -> (text: String, labels: [String]) { (text, []) }
}

enum Fixture {
    /// A time to count from: 2026-01-31T14:30:05.123Z.
    static let time = Date(timeIntervalSince1970: 1_769_869_805.123)

    static let policy = PolicySet(name: "default", revision: String(repeating: "c", count: 64), rules: [])

    /// Weights of two words.
    static func weights(of rule: String?) -> WordWeights {
        WordWeights(
            rule: rule ?? "house-words",
            recorded: 0.8,
            score: 0.75,
            pieces: [.init(text: "strawberry", weight: 1.5), .init(text: "field?", weight: -0.25)]
        )
    }

    static func verdict(_ outcome: Outcome, score: Double = 0.5, rule: String = "house-words") -> Verdict {
        Verdict(
            rule: rule,
            mode: .enforce,
            outcome: outcome,
            score: score,
            thresholds: Thresholds(flag: 0.4, block: 0.7)
        )
    }

    static func record(
        at offset: TimeInterval = 0,
        _ outcome: Outcome = .allow,
        score: Double = 0.5,
        text: String = "good morning",
        tenant: String = "north",
        requestID: String = "request-1"
    ) -> AuditRecord {
        let time = time.addingTimeInterval(offset)
        let decision = Decision(
            id: DecisionID(time: time),
            time: time,
            direction: .prompt,
            judgement: Judgement(verdicts: [verdict(outcome, score: score)], duration: .milliseconds(12)),
            policy: policy,
            classifier: nil
        )
        var record = AuditRecord(
            decision: decision,
            requestID: requestID,
            route: "/v1/chat/completions",
            dialect: "openai-chat",
            ending: .completed,
            status: 200,
            content: [.init(role: .user, kind: .text, pointer: "/messages/0/content", text: text)]
        )
        record.tenant = tenant
        return record
    }

    /// A record in which every field says something.
    static func fullRecord() -> AuditRecord {
        var record = record(.block, score: 0.8, text: "where is the strawberry field?", requestID: "request-full")
        record.decision.verdicts += [
            Verdict(rule: "personal-data", mode: .shadow, outcome: .redact, matches: ["email": 2]),
            Verdict(rule: "patterns", mode: .enforce, outcome: .allow, error: "detector failed: step limit"),
        ]
        record.decision.coverage = [
            Coverage(pointer: "/messages/0/content", kind: .text, state: .scanned, bytes: 12),
            Coverage(
                pointer: "/messages/1",
                kind: .image,
                state: .skipped,
                reason: "no detector reads image",
                bytes: 0
            ),
        ]
        record.decision.screenScore = 0.25
        record.decision.restored = 1
        record.decision.channel = "slack/T1/C1"
        record.decision.classifier = ClassifierIdentity(
            model: "gemma.gguf",
            modelDigest: String(repeating: "a", count: 64),
            adapterDigest: String(repeating: "b", count: 64),
            template: "shield-1"
        )
        record.decision.candidate = CandidateDecision(
            Judgement(verdicts: [verdict(.flag)], duration: .milliseconds(1)),
            policy: policy
        )
        record.model = "gpt-x"
        record.streamed = true
        record.ending = .clientGone
        record.releasedCharacters = 42
        return record
    }
}
