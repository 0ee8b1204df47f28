public import Moderation

/// What the tests of a policy came to.
///
/// `Codable` for `--format json`.
public struct PolicyTestReport: Sendable, Codable, Hashable {
    /// How one test ended.
    public enum Status: String, Sendable, Codable, Hashable, CaseIterable {
        /// The answer was as expected.
        case passed
        /// It was another.
        case failed
        /// There was no answer.
        case error
        /// The model is needed and there is none.
        case skipped
    }

    /// One test.
    public struct Result: Sendable, Codable, Hashable {
        /// The id of the rule that was tested alone; nil for a test of the whole policy.
        public var rule: String?
        /// The test's own name; nil where it has none.
        public var name: String?
        /// Which of the rule's or the file's tests, from 0.
        public var index: Int
        /// Where the test stands.
        public var location: SourceLocation?
        /// How it ended.
        public var status: Status
        /// What was to be decided.
        public var expected: Outcome
        /// What was decided; nil when there was no answer.
        public var got: Outcome?
        /// The rules that decided it.
        public var deciders: [String]
        /// The scores, 0...1, by rule id.
        public var scores: [String: Double]
        /// The thresholds of a rule that was tested alone.
        public var thresholds: Thresholds?
        /// Why it failed, or why there was no answer.
        public var reason: String?
        /// Whether the answer is one that the same judge gave before.
        public var isCached: Bool
        /// How long judging took; nil for a kept answer.
        public var seconds: Double?

        /// The score, 0...1, of a rule that was tested alone.
        public var score: Double? { rule.flatMap { scores[$0] } }
    }

    /// Name of the policy.
    public var policy: String
    /// Digest of its rules.
    public var revision: String
    /// Each test: those of rules in policy order, then those of files.
    public var results: [Result]
    /// Rules that no test is about.
    public var untested: [String]

    /// How many tests ended so.
    public func count(_ status: Status) -> Int { results.count { $0.status == status } }

    /// Whether every test that could run passed, and none had to be left out.
    public var isSuccess: Bool { results.allSatisfy { $0.status == .passed } }

    /// Every test that did not pass, rules without a test, and a line that sums them up, ready to print.
    public var text: String {
        var lines = results.filter { $0.status == .failed || $0.status == .error }.map { $0.text + "\n" }
        if !untested.isEmpty { lines.append("no test is about: \(untested.joined(separator: ", "))\n") }
        var summary = "policy '\(policy)': \(count(.passed)) of \(counted(results.count, "test")) passed"
        for status in [Status.failed, .error, .skipped] where count(status) > 0 {
            let words = status == .error ? "could not run" : status == .skipped ? "skipped (no model)" : "failed"
            summary += ", \(count(status)) \(words)"
        }
        let cached = results.count(where: \.isCached)
        if cached > 0 { summary += " (\(cached) of them judged before)" }
        return lines.joined() + summary + "\n"
    }
}
