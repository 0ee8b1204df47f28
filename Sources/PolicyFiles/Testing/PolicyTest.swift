public import Moderation

/// A test of a whole policy: what it decides about one text, with its screen and overrides.
public struct PolicyTest: Sendable, Codable, Hashable {
    /// Bounds of the score of one rule, in 0...1.
    public struct ScoreBounds: Sendable, Codable, Hashable {
        /// The rule.
        public var rule: String
        /// The least score that is right; nil asks for none.
        public var min: Double?
        /// The highest score that is right; nil asks for none.
        public var max: Double?
    }

    /// A line for people; nil where there is none.
    public var name: String?
    /// The user's text; for a test of a response, the turn before it (may be empty).
    public var prompt: String
    /// The chatbot's text; nil for a test of a prompt.
    public var response: String?
    /// The turns before it, oldest first.
    public var before: [Turn]
    /// What the policy is to decide.
    public var expect: Outcome
    /// The rule that is to decide; nil for any.
    public var rule: String?
    /// Which scores are right.
    public var scores: [ScoreBounds]
    /// Route of the scope.
    public var route: String
    /// Tenant of the scope.
    public var tenant: String
    /// Model of the scope.
    public var model: String
    /// Channel of the scope.
    public var channel: String
    /// Where the test stands.
    public var location: SourceLocation

    /// Where the text comes from and goes to.
    public var scope: Scope { Scope(route: route, tenant: tenant, model: model, channel: channel) }

    /// Which way the text travels.
    public var direction: Direction { response == nil ? .prompt : .response }
}

/// The tests of a policy that stand in files of their own.
public struct PolicyTestFiles: Sendable, Hashable {
    /// The tests, in order of files and of writing.
    public var tests: [PolicyTest]
    /// The problems, in order of place.
    public var diagnostics: [PolicyDiagnostic]

    /// Whether every file can be used.
    public var isValid: Bool { diagnostics.allSatisfy { $0.severity != .error } }
}

extension PolicyLoader {
    /// Reads a file or folder and the tests below it, and tells everything there is to say about them.
    ///
    /// Blocks while it reads. The report has no policy when a test file can't be used.
    public func checkWithTests(_ path: String) -> PolicyReport {
        var report = check(path)
        guard let policy = report.policy else { return report }
        let tests = tests(of: policy, at: path)
        report.diagnostics += tests.diagnostics
        if !tests.isValid { report.policy = nil }
        return report
    }

    /// The tests of a policy that stand in files of their own.
    ///
    /// Blocks while it reads.
    ///
    /// - Parameters:
    ///   - policy: the policy that they test.
    ///   - path: the policy's path; the `*.yaml` files of the folder `tests` below a folder are read.
    ///   - files: more test files, or folders of them.
    public func tests(of policy: PolicySet, at path: String, and files: [String] = []) -> PolicyTestFiles {
        let problems = ProblemList()
        let folder = PolicyFolder(problems: problems)
        let own = path.hasSuffix("/") ? path + "tests" : path + "/tests"
        let places = (folder.isFolder(own) ? [own] : []) + files
        let reader = PolicyTestFileReader(policy: policy, problems: problems)
        var tests: [PolicyTest] = []
        for (file, text) in places.flatMap(folder.texts) { tests += reader.read(text, file: file) }
        return PolicyTestFiles(tests: tests, diagnostics: problems.sorted)
    }
}
