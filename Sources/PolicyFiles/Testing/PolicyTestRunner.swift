public import Moderation

/// Runs the tests that rules carry.
///
/// Each rule is measured alone: in force even where it is in shadow or off, and without the screen, which would answer for it.
public struct PolicyTestRunner: Sendable {
    private let detectors: any DetectorBuilder
    private let classifier: (any Classifier)?
    private let reader: any TextReader

    /// Creates a runner.
    ///
    /// - Parameters:
    ///   - detectors: what makes the detectors of the rules.
    ///   - classifier: gives principles their scores; with nil, the tests of principle rules are skipped.
    ///   - reader: undoes tricks of writing, as the gateway does.
    public init(
        detectors: any DetectorBuilder,
        classifier: (any Classifier)?,
        reader: any TextReader = PlainReader()
    ) {
        self.detectors = detectors
        self.classifier = classifier
        self.reader = reader
    }

    /// Runs every test of every rule, one after the other.
    ///
    /// - Parameters:
    ///   - policy: the rules.
    ///   - progress: called after each test with its result, how many are done, and how many there are.
    /// - Throws: `CancellationError` when the task was cancelled; `DetectionError` when a rule's detection can't work, which
    ///   a loaded policy excludes.
    public func run(
        _ policy: PolicySet,
        progress: (@Sendable (_ result: PolicyTestReport.Result, _ done: Int, _ total: Int) -> Void)? = nil
    ) async throws -> PolicyTestReport {
        let total = policy.rules.reduce(0) { $0 + $1.tests.count }
        var report = PolicyTestReport(policy: policy.name, revision: policy.revision, results: [])
        for rule in policy.rules where !rule.tests.isEmpty {
            let moderator = try moderator(for: rule, of: policy)
            for (index, test) in rule.tests.enumerated() {
                try Task.checkCancellation()
                let result = try await run(test, index: index, rule: rule, moderator: moderator)
                report.results.append(result)
                progress?(result, report.results.count, total)
            }
        }
        return report
    }

    private func moderator(for rule: Rule, of policy: PolicySet) throws(DetectionError) -> Moderator {
        var rule = rule
        rule.mode = .enforce
        let alone = PolicySet(name: policy.name, revision: policy.revision, rules: [rule], reply: policy.reply)
        return try Moderator(policy: alone, detectors: detectors, classifier: classifier, reader: reader)
    }

    private func run(
        _ test: RuleTest,
        index: Int,
        rule: Rule,
        moderator: Moderator
    ) async throws -> PolicyTestReport.Result {
        var result = PolicyTestReport.Result(
            rule: rule.id,
            index: index,
            location: test.location,
            status: .skipped,
            expected: test.expect
        )
        if rule.detection.needsModel, classifier == nil {
            result.reason = "the rule asks the model and there is none"
            return result
        }
        let verdict = try await moderator.judge(subject(of: test)).verdicts.first
        result.score = verdict?.score
        result.thresholds = verdict?.thresholds
        if let error = verdict?.error {
            result.status = .error
            result.reason = error
        } else {
            result.got = verdict?.outcome ?? .allow
            result.status = result.got == test.expect ? .passed : .failed
        }
        return result
    }

    private func subject(of test: RuleTest) -> Subject {
        func turn(_ role: Role, _ text: String, _ pointer: String) -> Turn {
            Turn(role: role, parts: [Part(kind: .text, text: text, pointer: pointer)])
        }
        let prompt = test.prompt.isEmpty ? [] : [turn(.user, test.prompt, "/prompt")]
        guard let response = test.response else { return Subject(prompt: Conversation(turns: prompt)) }
        return Subject(response: turn(.assistant, response, "/response"), to: Conversation(turns: prompt))
    }
}
