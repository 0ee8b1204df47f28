public import Foundation

/// One file that a policy was read from.
public struct PolicySource: Sendable, Codable, Hashable {
    /// Path, as diagnostics name it or, in the history, from where the policy stands.
    public var path: String
    /// All of its text.
    public var text: String

    /// Creates a source.
    public init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}

/// A policy set with the texts that it was read from, kept so that an old decision can be explained by the rules of its day.
public struct KeptPolicy: Sendable, Codable, Hashable {
    /// The rules, as they were compiled.
    public var policy: PolicySet
    /// The files, extended ones and lists of terms too; paths are relative to the folder that the policy was read from.
    public var files: [PolicySource]
    /// When it was first kept.
    public var firstSeen: Date

    /// Creates a kept policy.
    public init(policy: PolicySet, files: [PolicySource], firstSeen: Date = Date()) {
        self.policy = policy
        self.files = files
        self.firstSeen = firstSeen
    }
}

/// Something that happened to the policies of a gateway.
public struct PolicyEvent: Sendable, Codable, Hashable {
    /// What happened.
    public enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        /// The policy came into force.
        case live
        /// It began to be tried beside the one in force.
        case candidate
        /// It is no longer tried.
        case candidateEnded = "candidate_ended"
        /// Its files could not be used; the policy before it stayed in force.
        case rejected
        /// The candidate's files took the place of those in force.
        case promoted
        /// The files of an earlier policy were put back.
        case rolledBack = "rolled_back"
    }

    /// When.
    public var time: Date
    /// What happened.
    public var kind: Kind
    /// Digest of the policy's rules; nil for files that could not be used.
    public var revision: String?
    /// Who asked for it, as far as is known: a user's name, `start`, `signal` or `file change`.
    public var actor: String
    /// What else there is to know, such as the first problem of files that could not be used.
    public var note: String?

    /// Creates an event.
    public init(time: Date = Date(), kind: Kind, revision: String?, actor: String, note: String? = nil) {
        self.time = time
        self.kind = kind
        self.revision = revision
        self.actor = actor
        self.note = note
    }
}

/// Answers which policies were in force, and when.
public protocol PolicyHistoryReader: Sendable {
    /// The newest events, newest first.
    func policyEvents(limit: Int) async throws -> [PolicyEvent]

    /// A policy that was kept.
    ///
    /// - Parameter revision: its digest, or a beginning of it that no other has.
    func keptPolicy(_ revision: String) async throws -> KeptPolicy
}

/// Where it is kept which policies were in force, and when.
public protocol PolicyHistory: PolicyHistoryReader {
    /// Keeps an event and, where a policy is given, its rules and texts; returns when both are durable.
    ///
    /// The texts of a revision that is there already are replaced: they differ in comments at most.
    func record(_ event: PolicyEvent, of policy: KeptPolicy?) async throws
}
