public import Moderation

/// Which rules hold in one scope, and where each value comes from.
///
/// `Codable` for `--format json`.
public struct PolicyExplanation: Sendable, Codable, Hashable {
    /// One value on its way: what the rule says, and what overrides make of it.
    public struct Step: Sendable, Codable, Hashable {
        /// What it is from here on.
        public var value: String
        /// Where that is written; nil where nobody wrote it and the format's own default holds.
        public var location: SourceLocation?
    }

    /// One value and how it came about.
    public struct Value: Sendable, Codable, Hashable {
        /// The key; `flag` and `block` stand for themselves.
        public var key: String
        /// The steps, the last of which holds.
        public var steps: [Step]
    }

    /// One rule.
    public struct RuleExplanation: Sendable, Codable, Hashable {
        /// Its id.
        public var id: String
        /// Where it is written.
        public var location: SourceLocation?
        /// Whether texts of the scope and direction are judged by it.
        public var judges: Bool
        /// What it says.
        public var values: [Value]
    }

    /// Name of the policy.
    public var policy: String
    /// Digest of its rules.
    public var revision: String
    /// The route that was asked about; empty for any that no override names.
    public var route: String
    /// The tenant.
    public var tenant: String
    /// The chatbot's model.
    public var model: String
    /// The channel.
    public var channel: String
    /// The direction.
    public var direction: Direction
    /// Where the overrides that fit are written, in the order in which they are made.
    public var overrides: [SourceLocation]
    /// What holds for the policy as a whole.
    public var values: [Value]
    /// The rules.
    public var rules: [RuleExplanation]
}

extension PolicyExplanation {
    /// Explains a policy.
    ///
    /// - Parameters:
    ///   - policy: the policy.
    ///   - places: where its values are written.
    ///   - scope: where the texts come from and go to.
    ///   - direction: which way they travel.
    ///   - ids: the rules to explain; empty for all.
    public init(
        _ policy: PolicySet,
        places: PolicyPlaces,
        scope: Scope,
        direction: Direction,
        rules ids: [String] = []
    ) {
        let matching = policy.overrides.indices.filter { policy.overrides[$0].scope.matches(scope, direction) }
        self.policy = policy.name
        revision = policy.revision
        (route, tenant, model, channel) = (scope.route, scope.tenant, scope.model, scope.channel)
        self.direction = direction
        overrides = matching.compactMap { policy.overrides[$0].location }
        values = Self.head(of: policy, places, matching)
        rules = policy.rules.filter { ids.isEmpty || ids.contains($0.id) }.map { rule in
            Self.explain(rule, of: policy, places, matching, direction)
        }
    }

    private static func head(of policy: PolicySet, _ places: PolicyPlaces, _ matching: [Int]) -> [Value] {
        var reply = Value(key: "reply", steps: [Step(value: policy.reply, location: places.head["reply"])])
        var unscanned = Value(
            key: "unscanned",
            steps: [Step(value: policy.unscanned.rawValue, location: places.head["unscanned"])]
        )
        for index in matching {
            let override = policy.overrides[index]
            let head = places.overrides[index].head
            if let text = override.reply { reply.steps.append(Step(value: text, location: head["reply"])) }
            if let outcome = override.unscanned {
                unscanned.steps.append(Step(value: outcome.rawValue, location: head["unscanned"]))
            }
        }
        let screen = policy.screen.map {
            Value(
                key: "screen",
                steps: [Step(value: "bar \($0.bar): \($0.principle)", location: places.head["screen"])]
            )
        }
        return [reply, unscanned] + [screen].compactMap(\.self)
    }

    private static func explain(
        _ rule: Rule,
        of policy: PolicySet,
        _ places: PolicyPlaces,
        _ matching: [Int],
        _ direction: Direction
    ) -> RuleExplanation {
        let written = places.rules[rule.id] ?? [:]
        var steps: [String: [Step]] = [:]
        for value in rule.values {
            let key = value.key == "terms" && written["terms"] == nil ? "terms_from" : value.key
            steps[value.key] = [Step(value: value.text, location: written[key])]
        }
        var effective = rule
        for index in matching {
            guard let change = policy.overrides[index].changes[rule.id] else { continue }
            effective = change.applied(to: effective)
            let written = places.overrides[index].rules[rule.id] ?? [:]
            for value in effective.values where change.keys.contains(value.key) {
                let step = Step(value: value.text, location: written[value.key] ?? change.location)
                steps[value.key, default: []].append(step)
            }
        }
        return RuleExplanation(
            id: rule.id,
            location: rule.location,
            judges: effective.mode != .off && effective.appliesTo.contains(direction),
            // A way to redact that the last action has no use for is not shown.
            values: effective.values.map { value in
                Value(key: value.key, steps: steps[value.key] ?? [Step(value: value.text, location: nil)])
            }
        )
    }
}
