import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Loading policies")
struct PolicyLoaderTests {
    private func codes(_ report: PolicyReport) -> [PolicyDiagnosticCode] { report.diagnostics.map(\.code) }

    @Test("a file becomes the rules that it says")
    func values() throws {
        let policy = try loader.load(Places.fixtures.appending(path: "valid.yaml").path)
        #expect(policy.name == "everything")
        #expect(policy.reply == "No, thank you.")
        #expect(policy.screen == Screen(principle: "The message shall not be harmful.", bar: 0.05))
        #expect(policy.rules.map(\.id) == ["principled", "words", "numbers", "people", "keys"])
        let first = try #require(policy.rules.first)
        let thresholds = Thresholds(flag: 0.25, block: 1)
        let text = "The message shall not be about trains."
        #expect(first.detection == .principle(Principle(text: text, screened: true, thresholds: thresholds)))
        #expect(first.appliesTo == [.prompt])
        #expect(first.onError == .allow)
        #expect(first.reply == "Let us talk about boats.")
        #expect(first.title == "A rule with a principle")
        #expect(first.location?.line == 7)
        #expect(first.tests.map(\.expect) == [.allow])
        #expect(policy.rules.map(\.mode) == [.enforce, .enforce, .shadow, .enforce, .enforce])
        #expect(policy.rules[1].detection == .terms(["project nightingale"]))
        #expect(policy.rules[1].action == .flag)
        #expect(policy.rules[1].appliesTo == [.prompt, .response])
        #expect(policy.rules[1].onError == .block)
        #expect(policy.rules[2].detection == .patterns([#"MRN-\d{6}"#]))
        #expect(policy.rules[2].tests[0].response == "MRN-123456")
        #expect(policy.rules[3].detection == .pii([.email, .phone]))
        #expect(policy.rules[4].detection == .secrets([.jwt]))
    }

    @Test("the files of a folder are joined in order of name")
    func folder() throws {
        let folder = try TemporaryFolder([
            "b.yml": policyText(rule: "second", policy: ""), "a.yaml": policyText(rule: "first"),
            "notes.txt": "no yaml: [",
            ".hidden.yaml": "no yaml: [", "sub/c.yaml": "no yaml: [", "folder.yaml/x": "",
        ])
        let report = loader.check(folder.path)
        #expect(report.policy?.rules.map(\.id) == ["first", "second"])
        #expect(report.files == ["a.yaml", "b.yml"].map { folder.path + "/" + $0 })
        #expect(report.diagnostics.isEmpty)
    }

    @Test("an id that two files use cites both places")
    func duplicateAcrossFiles() throws {
        let folder = try TemporaryFolder(["a.yaml": policyText(rule: "same"), "b.yaml": policyText(rule: "same")])
        let report = loader.check(folder.path)
        #expect(codes(report) == [.duplicateRule])
        #expect(report.diagnostics.first?.location.file == folder.path + "/b.yaml")
        #expect(report.diagnostics.first?.notes.map(\.location.file) == [folder.path + "/a.yaml"])
    }

    @Test("files that name different policies are told apart")
    func conflictingNames() throws {
        let folder = try TemporaryFolder([
            "a.yaml": policyText(rule: "a"), "b.yaml": policyText(rule: "b", policy: "policy: q\n"),
        ])
        #expect(codes(loader.check(folder.path)) == [.conflictingFiles])
    }

    @Test("a screen in one file serves the rules of another")
    func screenAcrossFiles() throws {
        let rule =
            "{ id: b, principle: Be kind., screened: true, thresholds: { block: 1 }, tests: [{ text: x, expect: allow }] }"
        let folder = try TemporaryFolder([
            "a.yaml": policyText(rule: "a", policy: "policy: p\nscreen: { principle: Be good., bar: 0.1 }\n"),
            "b.yaml": "version: 1\nrules: [\(rule)]\n",
        ])
        #expect(loader.check(folder.path).policy?.screen?.bar == 0.1)
    }

    @Test("problems of all files are told at once, in order of place")
    func allProblems() throws {
        let folder = try TemporaryFolder([
            "a.yaml": "version: 1\npolicy: p\nrulse: []\n", "b.yaml": "version: [\n", "c.yaml": policyText(rule: "BAD"),
        ])
        let report = loader.check(folder.path)
        #expect(codes(report) == [.missingKey, .unknownKey, .syntax, .invalidID])
        #expect(report.policy == nil)
        #expect(throws: PolicyFileError(diagnostics: report.diagnostics)) { try loader.load(folder.path) }
    }

