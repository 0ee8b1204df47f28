internal import Moderation

/// Joins the files of a policy.
struct PolicyMerger {
    let problems: ProblemList

    /// The policy that the files make together; nil when there is none.
    func merge(_ drafts: [PolicyDraft]) -> PolicySet? {
        guard let first = drafts.first else { return nil }
        let name = only(drafts.compactMap(\.name), key: "policy")
        if !drafts.contains(where: \.hasName) {
            problems.add(
                .missingKey,
                at: first.location,
                path: "policy",
                "the key 'policy' is missing",
                help: "name the policy, such as 'policy: default'"
            )
        }
        let reply = only(drafts.compactMap(\.reply), key: "reply") ?? PolicySet.defaultReply
        let screen = only(drafts.compactMap(\.screen), key: "screen")
        let unscanned = only(drafts.compactMap(\.unscanned), key: "unscanned") ?? .flag
        if screen == nil {
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
        checkIDs(drafts.flatMap(\.ids))
        let rules = drafts.flatMap { $0.rules.map(\.rule) }
        return PolicySet(
            name: name ?? "",
            revision: PolicyRevision.digest(rules: rules, screen: screen, reply: reply, unscanned: unscanned),
            rules: rules,
            screen: screen,
            reply: reply,
            unscanned: unscanned
        )
    }

    /// The one value that the files agree on.
    private func only<Value: Equatable>(_ values: [PolicyDraft.Placed<Value>], key: String) -> Value? {
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
        return first.value
    }

    private func checkIDs(_ ids: [(id: String, location: SourceLocation, path: String)]) {
        var seen: [String: SourceLocation] = [:]
        for (id, location, path) in ids {
            guard let first = seen[id] else {
                seen[id] = location
                continue
            }
            problems.add(
                .duplicateRule,
                at: location,
                path: path,
                "the rule id '\(id)' is already taken",
                help: "give each rule an id of its own, in all files of the policy",
                notes: [.init(location: first, message: "first used here")]
            )
        }
    }
}
