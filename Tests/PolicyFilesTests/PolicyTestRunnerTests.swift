import Detectors
import Foundation
import Moderation
import PolicyFiles
import Synchronization
import Testing

@Suite("Running the tests of a policy")
struct PolicyTestRunnerTests {
    private func policy(_ rules: String) throws -> PolicySet {
        let head = "version: 1\npolicy: p\nscreen: { principle: Be good., bar: 0.5 }\nrules:\n"
        return try #require(loader.check([("p.yaml", head + rules)]).policy)
    }

    private let rules = """
          - id: kind
            principle: Be kind.
            screened: true
            thresholds: { flag: 0.5, block: 0.8 }
            tests:
              - { text: good, expect: allow }
              - { text: so-so, expect: flag }
              - { text: bad, expect: block }
              - { prompt: so-so, response: good, expect: flag }
          - id: words
            terms: [x]
            action: redact
            mode: off
            tests:
              - { text: an x, expect: redact }
              - { response: ex, expect: redact }
        """

    @Test("each rule is measured alone, without the screen, in force even when it is off")
    func results() async throws {
        let classifier = TableClassifier(scores: ["so-so": 0.6, "bad": 0.9])
        let calls = Mutex<[String]>([])
        let runner = PolicyTestRunner(detectors: BuiltInDetectors(), classifier: classifier)
        let report = try await runner.run(try policy(rules)) { result, done, total in
            calls.withLock { $0.append("\(result.rule ?? "") \(done)/\(total)") }
        }
        #expect(report.results.map(\.status) == [.passed, .passed, .passed, .failed, .passed, .failed])
        #expect(report.results.map(\.got) == [.allow, .flag, .block, .allow, .redact, .allow])
        #expect(report.results.map(\.score) == [0, 0.6, 0.9, 0, nil, nil])
        #expect(report.results.map(\.index) == [0, 1, 2, 3, 0, 1])
        #expect(report.untested == [])
        #expect(report.results[3].location == SourceLocation(file: "p.yaml", line: 13, column: 9))
        #expect(Set(calls.withLock { $0 }.map { $0.suffix(3) }) == ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"])
        #expect(!report.isSuccess)
        #expect(
            report.text == """
                p.yaml:13:9: kind, test 4: expected flag, got allow (score 0.000, flag from 0.500, block from 0.800)
                p.yaml:20:9: words, test 2: expected redact, got allow
                policy 'p': 4 of 6 tests passed, 2 failed

                """
        )
    }

    @Test("without a model, tests of principles are skipped and that is no success")
    func noModel() async throws {
        let report = try await PolicyTestRunner(detectors: BuiltInDetectors(), classifier: nil).run(try policy(rules))
        #expect(report.results.map(\.status) == [.skipped, .skipped, .skipped, .skipped, .passed, .failed])
        #expect(report.text.hasSuffix("policy 'p': 1 of 6 tests passed, 1 failed, 4 skipped (no model)\n"))
        #expect(!report.isSuccess)
    }

    @Test("a model that fails is an error, not an answer")
    func failingModel() async throws {
        let runner = PolicyTestRunner(detectors: BuiltInDetectors(), classifier: TableClassifier(fails: true))
        let report = try await runner.run(try policy(rules))
        #expect(report.results.prefix(4).allSatisfy { $0.status == .error && $0.got == nil })
        #expect(report.results[0].reason == "classifier failed: the model is asleep")
    }

    @Test("reports survive JSON")
    func json() async throws {
        let report = try await PolicyTestRunner(detectors: BuiltInDetectors(), classifier: nil).run(try policy(rules))
        let decoded = try JSONDecoder().decode(PolicyTestReport.self, from: JSONEncoder().encode(report))
        #expect(decoded == report)
    }
}
