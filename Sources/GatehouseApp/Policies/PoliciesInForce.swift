import Foundation
import Moderation
import PolicyFiles
import Synchronization

/// What judges at this moment: the policy in force, and the one that is tried beside it.
///
/// Each change swaps one immutable value for another; a request keeps what it began with.
final class PoliciesInForce: Sendable {
    /// One moment.
    struct State: Sendable {
        /// The policy in force.
        var live: CompiledPolicy
        /// The policy that is tried beside it.
        var candidate: CompiledPolicy?
        /// Why the files on disk are not in force; nil when they are.
        var problem: PolicyProblem?
    }

    private let state: Mutex<State>

    init(live: CompiledPolicy) {
        state = Mutex(State(live: live))
    }

    /// This moment.
    var current: State { state.withLock { $0 } }

    /// The moderator in force.
    var moderator: Moderator { state.withLock { $0.live.moderator } }

    /// The moderator that is tried beside it.
    var candidate: Moderator? { state.withLock { $0.candidate?.moderator } }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
}

/// Why the files of a policy can't be put in force.
struct PolicyProblem: Error, Sendable, Hashable {
    /// What was found, in one line.
    var message: String
    /// Every problem of the files, where it is they.
    var diagnostics: [PolicyDiagnostic] = []

    init(message: String, diagnostics: [PolicyDiagnostic] = []) {
        self.message = message
        self.diagnostics = diagnostics
    }

    /// What an error means that came of reading files or loading a model.
    init(_ error: any Error) {
        switch error {
        case let problem as PolicyProblem: self = problem
        case let error as PolicyFileError:
            let errors = error.diagnostics.filter { $0.severity == .error }
            let first = errors.first.map { "\($0.code.rawValue) at \($0.location)" } ?? "unreadable"
            let others = errors.count > 1 ? " and \(errors.count - 1) more" : ""
            self.init(message: first + others, diagnostics: error.diagnostics)
        default: self.init(message: "\(error)")
        }
    }
}
