internal import Moderation

extension PolicyTestReport.Result {
    private init(_ test: PolicyTestCase, status: PolicyTestReport.Status, reason: String? = nil) {
        self.init(
            rule: test.rule?.id,
            name: test.name,
            index: test.index,
            location: test.location,
            status: status,
            expected: test.expect,
            got: nil,
            deciders: [],
            scores: [:],
            thresholds: test.rule?.detection.thresholds,
            reason: reason,
            isCached: false,
            seconds: nil
        )
    }

    /// A test that can't run without a model.
    init(skipped test: PolicyTestCase) {
        let subject = test.rule == nil ? "the policy" : "the rule"
        self.init(test, status: .skipped, reason: "\(subject) asks the model and there is none")
    }

    /// A test whose judge could not answer.
    init(_ test: PolicyTestCase, error: String, seconds: Double) {
        self.init(test, status: .error, reason: error)
        self.seconds = seconds
    }

    /// Compares an answer with what a test expects.
    init(_ test: PolicyTestCase, answer: PolicyTestAnswer, isCached: Bool, seconds: Double? = nil) {
        self.init(test, status: .passed)
        got = answer.outcome
        deciders = answer.deciders
        scores = answer.scores
        self.isCached = isCached
        self.seconds = seconds
        reason = Self.mismatch(test, answer)
        if reason != nil { status = .failed }
    }

    /// What is not as expected; nil when all is.
    private static func mismatch(_ test: PolicyTestCase, _ answer: PolicyTestAnswer) -> String? {
        if answer.outcome != test.expect {
            return "expected \(test.expect.rawValue), got \(answer.outcome.rawValue)"
        }
        if let decider = test.decider, !answer.deciders.contains(decider) {
            let deciders = answer.deciders.isEmpty ? "no rule" : answer.deciders.joined(separator: ", ")
            return "expected \(decider) to decide, and \(deciders) did"
        }
        for bounds in test.scores {
            guard let score = answer.scores[bounds.rule] else {
                return "\(bounds.rule) has no score: it was not asked, or the screen answered for it"
            }
            if let least = bounds.min, score < least {
                return "expected a score of \(bounds.rule) from \(least.thousandths), got \(score.thousandths)"
            }
            if let most = bounds.max, score > most {
                return "expected a score of \(bounds.rule) up to \(most.thousandths), got \(score.thousandths)"
            }
        }
        return nil
    }

    /// What the test is, in words.
    var subject: String {
        if let rule { return "\(rule), test \(index + 1)" }
        return "policy test \(index + 1)" + (name.map { " '\($0)'" } ?? "")
    }

    /// The result on one line.
    ///
    /// Never shows the text of the test.
    public var text: String {
        let subject = (location.map { "\($0): " } ?? "") + subject
        switch status {
        case .passed: return "\(subject): passed\(measurement)"
        case .failed: return "\(subject): \(reason ?? "not as expected")\(measurement)"
        case .error: return "\(subject): could not run: \(reason ?? "unknown error")"
        case .skipped: return "\(subject): skipped: \(reason ?? "no model")"
        }
    }

    private var measurement: String {
        guard rule != nil else {
            let deciding = deciders.map { id in scores[id].map { "\(id) \($0.thousandths)" } ?? id }
            return deciding.isEmpty ? "" : " (decided by \(deciding.joined(separator: ", ")))"
        }
        guard let score else { return "" }
        var parts = ["score \(score.thousandths)"]
        if let flag = thresholds?.flag { parts.append("flag from \(flag.thousandths)") }
        if let block = thresholds?.block { parts.append("block from \(block.thousandths)") }
        return " (\(parts.joined(separator: ", ")))"
    }
}

extension Double {
    /// The number with three digits after the point.
    fileprivate var thousandths: String {
        let thousandths = Int((self * 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
