internal import Moderation

/// Joins the files of a policy and the policies that it extends.
struct PolicyMerger {
    /// Most rules of one policy, with those of policies that it extends.
    static let maximumRules = 5_000
    /// Most overrides of one policy, with those of policies that it extends.
    static let maximumOverrides = 1_000

    let problems: ProblemList

    /// The policy that the layers make together and where its values are written; nil when there is none.
    ///
    /// - Parameter layers: bases first, the policy itself last.
    func merge(_ layers: [PolicyLayer]) -> (policy: PolicySet, places: PolicyPlaces)? {
        guard let own = layers.last, let first = own.drafts.first else { return nil }
        let drafts = layers.flatMap(\.drafts)
        guard hasSize(drafts, at: first.location) else { return nil }
        if !own.drafts.contains(where: \.hasName) {
            problems.add(
                .missingKey,
                at: first.location,
                path: "policy",
                "the key 'policy' is missing",
                help: "name the policy, such as 'policy: default'"
            )
        }
        let heads = layers.map(head)
        let screen = heads.last { $0.screen != nil }?.screen
        if screen == nil { reportMissingScreen(drafts) }
        checkIDs(layers)
        HeadLock(problems: problems).check(layers, heads)
        let overrides = OverrideMerger(layers: layers, problems: problems).merge()
        let rules = drafts.flatMap { $0.rules.map(\.rule) }
        var policy = PolicySet(
            name: heads.last?.name?.value ?? "",
            revision: "",
            rules: rules,
            screen: screen?.value,
            reply: heads.last { $0.reply != nil }?.reply?.value ?? PolicySet.defaultReply,
            unscanned: heads.last { $0.unscanned != nil }?.unscanned?.value ?? .flag,
            overrides: overrides.map(\.override)
        )
        policy.revision = PolicyRevision.digest(of: policy)
        var places = PolicyPlaces(overrides: overrides.map(\.places))
        places.head["reply"] = heads.last { $0.reply != nil }?.reply?.location
        places.head["unscanned"] = heads.last { $0.unscanned != nil }?.unscanned?.location
        places.head["screen"] = screen?.location
        for (rule, written) in drafts.flatMap(\.rules) { places.rules[rule.id] = written }
        return (policy, places)
    }

    private func hasSize(_ drafts: [PolicyDraft], at location: SourceLocation) -> Bool {
        let counts = [
            ("rules", drafts.reduce(0) { $0 + $1.ids.count }, Self.maximumRules),
            ("overrides", drafts.reduce(0) { $0 + $1.overrides.count }, Self.maximumOverrides),
        ]
        for (noun, count, most) in counts where count > most {
            problems.add(
                .tooLarge,
                at: location,
                "the policy has \(count) \(noun), with those that it extends; at most \(most) are read",
                help: "put what belongs together in one rule or override"
            )
        }
        return counts.allSatisfy { $0.1 <= $0.2 }
    }

    /// What a layer says for the policy as a whole.
    private func head(of layer: PolicyLayer) -> LayerHead {
        LayerHead(
            name: only(layer.drafts.compactMap(\.name), key: "policy"),
            reply: only(layer.drafts.compactMap(\.reply), key: "reply"),
            screen: only(layer.drafts.compactMap(\.screen), key: "screen"),
            unscanned: only(layer.drafts.compactMap(\.unscanned), key: "unscanned")
        )
    }

    /// The one value that the files of a layer agree on.
    private func only<Value: Equatable>(_ values: [Placed<Value>], key: String) -> Placed<Value>? {
        guard let first = values.first else { return nil }
        for other in values.dropFirst() where other.value != first.value {
            problems.add(
                .conflictingFiles,
                at: other.location,
                path: key,
                "'\(key)' differs from that of another file of the policy",
                help: "keep it in one file",
                notes: [.init(location: first.location, message: "first written here")]
            )
        }
        return first
    }

    private func reportMissingScreen(_ drafts: [PolicyDraft]) {
        for place in drafts.flatMap(\.screened) {
            problems.add(
                .noScreen,
                at: place.location,
                path: place.path,
                "the rule is screened, and the policy has no screen",
                help: "add 'screen' with a principle and a bar, or remove 'screened'"
            )
        }
    }

    private func checkIDs(_ layers: [PolicyLayer]) {
        var seen: [String: (location: SourceLocation, layer: Int)] = [:]
        for (index, layer) in layers.enumerated() {
            for id in layer.drafts.flatMap(\.ids) {
                guard let first = seen[id.value] else {
                    seen[id.value] = (id.location, index)
                    continue
                }
                let help =
                    first.layer == index
                    ? "give each rule an id of its own, in all files of the policy"
                    : "change the rule of the extended policy under 'overrides', or give this one another id"
                problems.add(
                    .duplicateRule,
                    at: id.location,
                    path: id.path,
                    "the rule id '\(id.value)' is already taken",
                    help: help,
                    notes: [.init(location: first.location, message: "first used here")]
                )
            }
        }
    }
}

/// What one layer says for the policy as a whole.
struct LayerHead {
    var name: Placed<String>?
    var reply: Placed<String>?
    var screen: Placed<Screen>?
    var unscanned: Placed<Outcome>?
}

extension PolicyLayer {
    /// Where it says `locked: true`.
    var locked: SourceLocation? { drafts.lazy.compactMap(\.locked).first }
}
