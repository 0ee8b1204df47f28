import Gateway
import Moderation
import Synchronization
import Testing

/// Finds literal phrases, and e-mail addresses where the phrase is `@`.
struct PhraseDetector: Detector {
    var phrases: [String]

    func matches(in text: String) throws -> [Match] {
        var found: [Match] = []
        for phrase in phrases {
            let ranges =
                phrase == "@"
                ? text.ranges(of: /[a-z.]+@[a-z]+\.[a-z]+/) : text.ranges(of: phrase)
            for range in ranges {
                let lower = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
                let upper = text.utf8.distance(from: text.startIndex, to: range.upperBound)
                found.append(Match(range: lower..<upper, label: "phrase", replacement: "[MASKED]"))
            }
        }
        return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}

/// Makes phrase detectors of term rules.
struct PhraseDetectors: DetectorBuilder {
    func detector(for detection: Detection) throws(DetectionError) -> (any Detector)? {
        if case .terms(let phrases) = detection { PhraseDetector(phrases: phrases.all) } else { nil }
    }
}

/// Scores texts by the words in them; has no room for those with the word `crowded`.
final class WordClassifier: Classifier {
    struct Down: Error {}

    private struct State {
        var isDown = false
        var texts: [String] = []
        var cancellations = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var cancelWaiters: [CheckedContinuation<Void, Never>] = []
    }

    let identity = ClassifierIdentity(model: "words", modelDigest: "00", adapterDigest: nil, template: "test-1")
    private let state = Mutex(State())

    var texts: [String] { state.withLock(\.texts) }
    var cancellations: Int { state.withLock(\.cancellations) }

    func breakDown() { state.withLock { $0.isDown = true } }

    /// Returns once a text with the word `slowly` is being scored.
    func startOfSlowWork() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.texts.contains(where: { $0.contains("slowly") }) { return true }
                state.waiters.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Returns once slow work was cancelled.
    func cancellationOfSlowWork() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.cancellations > 0 { return true }
                state.cancelWaiters.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func classify(_ request: ClassificationRequest) async throws -> Classification {
        let (isDown, waiters) = state.withLock { state in
            state.texts.append(request.text)
            guard request.text.contains("slowly") else { return (state.isDown, [CheckedContinuation<Void, Never>]()) }
            defer { state.waiters = [] }
            return (state.isDown, state.waiters)
        }
        for waiter in waiters { waiter.resume() }
        if isDown { throw Down() }
        if request.text.contains("crowded") { throw ClassifierOverload() }
        if request.text.contains("slowly") {
            // Works until it is cancelled.
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                let waiters = state.withLock { state in
                    state.cancellations += 1
                    defer { state.cancelWaiters = [] }
                    return state.cancelWaiters
                }
                for waiter in waiters { waiter.resume() }
                throw error
            }
        }
        let score = request.text.contains("badword") ? 0.99 : request.text.contains("iffy") ? 0.6 : 0.01
        return Classification(scores: request.questions.map { _ in score }, textTokens: request.text.utf8.count / 4)
    }
}

/// Keeps records in memory; fails when told to.
final class MemoryAudit: AuditSink {
    struct Full: Error {}

    private struct State {
        var records: [AuditRecord] = []
        var failsFrom: Int?
        var isTrusted = false
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var records: [AuditRecord] { state.withLock(\.records) }
    var prompts: [AuditRecord] { records.filter { $0.decision.direction == .prompt } }
    var responses: [AuditRecord] { records.filter { $0.decision.direction == .response } }

    /// Refuses every record after the first `count`.
    func fail(after count: Int) { state.withLock { $0.failsFrom = count } }

    /// Lets prompts go on before their records are durable, as a store does that has not failed yet.
    func trust() { state.withLock { $0.isTrusted = true } }

    func take(_ record: AuditRecord) -> AuditReceipt {
        let task = Task { try await self.record(record) }
        return AuditReceipt(isDoubtful: !state.withLock(\.isTrusted)) { try await task.value }
    }

    /// Returns once `count` records are there.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.records.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func record(_ record: AuditRecord) async throws {
        let ready = try state.withLock { state in
            if let failsFrom = state.failsFrom, state.records.count >= failsFrom { throw Full() }
            state.records.append(record)
            let count = state.records.count
            defer { state.waiters.removeAll { $0.count <= count } }
            return state.waiters.filter { $0.count <= count }.map(\.continuation)
        }
        for continuation in ready { continuation.resume() }
    }
}

/// A policy whose classifier knows a bad and a doubtful word, and which masks addresses.
let testPolicy = PolicySet(
    name: "test",
    revision: "abc",
    rules: [
        Rule(
            id: "bad",
            detection: .principle(Principle(text: "No bad words.", thresholds: Thresholds(flag: 0.5, block: 0.9))),
            reply: "Not that."
        ),
        Rule(id: "mask", detection: .terms(["@", "project blue bird"]), action: .redact),
    ]
)

func makeModerator(
    _ classifier: any Classifier = WordClassifier(),
    policy: PolicySet = testPolicy
) throws -> Moderator {
    try Moderator(policy: policy, detectors: PhraseDetectors(), classifier: classifier)
}

/// Where chat requests go.
let chatRoute = DialectRoute(name: "/v1/chat/completions")

/// Reads the stream that answers a chat request.
func chatStreamReader() throws -> any StreamReader {
    let request = try OpenAIChatDialect().decodeRequest(Array(chatRequest("Hi", stream: true).utf8), at: chatRoute)
    return try #require(OpenAIChatDialect().makeStreamReader(for: request, mediaType: "text/event-stream"))
}

/// A whole chat answer as the gateway reads it.
func decodedChatResponse(_ text: String) throws -> DecodedResponse {
    let request = try OpenAIChatDialect().decodeRequest(Array(chatRequest("Hi").utf8), at: chatRoute)
    return try OpenAIChatDialect().decodeResponse(Array(text.utf8), to: request)
}