    @Test("a missing path, an empty folder and a pipe are errors")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        #expect(codes(loader.check(folder.path + "/none.yaml")) == [.unreadableFile])
        #expect(codes(loader.check(folder.path)) == [.emptyFolder])
        #expect(mkfifo(folder.path + "/pipe.yaml", 0o600) == 0)
        #expect(codes(loader.check(folder.path)) == [.unreadableFile])
    }

    @Test("a file that is not UTF-8 is an error at the first bad byte")
    func notUTF8() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.yaml", Data("version: 1\né: ".utf8) + Data([0xFF]) + Data("\n".utf8))
        let diagnostic = try #require(loader.check(folder.path).diagnostics.first)
        #expect(diagnostic.code == .notUTF8)
        #expect(diagnostic.location.line == 2)
        #expect(diagnostic.location.column == 4)
    }

    @Test("a byte order mark and Windows line ends do no harm")
    func windows() throws {
        let folder = try TemporaryFolder([
            "a.yaml": "\u{FEFF}" + policyText(rule: "a").replacing("\n", with: "\r\n")
        ])
        #expect(loader.check(folder.path).policy?.rules.count == 1)
    }

    @Test("a file over the limit is an error and is not parsed")
    func largeFile() throws {
        let folder = try TemporaryFolder(["a.yaml": String(repeating: "# x\n", count: 300_000)])
        #expect(codes(loader.check(folder.path)) == [.tooLarge])
    }

    @Test("more values, levels or aliases than a policy needs are an error")
    func bombs() {
        let wide = "version: 1\nrules: [" + String(repeating: "x, ", count: 60_000) + "]\n"
        #expect(codes(loader.check([("a.yaml", wide)])) == [.tooLarge])
        let deep = "version: 1\nrules: " + String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(codes(loader.check([("a.yaml", deep)])) == [.tooLarge])
        let deeper = "version: 1\nrules: " + String(repeating: "[", count: 20_000)
        #expect(codes(loader.check([("a.yaml", deeper)])) == [.syntax])
        let few =
            "version: 1\nx: &a [" + String(repeating: "1,", count: 300) + "]\ny: ["
            + String(repeating: "*a, ", count: 300) + "]\n"
        #expect(codes(loader.check([("a.yaml", few)])) == [.tooLarge])
        let stars = String(repeating: "# **bold** *x & &y\n", count: 10) + policyText(rule: "a")
        #expect(loader.check([("a.yaml", stars)]).isValid)
    }

    @Test("a YAML error does not repeat the document")
    func errorsWithoutContent() {
        let report = loader.check([("a.yaml", "version: 1\nsecret-one: 1\nrules:\n  - a: 1\n    a: 2\n  - {\n")])
        #expect(!report.text.contains("secret-one"))
        #expect(!report.isValid)
    }
}

@Suite("Revisions")
struct PolicyRevisionTests {
    private func revision(_ rule: String, head: String = "version: 1\npolicy: p\n") -> String? {
        loader.check([("a.yaml", "\(head)rules:\n  - \(rule)\n")]).policy?.revision
    }

    private let base = "{ id: a, principle: Be kind., thresholds: { flag: 0.5, block: 0.8 } }"

    @Test("a revision is a SHA-256 in lower-case hexadecimal")
    func form() throws {
        let digest = try #require(revision(base))
        #expect(digest.utf8.count == 64)
        #expect(digest.allSatisfy { "0123456789abcdef".contains($0) })
    }

    @Test(
        "formatting, order of keys, titles, tests and written-out defaults change nothing",
        arguments: [
            "{ thresholds: { block: 0.80, flag: 0.5 }, principle: 'Be kind.', id: a }",
            "{ id: a, title: T, principle: Be kind., thresholds: { flag: 0.5, block: 0.8 }, mode: enforce, on_error: block }",
            "{ id: a, principle: Be kind., thresholds: { flag: 5e-1, block: 0.8 }, applies_to: [response, prompt] }",
            "{ id: a, principle: Be kind., thresholds: { flag: 0.5, block: 0.8 }, tests: [{ text: x, expect: allow }] }",
            "id: a # a comment\n    thresholds:\n      flag: 0.5\n      block: 0.8\n    principle: >\n      Be\n      kind.",
        ]
    )
    func same(rule: String) {
        let other = revision(rule)
        #expect(other != nil)
        #expect(other == revision(base))
    }

    @Test(
        "everything that decides changes it",
        arguments: [
            "{ id: b, principle: Be kind., thresholds: { flag: 0.5, block: 0.8 } }",
            "{ id: a, principle: Be kind!, thresholds: { flag: 0.5, block: 0.8 } }",
            "{ id: a, principle: Be kind., thresholds: { flag: 0.5, block: 0.81 } }",
            "{ id: a, principle: Be kind., thresholds: { block: 0.8 } }",
            "{ id: a, principle: Be kind., thresholds: { flag: 0.5, block: 0.8 }, mode: shadow }",
            "{ id: a, principle: Be kind., thresholds: { flag: 0.5, block: 0.8 }, on_error: allow }",
            "{ id: a, principle: Be kind., thresholds: { flag: 0.5, block: 0.8 }, applies_to: [prompt] }",
            "{ id: a, principle: Be kind., thresholds: { flag: 0.5, block: 0.8 }, reply: No. }",
            "{ id: a, terms: [Be kind.], action: flag }",
        ]
    )
    func different(rule: String) {
        let other = revision(rule)
        #expect(other != nil)
        #expect(other != revision(base))
    }

    @Test("the policy's reply and screen count, its name doesn't")
    func head() {
        let same = revision(base)
        #expect(same != nil)
        #expect(revision(base, head: "policy: q\nversion: 1\n") == same)
        #expect(revision(base, head: "policy: p\nversion: 1\nreply: No.\n") != same)
        #expect(revision(base, head: "policy: p\nversion: 1\nscreen: { principle: Be good., bar: 0.1 }\n") != same)
    }
}
