import Audit
import Foundation
import Moderation

/// A folder that goes when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String = "audit.sqlite") -> String { path + "/" + name }
}

/// Masks one word.
struct WordMasker: ContentRedactor {
    var word = "strawberry"

    func redact(_ text: String) throws -> (text: String, labels: [String]) {
        let parts = text.components(separatedBy: word)
        return (parts.joined(separator: "[FRUIT]"), Array(repeating: "fruit", count: parts.count - 1))
    }
}

/// Never manages.
struct BrokenMasker: ContentRedactor {
    struct Failure: Error {}

    func redact(_ text: String) throws -> (text: String, labels: [String]) { throw Failure() }
}

enum Fixture {
    /// A time to count from: 2026-01-31T14:30:05.123Z.
    static let time = Date(timeIntervalSince1970: 1_769_869_805.123)

    static let classifier = ClassifierIdentity(
        model: "gemma.gguf",
        modelDigest: String(repeating: "a", count: 64),
        adapterDigest: String(repeating: "b", count: 64),
        template: "shield-1"
    )

    static func keeper(_ mode: ContentMode = .redacted) -> ContentKeeper {
        ContentKeeper(mode: mode, redactor: WordMasker())
    }

    static func verdict(_ rule: String, _ outcome: Outcome, mode: RuleMode = .enforce, error: String? = nil) -> Verdict
    {
        Verdict(
            rule: rule,
            mode: mode,
            outcome: outcome,
            score: error == nil ? 0.5 : nil,
            thresholds: Thresholds(flag: 0.4, block: 0.7),
            error: error
        )
    }

    static func record(
        at offset: TimeInterval = 0,
        direction: Direction = .prompt,
        verdicts: [Verdict] = [verdict("house-words", .allow)],
        requestID: String = "request-1",
        ending: Ending = .completed,
        text: String? = "good morning"
    ) -> AuditRecord {
        let time = time.addingTimeInterval(offset)
        let decision = Decision(
            id: DecisionID(time: time),
            time: time,
            direction: direction,
            judgement: Judgement(verdicts: verdicts, duration: .milliseconds(12)),
            policy: PolicySet(name: "default", revision: "r1", rules: []),
            classifier: classifier
        )
        let content = text.map {
            [AuditRecord.Content(role: .user, kind: .text, pointer: "/messages/0/content", text: $0)]
        }
        return AuditRecord(
            decision: decision,
            requestID: requestID,
            route: "/v1/chat/completions",
            dialect: "openai-chat",
            ending: ending,
            status: 200,
            content: content ?? []
        )
    }

    /// A record in which every field says something.
    static func fullRecord() -> AuditRecord {
        var record = record(
            direction: .response,
            verdicts: [
                Verdict(
                    rule: "dangerous-content",
                    mode: .enforce,
                    outcome: .block,
                    score: 0.8123456789,
                    thresholds: Thresholds(flag: 0.4, block: 0.7)
                ),
                Verdict(rule: "personal-data", mode: .shadow, outcome: .redact, matches: ["email": 2, "phone": 1]),
                Verdict(rule: "violence", mode: .enforce, outcome: .allow, screenedOut: true),
                Verdict(rule: "patterns", mode: .enforce, outcome: .allow, error: "detector failed: step limit"),
            ],
            text: nil
        )
        record.decision.coverage = [
            Coverage(pointer: "/choices/0/message/content", kind: .text, state: .scanned, bytes: 12),
            Coverage(
                pointer: "/messages/0/content",
                kind: .image,
                state: .skipped,
                reason: "no detector reads image",
                bytes: 0
            ),
        ]
        record.decision.screenScore = 0.25
        record.tenant = "north"
        record.client = "mobile"
        record.conversation = "chat-7"
        record.model = "gpt-x"
        record.streamed = true
        record.ending = .clientGone
        record.status = 200
        record.releasedCharacters = 42
        record.content = [
            .init(role: .user, kind: .text, pointer: "/messages/0/content", text: "where is the strawberry field?"),
            .init(role: .assistant, kind: .reasoning, pointer: "/choices/0/message/reasoning", text: "over the hill"),
        ]
        return record
    }
}

extension AuditReader {
    /// What people did to the store, oldest first.
    func acts() async throws -> [AuditAct] { try await acts(ActFilter(), limit: 1000, after: nil).acts.reversed() }
}

extension AuditStore {
    func list(_ filter: AuditFilter = AuditFilter(), limit: Int = 50, after cursor: AuditCursor? = nil) async throws
        -> AuditPage
    { try await reader.list(filter, limit: limit, after: cursor) }

    func entry(_ id: String) async throws -> AuditEntry { try await reader.entry(id) }

    func stats(_ filter: AuditFilter) async throws -> AuditStats { try await reader.stats(filter) }

    func verify(_ evidence: ChainEvidence = ChainEvidence()) async throws -> ChainReport {
        try await reader.verify(evidence)
    }
}
