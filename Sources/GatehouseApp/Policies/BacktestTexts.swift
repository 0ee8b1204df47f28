import Audit
import Moderation
import PolicyFiles

/// Decides the records for which verdicts on record are not enough: by what else the record says, and by judging its text again.
struct BacktestTexts {
    private struct Reason: Hashable {
        var gap: Redecision.Gap
        var words: String
    }

    private static let batch = 256

    private let policy: PolicySet
    private let reader: any BacktestReader
    private let models: ModelOnDemand
    private var names = RecordedNames()
    private var moderators: [Set<String>: Moderator] = [:]
    private var reasons: [Reason: Int] = [:]

    /// What was counted.
    private(set) var backtest: Backtest
    /// Records for which nothing was judged.
    private(set) var empty = 0
    /// Records that were decided by judging their texts.
    private(set) var judged = 0
    /// Those of them whose text had been masked.
    private(set) var masked = 0

    init(
        settings: Settings,
        policy: PolicySet,
        reader: any BacktestReader,
        earlier: [String: PolicySet],
        examples: Int
    ) {
        self.policy = policy
        self.reader = reader
        models = ModelOnDemand(settings: settings)
        backtest = Backtest(policy, after: earlier, examples: examples)
    }

    /// Records that could not be decided, by reason, the most frequent first.
    var undecided: [BacktestReport.Undecided] {
        reasons.map { BacktestReport.Undecided(gap: $0.gap, reason: $0.words, count: $1) }
            .sorted { ($1.count, $0.gap.rawValue, $0.reason) < ($0.count, $1.gap.rawValue, $1.reason) }
    }

    /// Decides the records at some places.
    mutating func decide(_ places: [Int64], progress: (_ done: Int, _ of: Int) -> Void) async throws {
        for start in stride(from: 0, to: places.count, by: Self.batch) {
            let end = min(start + Self.batch, places.count)
            let entries = try await reader.entries(at: Array(places[start..<end]))
            let answers = entries.filter { $0.decision.direction == .response }.map(\.requestID)
            let prompts = try await reader.prompts(of: Set(answers))
            for (index, entry) in entries.enumerated() {
                try await decide(entry, prompt: prompts[entry.requestID])
                progress(start + index + 1, places.count)
            }
        }
    }

    private mutating func decide(_ entry: AuditEntry, prompt: AuditEntry?) async throws {
        let decision = RecordedDecision(entry, names: &names)
        let hasUnread = entry.decision.coverage.contains { !$0.kind.isText && $0.kind != .toolDefinition }
        var redecision = backtest.redecide(decision, names, hasUnread: hasUnread)
        guard !redecision.gaps.isEmpty else { return count(decision, redecision) }
        let rules = policy.rules.filter { redecision.gaps[$0.id] != nil }
        let gap = rules.first.flatMap { redecision.gaps[$0.id] } ?? .changedRule
        if let obstacle = obstacle(entry, prompt: prompt, rules: rules, gaps: redecision.gaps) {
            reasons[Reason(gap: gap, words: obstacle), default: 0] += 1
            return
        }
        let judgement = try await moderator(for: rules).judge(
            Subject(entry, prompt: prompt),
            in: Scope(entry)
        )
        guard judgement.verdicts.allSatisfy({ $0.error == nil }) else {
            reasons[Reason(gap: gap, words: "and the detector could not answer"), default: 0] += 1
            return
        }
        let isMasked = entry.content.contains { !$0.masked.isEmpty }
        let rejudged = Dictionary(judgement.verdicts.map { ($0.rule, $0.effective) }) { first, _ in first }
        redecision = backtest.redecide(decision, names, hasUnread: hasUnread, rejudged: rejudged)
        count(decision, redecision)
        judged += 1
        if isMasked { masked += 1 }
    }

    private mutating func count(_ decision: RecordedDecision, _ redecision: Redecision) {
        if let outcome = redecision.outcome {
            backtest.count(decision, outcome, redecision.rule, names)
        } else {
            empty += 1
        }
    }

    /// Why the text can't help; nil when it can.
    private func obstacle(
        _ entry: AuditEntry,
        prompt: AuditEntry?,
        rules: [Rule],
        gaps: [String: Redecision.Gap]
    ) -> String? {
        let kept = entry.content + (prompt?.content ?? [])
        if let key = kept.compactMap(\.lockedBy).first {
            return "the text is encrypted with the key \(key), which audit.encryption_key has not"
        }
        guard !entry.content.isEmpty, entry.content.allSatisfy({ $0.text != nil }) else {
            return "the text was not kept"
        }
        let isMasked = entry.content.contains { !$0.masked.isEmpty }
        if isMasked, rules.contains(where: { !$0.detection.needsModel }) { return "the text was kept masked" }
        let hasHistory = entry.decision.coverage.contains { $0.state == .context && $0.kind.isText }
        let redacts = rules.contains { $0.action == .redact && !$0.detection.needsModel }
        if redacts, hasHistory, entry.decision.direction == .prompt { return "what was said before is not kept" }
        guard entry.decision.direction == .response, rules.contains(where: \.detection.needsModel) else { return nil }
        let isPromptKept = prompt?.content.isEmpty == false && prompt?.content.allSatisfy { $0.text != nil } == true
        return isPromptKept ? nil : "the prompt was not kept"
    }

    /// Judges by some of the rules alone.
    private mutating func moderator(for rules: [Rule]) async throws -> Moderator {
        let ids = Set(rules.map(\.id))
        if let known = moderators[ids] { return known }
        var part = policy
        part.rules = rules
        part.unscanned = .allow
        for index in part.overrides.indices { part.overrides[index].unscanned = nil }
        let classifier = part.needsModel ? try await models.model().classifier : nil
        let moderator = try Judge.moderator(for: part, classifier: classifier)
        moderators[ids] = moderator
        return moderator
    }
}

extension RecordedDecision {
    /// The record's verdicts, with names added as needed.
    fileprivate init(_ entry: AuditEntry, names: inout RecordedNames) {
        func index<Value: Equatable>(of value: Value, in list: inout [Value]) -> Int {
            if let known = list.firstIndex(of: value) { return known }
            list.append(value)
            return list.count - 1
        }
        let decision = entry.decision
        self.init(
            sequence: entry.place,
            direction: decision.direction,
            scope: index(of: Scope(entry), in: &names.scopes),
            revision: index(of: decision.policyRevision, in: &names.revisions),
            outcome: decision.outcome,
            cause: decision.cause,
            screenScore: decision.screenScore,
            verdicts: decision.verdicts.map { verdict in
                RecordedVerdict(
                    rule: index(of: verdict.rule, in: &names.rules),
                    outcome: verdict.outcome,
                    score: verdict.score,
                    isScreenedOut: verdict.screenedOut,
                    isFailed: verdict.error != nil
                )
            }
        )
    }
}
