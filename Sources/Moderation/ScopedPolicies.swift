internal import Synchronization

/// The rules that judge the texts of one scope and direction, each with its detector.
final class ActiveRules: Sendable {
    /// The policy that holds in the scope.
    let policy: PolicySet
    /// Those of its rules that judge, in policy order.
    let rules: [Rule]
    /// The detector of each; nil for one that asks the model.
    let detectors: [(any Detector)?]
    /// Whether one of them asks the model.
    let needModel: Bool

    init(_ policy: PolicySet, _ direction: Direction, detectors: [String: any Detector]) {
        self.policy = policy
        rules = policy.rules.filter { $0.mode != .off && $0.appliesTo.contains(direction) }
        self.detectors = rules.map { detectors[$0.id] }
        needModel = rules.contains(where: \.detection.needsModel)
    }
}

/// The rules that judge in the scopes that were seen, each made once.
final class ScopedPolicies: Sendable {
    private struct Key: Hashable {
        /// The overrides that match, by index.
        var overrides: [Int]
        var direction: Direction
    }

    private let set: PolicySet
    private let detectors: [String: any Detector]
    private let known = Mutex<[Key: ActiveRules]>([:])

    init(_ set: PolicySet, detectors: [String: any Detector]) {
        self.set = set
        self.detectors = detectors
    }

    /// The rules that judge texts of a scope and direction.
    func rules(in scope: Scope, _ direction: Direction) -> ActiveRules {
        let matching = set.overrides.indices.filter { set.overrides[$0].scope.matches(scope, direction) }
        let key = Key(overrides: matching, direction: direction)
        return known.withLock { known in
            if let rules = known[key] { return rules }
            let made = ActiveRules(set.effective(matching), direction, detectors: detectors)
            // Clients choose models and routes, so the number of combinations has a bound.
            if known.count < 1_024 { known[key] = made }
            return made
        }
    }
}
