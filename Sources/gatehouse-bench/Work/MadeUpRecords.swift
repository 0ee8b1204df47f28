import ArgumentParser
import Audit
import Detectors
import Foundation
import GatehouseApp
import Moderation
import PolicyFiles
import Synchronization

/// Made-up decisions in endless number: some thousand texts are judged, by the gateway's policies and detectors, and come again and
/// again with other ids, times and tenants.
struct MadeUpRecords {
    /// What decides about the decisions.
    struct Options: ParsableArguments {
        @Option(help: "Policy file or folder. Default: policies/default.")
        var policies: String?
        @Option(help: "How many different texts.")
        var texts = 4096
        @Option(help: "Equal seeds give equal texts and scores.")
        var seed: UInt64 = 1

        func validate() throws {
            if texts < 2 { throw ValidationError("--texts \(texts): expected a number above 1") }
        }
    }

    private struct Judged {
        var decision: Decision
        var content: AuditRecord.Content
    }

    private let report: PolicyReport
    private let policy: PolicySet
    private let judged: [Judged]
    private var numbers: NeutralSentences
    private var count = 0

    init(_ options: Options) async throws {
        report = Judge.report(policyPath: options.policies)
        guard let policy = report.policy else { throw PolicyFileError(diagnostics: report.diagnostics) }
        self.policy = policy
        let moderator = try Moderator(
            policy: policy,
            detectors: BuiltInDetectors(),
            classifier: MadeUpScores(),
            reader: DisguiseReader()
        )
        var sentences = NeutralSentences(seed: options.seed)
        var judged: [Judged] = []
        for index in 0..<options.texts {
            let text = sentences.next() + sentences.next()
            let direction: Direction = index.isMultiple(of: 2) ? .prompt : .response
            let role: Role = direction == .prompt ? .user : .assistant
            let part = Part(kind: .text, text: text, pointer: "/messages/0/content")
            let judgement = try await moderator.judge(
                Subject(direction: direction, turns: [Turn(role: role, parts: [part])])
            )
            judged.append(
                Judged(
                    decision: moderator.decision(judgement, direction: direction),
                    content: AuditRecord.Content(role: role, kind: .text, pointer: part.pointer, text: text)
                )
            )
        }
        self.judged = judged
        numbers = sentences
    }

    /// The store as the gateway opens it; each text is masked once.
    func open(_ file: String) throws -> SQLiteAuditStore {
        try SQLiteAuditStore(path: file, keeper: ContentKeeper(mode: .redacted, redactor: RememberingRedactor()))
    }

    /// Says which policy decides.
    func recordPolicy(at time: Date, in store: SQLiteAuditStore) async throws {
        try await store.record(
            PolicyEvent(time: time, kind: .live, revision: policy.revision, actor: "made up"),
            of: KeptPolicy(policy: policy, files: report.sources, firstSeen: time)
        )
    }

    /// The next decision.
    ///
    /// Of 100,003 one has a model that no other has, of 50,021 one a route, and of 20,011 one was not judged since the queue
    /// was full.
    mutating func next(at time: Date) -> AuditRecord {
        defer { count += 1 }
        // Prompts and responses by turns.
        let drawn = Int(numbers.random()) % (judged.count / 2) * 2 + count % 2
        var decision = judged[drawn].decision
        decision.id = DecisionID(time: time)
        decision.time = time
        if count % 20_011 == 19 { decision.cause = .overloaded }
        let isAnswer = decision.direction == .response
        return AuditRecord(
            decision: decision,
            requestID: "made-up-\(time.timeIntervalSince1970.bitPattern)-\(count / 2)",
            route: count % 50_021 == 11 ? "/v1/rare" : "/v1/chat/completions",
            dialect: "openai-chat",
            tenant: "tenant-\(numbers.random() % 20)",
            model: count % 100_003 == 7 ? "model-rare" : "model-\(numbers.random() % 3)",
            ending: isAnswer && count % 5003 == 1 ? .upstreamTimeout : .completed,
            status: isAnswer ? 200 : nil,
            content: [judged[drawn].content]
        )
    }
}

/// Gives scores as real traffic has them: most low, a few high; the same text has the same scores.
private struct MadeUpScores: Classifier {
    let identity = ClassifierIdentity(
        model: "made up",
        modelDigest: String(repeating: "0", count: 64),
        adapterDigest: nil,
        template: "shield-1"
    )

    func classify(_ request: ClassificationRequest) async throws -> Classification {
        let seed = request.text.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        var numbers = NeutralSentences(seed: seed)
        func score() -> Double { pow(Double(numbers.random()) / 16_777_216, 12) }
        let screen = score()
        let isClean = screen < (request.screen?.bar ?? 0)
        return Classification(
            scores: request.questions.map { isClean && $0.screened ? nil : score() },
            similarities: request.comparisons.map { _ in score() },
            screenScore: request.screen.map { _ in screen },
            textTokens: request.text.utf8.count / 5
        )
    }
}

/// Masks a text the first time as the gateway does, and later from memory.
private final class RememberingRedactor: ContentRedactor {
    private let redactor = DetectionRedactor()
    private let known = Mutex<[String: (text: String, labels: [String])]>([:])

    func redact(_ text: String) throws -> (text: String, labels: [String]) {
        if let masked = known.withLock({ $0[text] }) { return masked }
        let masked = try redactor.redact(text)
        known.withLock { $0[text] = masked }
        return masked
    }
}
