import Detectors
import Foundation
import Moderation
import PolicyFiles
import Synchronization
import Testing

@Suite("Tests of whole policies")
struct PolicyTestFilesTests {
    private static let policy = """
        version: 1
        policy: p
        screen: { principle: Be good., bar: 0.5 }
        rules:
          - id: kind
            principle: Be kind.
            thresholds: { flag: 0.5, block: 0.8 }
            tests: [{ text: good, expect: allow, score: { max: 0.1 } }]
          - id: words
            terms: [x]
            applies_to: [prompt]
            action: redact
          - id: resting
            terms: [y]
            action: block
            mode: off
        overrides:
          - when: { tenant: kiosk }
            rules: { words: { action: block }, resting: { mode: enforce } }
        """

    /// Keeps answers in memory.
    private final class MemoryCache: PolicyTestCache {
        let answers = Mutex<[String: PolicyTestAnswer]>([:])

        func answer(for digest: String) -> PolicyTestAnswer? { answers.withLock { $0[digest] } }
        func keep(_ answer: PolicyTestAnswer, for digest: String) { answers.withLock { $0[digest] = answer } }
    }

    private func read(_ tests: String, policy: String = policy) throws -> (PolicySet, PolicyTestFiles) {
        let folder = try TemporaryFolder([
            "p/p.yaml": policy, "p/tests/a.yaml": tests, "p/tests/notes.txt": "no: [yaml",
        ])
        let set = try loader.load(folder.path + "/p")
        var files = loader.tests(of: set, at: folder.path + "/p")
        for index in files.diagnostics.indices { files.diagnostics[index].location.file = "a.yaml" }
        for index in files.tests.indices { files.tests[index].location.file = "a.yaml" }
        return (set, files)
    }

    private func report(_ tests: String, scores: [String: Double] = [:]) async throws -> PolicyTestReport {
        let (policy, files) = try read("version: 1\ntests:\n" + tests)
        #expect(files.isValid, "\(files.diagnostics.map(\.text))")
        let runner = PolicyTestRunner(detectors: BuiltInDetectors(), classifier: ScreenedClassifier(scores: scores))
        return try await runner.run(policy, tests: files.tests)
    }

    /// Gives each text the score that a table says, whether there is a screen or not.
    private struct ScreenedClassifier: Classifier {
        var scores: [String: Double] = [:]
        let identity = ClassifierIdentity(model: "table", modelDigest: "0", adapterDigest: nil, template: "table-1")

        func classify(_ request: ClassificationRequest) async throws -> Classification {
            let score = scores[request.text] ?? 0
            return Classification(
                scores: request.questions.map { _ in score },
                screenScore: request.screen == nil ? nil : score,
                textTokens: 1
            )
        }
    }

