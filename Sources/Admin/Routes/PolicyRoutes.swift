import Audit
public import Foundation
import HTTPTypes
import Moderation

/// Which policies judge at this moment.
public struct AdminPolicies: Sendable, Codable, Hashable {
    /// One policy.
    public struct Policy: Sendable, Codable, Hashable {
        /// Its name.
        public var name: String
        /// Digest of its rules.
        public var revision: String
        /// How many rules it has.
        public var rules: Int
        /// Since when it judges.
        public var since: Date

        /// Creates one.
        public init(name: String, revision: String, rules: Int, since: Date) {
            self.name = name
            self.revision = revision
            self.rules = rules
            self.since = since
        }
    }

    /// The policy in force.
    public var live: Policy
    /// The policy that is tried beside it.
    public var candidate: Policy?
    /// Why the files on disk are not in force; nil when they are.
    public var problem: String?

    /// Creates a moment's policies.
    public init(live: Policy, candidate: Policy? = nil, problem: String? = nil) {
        self.live = live
        self.candidate = candidate
        self.problem = problem
    }
}

/// Tells which policies are and were in force.
struct PolicyRoutes: Sendable {
    let history: any PolicyHistoryReader
    let policies: @Sendable () async -> AdminPolicies

    var routes: [AdminRoute] { [inForce, log, kept] }

    private var inForce: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/policies",
            name: "showPolicies",
            summary: "Tells which policy is in force, and which is tried beside it.",
            role: .reader,
            answer: .init(title: "the policies of this moment", schema: .reference("Policies"))
        ) { _ in .json(try AuditJSON.text(await policies())) }
    }

    private var log: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/policies/log",
            name: "listPolicyEvents",
            summary: "Lists what happened to the policies, the newest first.",
            role: .reader,
            query: [.limit(50)],
            answer: .init(title: "events", schema: .reference("PolicyEvents"))
        ) { call in
            let events = try await history.policyEvents(limit: call.query.count("limit"))
            return .json("{\"events\":\(try AuditJSON.text(events))}")
        }
    }

    private var kept: AdminRoute {
        AdminRoute(
            method: .get,
            path: "/v1/policies/{revision}",
            name: "showPolicy",
            summary: "Shows a policy that was in force or tried, with its files.",
            role: .reader,
            pathHelp: ["revision": "Its revision, or enough of the beginning of it."],
            answer: .init(title: "the policy", schema: .reference("KeptPolicy")),
            refusals: [.notFound]
        ) { call in
            let kept = try await history.keptPolicy(call.path["revision"] ?? "")
            return .json(
                try AuditJSON.text(
                    Kept(
                        name: kept.policy.name,
                        revision: kept.policy.revision,
                        rules: kept.policy.rules.map { Kept.Rule(id: $0.id, mode: $0.mode) },
                        files: kept.files,
                        firstSeen: kept.firstSeen
                    )
                )
            )
        }
    }

    private struct Kept: Encodable {
        struct Rule: Encodable {
            var id: String
            var mode: RuleMode
        }

        var name: String
        var revision: String
        var rules: [Rule]
        var files: [PolicySource]
        var firstSeen: Date
    }
}
