public import Foundation
import Moderation
public import PolicyFiles

/// What a running gateway says of its policies.
public struct PolicyReply: Sendable, Codable, Hashable {
    /// One policy.
    public struct State: Sendable, Codable, Hashable {
        /// Its name.
        public var name: String
        /// Digest of its rules.
        public var revision: String
        /// File or folder.
        public var path: String
        /// How many rules it has.
        public var rules: Int
        /// Since when it judges.
        public var since: Date
    }

    /// Whether what was asked for was done.
    public var isDone: Bool
    /// What happened, in one line.
    public var message: String
    /// Problems of the files.
    public var diagnostics: [PolicyDiagnostic]
    /// The process that answers.
    public var process: Int32
    /// The policy in force.
    public var live: State
    /// The policy that is tried beside it.
    public var candidate: State?
    /// Why the files on disk are not in force; nil when they are.
    public var problem: String?

    init(_ state: PoliciesInForce.State, isDone: Bool = true, message: String, diagnostics: [PolicyDiagnostic] = []) {
        self.isDone = isDone
        self.message = message
        self.diagnostics = diagnostics
        process = ProcessInfo.processInfo.processIdentifier
        live = State(state.live)
        candidate = state.candidate.map(State.init)
        problem = state.problem?.message
    }

    /// For people: what judges now.
    var status: String {
        var lines = ["live       " + live.text]
        if let problem { lines.append("problem    the files on disk are not in force: \(problem)") }
        lines.append("candidate  " + (candidate?.text ?? "none"))
        return lines.joined(separator: "\n")
    }
}

extension PolicyReply.State {
    init(_ policy: CompiledPolicy) {
        name = policy.policy.name
        revision = policy.policy.revision
        path = policy.path
        rules = policy.policy.rules.count
        since = policy.time
    }

    fileprivate var text: String {
        "\(name), revision \(revision.prefix(12)), \(rules) rules from \(path), since \(since.formatted(.iso8601))"
    }
}
