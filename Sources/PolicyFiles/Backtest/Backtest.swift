public import Moderation

/// Decides recorded decisions again by another policy, from what is on record of them.
public struct Backtest: Sendable {
    private struct Key: Hashable {
        var revision: Int
        var scope: Int
        var direction: Direction
    }

    private struct Entry {
        var plan: BacktestPlan
        /// For each rule's index in the recorded names, its place in the plan.
        var indices: [Int?]
    }

    /// The policy that decides now.
    public let policy: PolicySet
    private let earlier: [String: PolicySet]
    private var entries: [Key: Entry] = [:]

    /// What would change, of the decisions that could be made again.
    public private(set) var tally: ChangeTally
    /// The places in the store of decisions that need more than the record's verdicts, in order.
    public private(set) var open: [Int64] = []
    /// Records for which nothing was judged.
    public private(set) var empty = 0

    /// Prepares to decide.
    ///
    /// - Parameters:
    ///   - policy: the policy that decides now.
    ///   - earlier: the policies that decided, by revision, as far as they are known.
    ///   - examples: how many decisions are remembered for each way to change.
    public init(_ policy: PolicySet, after earlier: [String: PolicySet], examples: Int) {
        self.policy = policy
        self.earlier = earlier
        tally = ChangeTally(placesLimit: examples)
    }

    /// Decides the next decision again; where the record does not say enough, it is put aside.
    public mutating func add(_ decision: RecordedDecision, _ names: RecordedNames) {
        let redecision = redecide(decision, names)
        if redecision.isEmpty {
            empty += 1
        } else if let outcome = redecision.outcome {
            count(decision, outcome, redecision.rule, names)
        } else {
            open.append(decision.sequence)
        }
    }

    /// What the policy would do about a decision.
    ///
    /// - Parameters:
    ///   - hasUnread: whether it held content that nobody reads; nil when that has not been looked up.
    ///   - rejudged: what rules that were asked anew say.
    public mutating func redecide(
        _ decision: RecordedDecision,
        _ names: RecordedNames,
        hasUnread: Bool? = nil,
        rejudged: [String: Outcome] = [:]
    ) -> Redecision {
        let key = Key(revision: decision.revision, scope: decision.scope, direction: decision.direction)
        if entries[key]?.indices.count != names.rules.count { entries[key] = entry(for: key, names) }
        guard let entry = entries[key] else { return Redecision(isEmpty: true) }
        return entry.plan.decide(decision, indices: entry.indices, hasUnread: hasUnread, rejudged: rejudged)
    }

    /// Counts a decision that could be made after all.
    public mutating func count(
        _ decision: RecordedDecision,
        _ outcome: Outcome,
        _ rule: String?,
        _ names: RecordedNames
    ) {
        func difference() -> String? {
            guard outcome < decision.outcome else { return rule }
            return decision.verdicts.first { $0.outcome == decision.outcome }.map { names.rules[$0.rule] }
        }
        tally.add(from: decision.outcome, to: outcome, rule: difference(), place: decision.sequence)
    }

    /// Takes over what was counted of later decisions.
    public mutating func merge(_ later: Backtest) {
        tally.merge(later.tally)
        open += later.open
        empty += later.empty
    }

    private func entry(for key: Key, _ names: RecordedNames) -> Entry {
        let plan =
            entries[key]?.plan
            ?? BacktestPlan(
                policy,
                after: earlier[names.revisions[key.revision]],
                in: names.scopes[key.scope],
                key.direction
            )
        let places = Dictionary(plan.rules.enumerated().map { ($1.id, $0) }) { first, _ in first }
        return Entry(plan: plan, indices: names.rules.map { places[$0] })
    }
}
