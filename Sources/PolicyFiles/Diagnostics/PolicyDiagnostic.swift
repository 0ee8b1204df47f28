public import Moderation

/// One problem in a policy file: what was found, where, and what to do about it.
public struct PolicyDiagnostic: Error, Sendable, Codable, Hashable {
    /// How bad it is.
    public enum Severity: String, Sendable, Codable, Hashable, CaseIterable {
        /// The policy can't be used.
        case error
        /// The policy works, and may not do what its author thinks.
        case warning
    }

    /// Another place that has to do with the problem.
    public struct Note: Sendable, Codable, Hashable {
        /// Where.
        public var location: SourceLocation
        /// What is there.
        public var message: String
    }

    /// What kind of problem; stable from version to version.
    public var code: PolicyDiagnosticCode
    /// How bad it is.
    public var severity: Severity
    /// Where.
    public var location: SourceLocation
    /// Which value, such as `rules[2].action`; empty for the file as a whole.
    public var keyPath: String
    /// What was found and what was expected.
    public var message: String
    /// What to do about it.
    public var help: String?
    /// The line of the file, where there is one.
    public var sourceLine: String?
    /// Other places that have to do with it.
    public var notes: [Note]
}

/// Why a policy can't be used: every problem that was found, in order of place.
public struct PolicyFileError: Error, Sendable, Codable, Hashable, CustomStringConvertible {
    /// The problems; warnings among them.
    public var diagnostics: [PolicyDiagnostic]

    /// Creates the error.
    public init(diagnostics: [PolicyDiagnostic]) {
        self.diagnostics = diagnostics
    }

    /// The problems as text.
    public var description: String { diagnostics.map(\.text).joined(separator: "\n") }
}
