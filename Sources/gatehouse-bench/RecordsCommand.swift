import ArgumentParser
import Audit
import Detectors
import Foundation
import GatehouseApp
import Moderation
import PolicyFiles

/// `gatehouse-bench records`: fills an audit file with made-up decisions, to measure what reads many of them.
///
/// Policies, detectors and store are those of the gateway; only texts and scores are made up.
struct RecordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records",
        abstract: "Write made-up decisions to an audit file, as the gateway writes them."
    )

    @Argument(help: "The audit file; records are added to one that is there.")
    var file: String
    @Option(help: "How many decisions.")
    var count = 1_000_000
    @Option(help: "Over how many days up to now they are spread.")
    var days = 7.0
    @Option(help: "Policy file or folder. Default: policies/default.")
    var policies: String?
    @Option(help: "Equal seeds give equal texts and scores.")
    var seed: UInt64 = 1

    /// Decisions that are handed over before it is waited for the last.
    private static let batch = 1000

    func validate() throws {
        if count < 1 { throw ValidationError("--count \(count): expected a number above 0") }
        if days <= 0 { throw ValidationError("--days \(days): expected a number above 0") }
    }

    func run() async throws {
        let report = Judge.report(policyPath: policies)
        guard let policy = report.policy else { throw PolicyFileError(diagnostics: report.diagnostics) }
        let moderator = try Moderator(
            policy: policy,
            detectors: BuiltInDetectors(),
            classifier: MadeUpScores(),
            reader: DisguiseReader()
        )
        let store = try SQLiteAuditStore(
            path: file,
            keeper: ContentKeeper(mode: .redacted, redactor: DetectionRedactor())
        )
        let begin = Date(timeIntervalSinceNow: -days * 86_400)
        try await store.record(
            PolicyEvent(time: begin, kind: .live, revision: policy.revision, actor: "made up"),
            of: KeptPolicy(policy: policy, files: report.sources, firstSeen: begin)
        )
        let start = ContinuousClock.now
        var sentences = NeutralSentences(seed: seed)
        for index in 0..<count {
            let text = sentences.next() + sentences.next()
            let direction: Direction = index.isMultiple(of: 2) ? .prompt : .response
            let turn = Turn(
                role: direction == .prompt ? .user : .assistant,
                parts: [Part(kind: .text, text: text, pointer: "/messages/0/content")]
            )
            let judgement = try await moderator.judge(Subject(direction: direction, turns: [turn]))
            let time = begin.addingTimeInterval(days * 86_400 * Double(index) / Double(count))
            var decision = moderator.decision(judgement, direction: direction)
            decision.id = DecisionID(time: time)
            decision.time = time
            let receipt = store.take(
                AuditRecord(
                    decision: decision,
                    requestID: "made-up-\(index / 2)",
                    route: "/v1/chat/completions",
                    dialect: "openai-chat",
                    tenant: "tenant-\(sentences.random() % 20)",
                    model: "model-\(sentences.random() % 3)",
                    status: direction == .response ? 200 : nil,
                    content: [
                        AuditRecord.Content(role: turn.role, kind: .text, pointer: "/messages/0/content", text: text)
                    ]
                )
            )
            if index % Self.batch == Self.batch - 1 || index == count - 1 { try await receipt.durable() }
        }
        try store.close()
        let seconds = start.duration(to: .now) / .seconds(1)
        print("\(count) decisions in \(Int(seconds.rounded())) s")
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
