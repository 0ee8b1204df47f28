internal import Foundation
public import Moderation

/// Runs the tests of a policy: those that its rules carry, and those of the whole policy.
///
/// The test of a rule measures it alone: in force even where it is in shadow or off, and without the screen, which would
/// answer for it. A test of the policy measures what a request would meet.
public struct PolicyTestRunner: Sendable {
    /// Called after each test with its result, how many are done, and how many there are.
    public typealias Progress = @Sendable (_ result: PolicyTestReport.Result, _ done: Int, _ total: Int) -> Void

    /// How many tests are judged at once; the model takes their questions together.
    private static let width = 8

    private let detectors: any DetectorBuilder
    private let reader: any TextReader
    private let cache: (any PolicyTestCache)?
    private let classifier: @Sendable () async throws -> (any Classifier)?

    /// Creates a runner.
    ///
    /// - Parameters:
    ///   - detectors: what makes the detectors of the rules.
    ///   - classifier: gives principles their scores; with nil, tests that need it are skipped.
    ///   - reader: undoes tricks of writing, as the gateway does.
    public init(
        detectors: any DetectorBuilder,
        classifier: (any Classifier)?,
        reader: any TextReader = PlainReader()
    ) {
        self.init(detectors: detectors, reader: reader, cache: nil) { classifier }
    }

    /// Creates a runner that asks the judge only what it has not answered before.
    ///
    /// - Parameters:
    ///   - detectors: what makes the detectors of the rules.
    ///   - reader: undoes tricks of writing, as the gateway does.
    ///   - cache: keeps answers; nil asks the judge every time.
    ///   - classifier: loads what gives principles their scores; called once, and only when a test needs it.
    public init(
        detectors: any DetectorBuilder,
        reader: any TextReader = PlainReader(),
        cache: (any PolicyTestCache)?,
        classifier: @escaping @Sendable () async throws -> (any Classifier)?
    ) {
        self.detectors = detectors
        self.reader = reader
        self.cache = cache
        self.classifier = classifier
    }

    /// Runs tests.
    ///
    /// - Parameters:
    ///   - policy: the rules, with the tests that they carry.
    ///   - tests: tests of the whole policy.
    ///   - pattern: runs only tests whose name has it: the rule's id and the test's number, or the file, the number and the
    ///     test's own name; `*` stands for any characters.
    ///   - progress: called after each test, in no particular order.
    /// - Throws: `CancellationError` when the task was cancelled; `DetectionError` when a rule's detection can't work, which
    ///   a loaded policy excludes; what loading the classifier throws.
    public func run(
        _ policy: PolicySet,
        tests: [PolicyTest] = [],
        matching pattern: String? = nil,
        progress: Progress? = nil
    ) async throws -> PolicyTestReport {
        let all = cases(of: policy, tests)
        let cases = all.filter { test in pattern.map { Self.matches(test.label, $0) } ?? true }
        let covered = Set(
            all.compactMap(\.rule?.id) + all.flatMap { [$0.decider].compactMap(\.self) + $0.scores.map(\.rule) }
        )
        var report = PolicyTestReport(
            policy: policy.name,
            revision: policy.revision,
            results: [],
            untested: policy.rules.map(\.id).filter { !covered.contains($0) }
        )
        report.results = try await results(of: cases, progress)
        return report
    }

    private func cases(of policy: PolicySet, _ tests: [PolicyTest]) -> [PolicyTestCase] {
        var cases: [PolicyTestCase] = []
        for rule in policy.rules {
            for (index, test) in rule.tests.enumerated() {
                cases.append(PolicyTestCase(test, index: index, of: rule, in: policy))
            }
        }
        var counts: [String: Int] = [:]
        for test in tests {
            cases.append(PolicyTestCase(test, index: counts[test.location.file, default: 0], in: policy))
            counts[test.location.file, default: 0] += 1
        }
        return cases
    }

    /// Whether a name has a pattern in it.
    private static func matches(_ name: String, _ pattern: String) -> Bool {
        ScopePattern(routes: ["*\(pattern.lowercased())*"]).matches(Scope(route: name.lowercased()), .prompt)
    }

    private func results(of cases: [PolicyTestCase], _ progress: Progress?) async throws -> [PolicyTestReport.Result] {
        var results = [PolicyTestReport.Result?](repeating: nil, count: cases.count)
        var done = 0
        func finish(_ index: Int, _ result: PolicyTestReport.Result) {
            results[index] = result
            done += 1
            progress?(result, done, cases.count)
        }
        var open: [Int] = []
        for (index, test) in cases.enumerated() {
            if let answer = cache?.answer(for: test.digest) {
                finish(index, PolicyTestReport.Result(test, answer: answer, isCached: true))
            } else {
                open.append(index)
            }
        }
        guard !open.isEmpty else { return results.compactMap(\.self) }
        let classifier = open.contains { cases[$0].needsModel } ? try await classifier() : nil
        let moderators = try moderators(for: open.map { cases[$0] }, classifier)
        try await withThrowingTaskGroup(of: (Int, PolicyTestReport.Result).self) { group in
            var waiting = open[...]
            func start() {
                guard let index = waiting.popFirst() else { return }
                let test = cases[index]
                let moderator = moderators[test.policy.revision]
                group.addTask { (index, try await run(test, moderator)) }
            }
            for _ in 0..<Self.width { start() }
            while let (index, result) = try await group.next() {
                finish(index, result)
                start()
            }
        }
        return results.compactMap(\.self)
    }

    /// What judges the tests, by revision; without a model, nothing that needs one.
    private func moderators(
        for cases: [PolicyTestCase],
        _ classifier: (any Classifier)?
    ) throws(DetectionError) -> [String: Moderator] {
        var moderators: [String: Moderator] = [:]
        for test in cases where moderators[test.policy.revision] == nil && (classifier != nil || !test.needsModel) {
            moderators[test.policy.revision] = try Moderator(
                policy: test.policy,
                detectors: detectors,
                classifier: classifier,
                reader: reader
            )
        }
        return moderators
    }

    private func run(_ test: PolicyTestCase, _ moderator: Moderator?) async throws -> PolicyTestReport.Result {
        guard let moderator else { return PolicyTestReport.Result(skipped: test) }
        let start = ContinuousClock.now
        let judgement = try await moderator.judge(test.subject, in: test.scope)
        let seconds = start.duration(to: .now) / .seconds(1)
        if let error = judgement.verdicts.lazy.compactMap(\.error).first {
            return PolicyTestReport.Result(test, error: error, seconds: seconds)
        }
        let answer = PolicyTestAnswer(judgement)
        cache?.keep(answer, for: test.digest)
        return PolicyTestReport.Result(test, answer: answer, isCached: false, seconds: seconds)
    }
}
