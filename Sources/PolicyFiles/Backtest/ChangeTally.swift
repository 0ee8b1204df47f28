public import Moderation

/// Counts what another policy would do differently.
public struct ChangeTally: Sendable, Hashable {
    /// One way in which a decision changes.
    public struct Change: Sendable, Hashable {
        /// What was done.
        public var from: Outcome
        /// What would be done.
        public var to: Outcome
        /// The rule that makes the difference: it would decide or, where less would be done, it decided; nil where it is content
        /// that nobody reads.
        public var rule: String?

        /// Creates a change.
        public init(from: Outcome, to: Outcome, rule: String?) {
            self.from = from
            self.to = to
            self.rule = rule
        }
    }

    /// Decisions that could be compared, changed or not.
    public private(set) var decided = 0
    /// How many decisions change in each way.
    public private(set) var counts: [Change: Int] = [:]
    /// For each way, the places in the store of the newest decisions, in order.
    public private(set) var places: [Change: [Int64]] = [:]

    private let placesLimit: Int

    /// Nothing counted.
    ///
    /// - Parameter placesLimit: how many decisions are remembered for each way to change.
    public init(placesLimit: Int = 3) {
        self.placesLimit = placesLimit
    }

    /// Decisions that change.
    public var changed: Int { counts.values.reduce(0, +) }

    /// Counts one decision.
    ///
    /// - Parameters:
    ///   - rule: the rule that makes the difference, asked for only where there is one.
    ///   - place: its place in the store, later than those before it.
    public mutating func add(from: Outcome, to: Outcome, rule: @autoclosure () -> String?, place: Int64) {
        decided += 1
        guard from != to else { return }
        let change = Change(from: from, to: to, rule: rule())
        counts[change, default: 0] += 1
        guard placesLimit > 0 else { return }
        if places[change, default: []].count == placesLimit { places[change]?.removeFirst() }
        places[change, default: []].append(place)
    }

    /// Counts decisions that stay as they are.
    public mutating func addUnchanged(_ count: Int) { decided += count }

    /// Adds what was counted of later decisions.
    public mutating func merge(_ other: ChangeTally) {
        decided += other.decided
        counts.merge(other.counts, uniquingKeysWith: +)
        places.merge(other.places) { ($0 + $1).sorted().suffix(placesLimit) }
    }
}