    @Test("a test sees the whole policy, with its overrides, and names the rule that decides")
    func outcomes() async throws {
        let report = try await report(
            """
              - { name: harmless, text: good, expect: allow }
              - { text: an x, expect: redact, rule: words }
              - { text: an x, expect: block, rule: words, scope: { tenant: kiosk } }
              - { response: an x, expect: allow }
              - { text: bad x, expect: block, rule: resting, scope: { tenant: kiosk } }
              - { text: bad x, expect: block, rule: kind, score: { rule: kind, min: 0.9 } }
              - { text: bad x, expect: block, score: [{ rule: kind, min: 0.95 }] }
              - { name: wrong, text: y, expect: block }
              - { text: y, expect: block, rule: resting, scope: { tenant: kiosk } }
            """,
            scores: ["bad x": 0.92]
        )
        let own = report.results.filter { $0.rule == nil }
        #expect(
            own.map(\.status) == [.passed, .passed, .passed, .passed, .failed, .passed, .failed, .failed, .passed]
        )
        #expect(own[0].name == "harmless" && own[0].deciders == [])
        #expect(own[1].deciders == ["words"])
        #expect(own[5].scores == ["kind": 0.92])
        #expect(own.map(\.index) == Array(0..<9))
        #expect(
            report.text == """
                a.yaml:7:5: policy test 5: expected resting to decide, and kind, words did (decided by kind 0.920, words)
                a.yaml:9:5: policy test 7: expected a score of kind from 0.950, got 0.920 (decided by kind 0.920)
                a.yaml:10:5: policy test 8 'wrong': expected block, got allow
                policy 'p': 7 of 10 tests passed, 3 failed

                """
        )
        #expect(report.untested == [])
    }

    @Test("rules without a test are told")
    func coverage() async throws {
        let report = try await report("  - { text: an x, expect: redact, rule: words }\n")
        #expect(report.untested == ["resting"])
        #expect(report.text.hasPrefix("no test is about: resting\n"))
    }

    @Test("earlier turns come before the text")
    func turns() async throws {
        let (policy, files) = try read(
            "version: 1\ntests: [{ before: [{ user: a }, { assistant: b }], text: c, expect: allow }]\n"
        )
        let asked = Mutex<[ClassificationRequest]>([])
        struct Recorder: Classifier {
            let identity = ClassifierIdentity(model: "m", modelDigest: "0", adapterDigest: nil, template: "t")
            let record: @Sendable (ClassificationRequest) -> Void

            func classify(_ request: ClassificationRequest) async throws -> Classification {
                record(request)
                return Classification(scores: request.questions.map { _ in 0 }, screenScore: 0, textTokens: 1)
            }
        }
        let recorder = Recorder { request in asked.withLock { $0.append(request) } }
        let runner = PolicyTestRunner(detectors: BuiltInDetectors(), classifier: recorder)
        _ = try await runner.run(policy, tests: files.tests, matching: "a.yaml")
        let request = try #require(asked.withLock { $0 }.first)
        #expect(request.context.map(\.text) == ["a", "b"] && request.text == "c")
        #expect(request.screen != nil)
    }

    @Test("only tests with the pattern in their name are run, and the coverage is that of all")
    func pattern() async throws {
        let (policy, files) = try read(
            "version: 1\ntests: [{ name: Kiosk, text: x, expect: redact }, { text: y, expect: allow }]\n"
        )
        let runner = PolicyTestRunner(detectors: BuiltInDetectors(), classifier: ScreenedClassifier())
        func count(_ pattern: String) async throws -> Int {
            let report = try await runner.run(policy, tests: files.tests, matching: pattern)
            #expect(report.untested == ["words", "resting"])
            return report.results.count
        }
        #expect(try await count("kiosk") == 1)
        #expect(try await count("a.yaml") == 2)
        #expect(try await count("kind 1") == 1)
        #expect(try await count("a*2") == 1)
        #expect(try await count("nothing") == 0)
    }

    @Test("what was answered is not asked again, and no model is loaded for it; what changed is")
    func cache() async throws {
        let cache = MemoryCache()
        let loads = Mutex(0)
        func run(_ policyText: String, _ tests: String) async throws -> PolicyTestReport {
            let (policy, files) = try read("version: 1\ntests:\n" + tests, policy: policyText)
            let runner = PolicyTestRunner(detectors: BuiltInDetectors(), cache: cache) {
                loads.withLock { $0 += 1 }
                return ScreenedClassifier(scores: ["bad": 0.9])
            }
            return try await runner.run(policy, tests: files.tests)
        }
        let tests = "  - { text: bad, expect: block }\n"
        let first = try await run(Self.policy, tests)
        #expect(first.results.map(\.isCached) == [false, false])
        let second = try await run(Self.policy, tests)
        #expect(second.results.map(\.isCached) == [true, true])
        #expect(second.results.map(\.status) == first.results.map(\.status))
        #expect(second.text.contains("(2 of them judged before)"))
        #expect(loads.withLock { $0 } == 1)
        // What is expected is no part of what was asked.
        let other = try await run(Self.policy, "  - { text: bad, expect: allow, scope: { tenant: default } }\n")
        #expect(other.results.map(\.isCached) == [true, true])
        #expect(other.results.map(\.status) == [.passed, .failed])
        // A change elsewhere leaves the test of a rule alone as it was.
        let changed = try await run(Self.policy.replacing("terms: [y]", with: "terms: [z]"), tests)
        #expect(changed.results.map(\.isCached) == [true, false])
        let polite = try await run(Self.policy + "\nreply: Not here, please.\n", tests)
        #expect(polite.results.map(\.isCached) == [true, false])
        let scoped = try await run(Self.policy, "  - { text: bad, expect: block, scope: { tenant: kiosk } }\n")
        #expect(scoped.results.map(\.isCached) == [true, false])
    }

    @Test("an error is not kept")
    func errors() async throws {
        let cache = MemoryCache()
        let (policy, _) = try read("version: 1\ntests: [{ text: x, expect: allow }]\n")
        let runner = PolicyTestRunner(detectors: BuiltInDetectors(), cache: cache) { TableClassifier(fails: true) }
        let report = try await runner.run(policy)
        #expect(report.results.map(\.status) == [.error])
        #expect(cache.answers.withLock { $0.isEmpty })
    }

    @Test("results as JUnit XML hold counts, places and reasons, and no text of a test")
    func junit() async throws {
        let report = try await report(
            """
              - { name: 'a <"b"> & c', text: secret words, expect: block }
              - { text: an x, expect: redact }
            """
        )
        let xml = report.junit
        #expect(xml.contains(#"<testsuites tests="3" failures="1" errors="0" skipped="0" time=""#))
        #expect(xml.contains(#"<testsuite name="kind" tests="1" failures="0""#))
        #expect(
            xml.contains(#"name="policy test 1 &apos;a"#)
                || xml.contains("policy test 1 'a &lt;&quot;b&quot;&gt; &amp; c'")
        )
        #expect(xml.contains(#"file="a.yaml" line="3""#))
        #expect(xml.contains(#"<failure message="expected block, got allow">"#))
        #expect(!xml.contains("secret words"))
        #expect(xml.components(separatedBy: "<testcase ").count == 4)
        let parser = XMLBalance(xml)
        #expect(parser.isBalanced)
    }

    /// Counts opening and closing tags.
    private struct XMLBalance {
        let isBalanced: Bool

        init(_ xml: String) {
            var open: [Substring] = []
            var isBalanced = true
            for tag in xml.split(separator: "<").map({ $0.prefix { $0 != ">" } }) where !tag.hasPrefix("?") {
                let name = tag.prefix { $0 != " " && $0 != "/" }
                if tag.hasPrefix("/") {
                    isBalanced = isBalanced && open.popLast() == tag.dropFirst()
                } else if !tag.hasSuffix("/") {
                    open.append(name)
                }
            }
            self.isBalanced = isBalanced && open.isEmpty
        }
    }

    @Test("every mistake in a test file is told at once, with its place")
    func mistakes() throws {
        let (_, files) = try read(
            """
            version: 1
            tests:
              - { text: x, expect: block, rule: wrods }
              - { text: x, expect: allow, rule: words }
              - { text: y, expect: block, rule: resting }
              - { response: x, expect: redact, rule: words }
              - { text: x, expect: block, rule: words }
              - { text: x, expect: allow, score: { rule: words, min: 0.5 } }
              - { text: x, expect: allow, score: [{ min: 0.5 }, { rule: kind }] }
              - { text: x, expect: allow, scope: { tenent: a } }
              - { expect: allow }
              - { text: x }
            tets: []
            """
        )
        #expect(!files.isValid)
        #expect(files.tests.isEmpty)
        #expect(
            files.diagnostics.map { "\($0.location.line) \($0.code.rawValue)" } == [
                "3 unknown-rule", "4 misplaced-key", "5 impossible-expectation", "6 wrong-direction",
                "7 impossible-expectation", "8 misplaced-key", "9 missing-key", "9 missing-key", "10 unknown-key",
                "11 missing-key", "12 missing-key", "13 unknown-key",
            ]
        )
        #expect(files.diagnostics.allSatisfy { $0.help != nil })
    }

    @Test("a check of policy and tests has no policy where a test can't be used")
    func checkWithTests() throws {
        let good = try TemporaryFolder([
            "p.yaml": Self.policy, "tests/a.yaml": "version: 1\ntests: [{ text: x, expect: redact }]\n",
        ])
        #expect(loader.checkWithTests(good.path).isValid)
        let bad = try TemporaryFolder(["p.yaml": Self.policy, "tests/a.yaml": "version: 1\ntests: [{ text: x }]\n"])
        let report = loader.checkWithTests(bad.path)
        #expect(!report.isValid)
        #expect(
            report.diagnostics.contains { $0.code == .missingKey && $0.location.file == bad.path + "/tests/a.yaml" }
        )
        #expect(loader.check(bad.path).isValid)
    }

    @Test("test files are named one by one too, and one that is missing is told")
    func named() throws {
        let folder = try TemporaryFolder([
            "p.yaml": Self.policy, "more.yaml": "version: 1\ntests: [{ text: x, expect: redact }]\n",
        ])
        let policy = try loader.load(folder.path + "/p.yaml")
        let path = folder.path + "/p.yaml"
        #expect(loader.tests(of: policy, at: path).tests.isEmpty)
        #expect(loader.tests(of: policy, at: path, and: [folder.path + "/more.yaml"]).tests.count == 1)
        let missing = loader.tests(of: policy, at: path, and: [folder.path + "/none.yaml"])
        #expect(missing.diagnostics.map(\.code) == [.unreadableFile] && !missing.isValid)
    }

    @Test("damage in a test file gives a diagnostic or a test")
    func damage() throws {
        let policy = try #require(loader.check([("p.yaml", Self.policy)]).policy)
        let text =
            "version: 1\ntests:\n  - { before: [{ user: a }], text: x, expect: redact, rule: words, scope: { tenant: t } }\n"
        let folder = try TemporaryFolder()
        var numbers = DamagedFilesTests.Numbers(state: 13)
        for _ in 0..<200 {
            var scalars = Array(text.unicodeScalars)
            scalars.remove(at: Int.random(in: 0..<scalars.count, using: &numbers))
            scalars.insert(
                DamagedFilesTests.pieces.randomElement(using: &numbers) ?? " ",
                at: Int.random(in: 0..<scalars.count, using: &numbers)
            )
            try folder.write("t.yaml", Data(String(String.UnicodeScalarView(scalars)).utf8))
            let files = loader.tests(of: policy, at: "none", and: [folder.path + "/t.yaml"])
            #expect(!files.isValid || !files.tests.isEmpty)
        }
    }
}
