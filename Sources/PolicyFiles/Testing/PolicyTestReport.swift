public import Moderation

/// What a policy's own tests came to.
///
/// `Codable` for `--format json`.
public struct PolicyTestReport: Sendable, Codable, Hashable {
    /// How one test ended.
    public enum Status: String, Sendable, Codable, Hashable, CaseIterable {
        /// The rule answered as expected.
        case passed
        /// The rule answered something else.
        case failed
        /// The rule could not answer.
        case error
        /// The rule needs a model and there is none.
        case skipped
    }

    /// One test.
    public struct Result: Sendable, Codable, Hashable {
        /// The rule's id.
        public var rule: String
        /// Which of the rule's tests, from 0.
        public var index: Int
        /// Where the test stands.
        public var location: SourceLocation?
        /// How it ended.
        public var status: Status
        /// What the rule was to answer.
        public var expected: Outcome
        /// What it answered; nil when it could not.
        public var got: Outcome?
        /// The score, 0...1, of a rule with a principle.
        public var score: Double?
        /// The thresholds of a rule with a principle.
        public var thresholds: Thresholds?
        /// Why the rule could not answer.
        public var reason: String?
    }

    /// Name of the policy.
    public var policy: String
    /// Digest of its rules.
    public var revision: String
    /// Each test, in order of rules.
    public var results: [Result]

    /// How many tests ended so.
    public func count(_ status: Status) -> Int { results.count { $0.status == status } }

    /// Whether every test that could run passed, and none had to be left out.
    public var isSuccess: Bool { results.allSatisfy { $0.status == .passed } }

    /// Every test that did not pass, and a line that sums them up, ready to print.
    public var text: String {
        let lines = results.filter { $0.status == .failed || $0.status == .error }.map { $0.text + "\n" }
        var summary = "policy '\(policy)': \(count(.passed)) of \(counted(results.count, "test")) passed"
        for status in [Status.failed, .error, .skipped] where count(status) > 0 {
            let words = status == .error ? "could not run" : status == .skipped ? "skipped (no model)" : "failed"
            summary += ", \(count(status)) \(words)"
        }
        return lines.joined() + summary + "\n"
    }
}

extension PolicyTestReport.Result {
    /// The result on one line.
    ///
    /// Never shows the text of the test.
    public var text: String {
        let place = location.map { "\($0): " } ?? ""
        let subject = "\(place)\(rule), test \(index + 1)"
        switch status {
        case .passed: return "\(subject): passed\(measurement)"
        case .failed:
            return "\(subject): expected \(expected.rawValue), got \(got?.rawValue ?? "nothing")\(measurement)"
        case .error: return "\(subject): could not run: \(reason ?? "unknown error")"
        case .skipped: return "\(subject): skipped: \(reason ?? "no model")"
        }
    }

    private var measurement: String {
        guard let score else { return "" }
        var parts = ["score \(rounded(score))"]
        if let flag = thresholds?.flag { parts.append("flag from \(rounded(flag))") }
        if let block = thresholds?.block { parts.append("block from \(rounded(block))") }
        return " (\(parts.joined(separator: ", ")))"
    }

    private func rounded(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
