public import Moderation

/// Everything there is to say about a policy's files.
///
/// `Codable` for `--format json`.
public struct PolicyReport: Sendable, Codable, Hashable {
    /// The file or folder, as it was given.
    public var path: String
    /// The policy files that were read, those that are extended among them.
    public var files: [String]
    /// The files of terms that were read.
    public var termFiles: [String]
    /// The texts of all these files; no part of the report's JSON.
    public var sources: [PolicySource] = []
    /// Where the values of the policy are written; no part of the report's JSON.
    public var places = PolicyPlaces()
    /// The policy; nil when there is an error.
    public var policy: PolicySet?
    /// The problems, in order of place.
    public var diagnostics: [PolicyDiagnostic]

    private enum CodingKeys: CodingKey {
        case path, files, termFiles, policy, diagnostics
    }

    /// Whether the policy can be used.
    public var isValid: Bool { policy != nil }

    /// The problems and a line that sums them up, ready to print.
    public var text: String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        var summary: String
        if let policy {
            summary = "\(path): policy '\(policy.name)' is valid: \(counted(policy.rules.count, "rule"))"
            summary += " in \(counted(files.count, "file")), revision \(policy.revision.prefix(12))"
            if warnings > 0 { summary += ", \(counted(warnings, "warning"))" }
        } else {
            summary = "\(path): \(counted(errors, "error"))"
            if warnings > 0 { summary += ", \(counted(warnings, "warning"))" }
        }
        return (diagnostics.map(\.text) + [summary + "\n"]).joined(separator: "\n")
    }
}

/// A number with its noun.
func counted(_ number: Int, _ noun: String) -> String { number == 1 ? "1 \(noun)" : "\(number) \(noun)s" }
