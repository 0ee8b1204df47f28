internal import Synchronization

/// The effective policies of the scopes that were seen, each made once.
final class ScopedPolicies: Sendable {
    private let policies = Mutex<[[Int]: PolicySet]>([:])

    /// The rules that hold for texts of a scope and direction.
    func policy(of set: PolicySet, in scope: Scope, _ direction: Direction) -> PolicySet {
        guard !set.overrides.isEmpty else { return set }
        let matching = set.overrides.indices.filter { set.overrides[$0].scope.matches(scope, direction) }
        return policies.withLock { policies in
            if let known = policies[matching] { return known }
            let made = set.effective(matching)
            // Clients choose models and routes, so the number of combinations has a bound.
            if policies.count < 1_024 { policies[matching] = made }
            return made
        }
    }
}
