import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Policies that extend others")
struct ExtendedPolicyTests {
    private func rule(_ id: String, _ keys: String = "terms: [x], action: flag") -> String {
        "  - { id: \(id), \(keys), tests: [{ text: x, expect: flag }] }\n"
    }

    private func codes(_ report: PolicyReport) -> [PolicyDiagnosticCode] { report.diagnostics.map(\.code) }

    @Test("rules of extended files come first, those of a file that two extend once")
    func order() throws {
        let folder = try TemporaryFolder([
            "own/a.yaml": "version: 1\npolicy: p\nextends: [../left.yaml, ../right.yaml]\nrules:\n" + rule("own"),
            "left.yaml": "version: 1\npolicy: l\nextends: base\nrules:\n" + rule("left"),
            "right.yaml": "version: 1\npolicy: r\nextends: ./base/../base\nrules:\n" + rule("right"),
            "base/one.yaml": "version: 1\npolicy: b\nrules:\n" + rule("one"),
            "base/two.yaml": "version: 1\nrules:\n" + rule("two"),
        ])
        let report = loader.check(folder.path + "/own")
        #expect(report.policy?.rules.map(\.id) == ["one", "two", "left", "right", "own"])
        #expect(report.policy?.name == "p")
        #expect(report.diagnostics.isEmpty, "\(report.text)")
        #expect(report.sources.map(\.path) == report.files)
        #expect(
            report.files
                == ["own/a.yaml", "left.yaml", "base/one.yaml", "base/two.yaml", "right.yaml"].map {
                    folder.path + "/" + $0
                }
        )
    }

    @Test("a policy takes what it says nothing of from those that it extends, the last of them first")
    func heads() throws {
        let folder = try TemporaryFolder([
            "a.yaml": "version: 1\npolicy: a\nextends: [b.yaml, c.yaml]\nunscanned: allow\n",
            "b.yaml": "version: 1\npolicy: b\nreply: B.\nscreen: { principle: Be good., bar: 0.1 }\nrules:\n"
                + rule("b"),
            "c.yaml": "version: 1\npolicy: c\nreply: C.\nunscanned: block\nrules:\n" + rule("c"),
        ])
        let policy = try loader.load(folder.path + "/a.yaml")
        #expect(policy.reply == "C.")
        #expect(policy.unscanned == .allow)
        #expect(policy.screen == Screen(principle: "Be good.", bar: 0.1))
    }

    @Test(
        "overrides are made in order of files: extended ones first, and what is disabled stays so until turned on again"
    )
    func precedence() throws {
        let folder = try TemporaryFolder([
            "own/a.yaml": """
            version: 1
            policy: p
            extends: ../base.yaml
            disable: [x]
            overrides:
              - when: { tenant: second }
                rules: { x: { mode: shadow } }
              - rules: { y: { action: redact, reply: A. } }
            """,
            "own/b.yaml": "version: 1\noverrides:\n  - rules: { y: { reply: B. } }\n",
            "base.yaml": """
            version: 1
            policy: base
            rules:
            \(rule("x"))\(rule("y"))
            overrides:
              - when: { tenant: [first, second] }
                rules: { x: { mode: enforce, action: block }, y: { action: block } }
            """,
        ])
        let policy = try loader.load(folder.path + "/own")
        func rules(_ tenant: String) -> [Rule] { policy.effective(in: Scope(tenant: tenant), .prompt).rules }
        #expect(policy.rules.map(\.mode) == [.enforce, .enforce])
        #expect(rules("third").map(\.mode) == [.off, .enforce])
        #expect(rules("first").map(\.mode) == [.off, .enforce])
        #expect(rules("second").map(\.mode) == [.shadow, .enforce])
        #expect(rules("first").map(\.action) == [.block, .redact])
        #expect(rules("third").map(\.reply) == [nil, "B."])
    }

    @Test("each key of an override arrives where it belongs")
    func keys() throws {
        let text = """
            version: 1
            policy: p
            rules:
              - id: polite
                principle: The message shall not be rude, disrespectful, profane or hurtful.
                thresholds: { flag: 0.4, block: 0.6 }
                tests: [{ text: x, expect: allow }]
              - id: mail
                pii: [email]
                action: flag
                tests: [{ text: x, expect: allow }]
            overrides:
              - when: { route: /v1/*, tenant: [a, b], model: gpt-*, channel: slack/*, direction: response }
                disable: [mail]
                reply: No.
                unscanned: block
                rules:
                  polite:
                    mode: shadow
                    thresholds: { block: 0.5 }
                    applies_to: [response]
                    on_error: allow
                    reply: Be kind.
              - rules: { mail: { action: redact, redact_as: hash } }
            """
        let report = loader.check([("p.yaml", text)])
        let overrides = try #require(report.policy?.overrides)
        #expect(overrides.count == 2)
        let scope = ScopePattern(
            routes: ["/v1/*"],
            tenants: ["a", "b"],
            models: ["gpt-*"],
            channels: ["slack/*"],
            directions: [.response]
        )
        #expect(overrides[0].scope == scope)
        #expect(overrides[0].reply == "No.")
        #expect(overrides[0].unscanned == .block)
        #expect(overrides[0].changes["mail"]?.mode == .off)
        let polite = try #require(overrides[0].changes["polite"])
        #expect(polite.mode == .shadow && polite.flag == nil && polite.block == 0.5)
        #expect(polite.appliesTo == [.response] && polite.onError == .allow && polite.reply == "Be kind.")
        #expect(polite.location == SourceLocation(file: "p.yaml", line: 18, column: 7))
        #expect(overrides[1].scope == ScopePattern())
        #expect(overrides[1].changes["mail"]?.action == .redact && overrides[1].changes["mail"]?.redactAs == .hash)
    }

    @Test("an override that disables a rule may say something else of it")
    func disabledWithReply() throws {
        let text =
            "version: 1\npolicy: p\nrules:\n\(rule("a"))overrides: [{ disable: [a], rules: { a: { reply: No. } } }]\n"
        let change = try #require(loader.check([("p.yaml", text)]).policy?.overrides.first?.changes["a"])
        #expect(change.mode == .off && change.reply == "No.")
    }

    @Test("an override of one policy can't reach the rules of a policy beside it")
    func siblings() throws {
        let folder = try TemporaryFolder([
            "a.yaml": "version: 1\npolicy: a\nextends: [b.yaml, c.yaml]\n",
            "b.yaml": "version: 1\npolicy: b\nrules:\n" + rule("b"),
            "c.yaml": "version: 1\npolicy: c\nrules:\n\(rule("c"))overrides: [{ disable: [b] }]\n",
        ])
        #expect(codes(loader.check(folder.path + "/a.yaml")) == [.unknownRule])
    }

    @Test("a locked policy may be made stricter, and locks what it makes of those it extends")
    func locked() throws {
        let base = "version: 1\npolicy: base\nrules:\n" + rule("x")
        let middle =
            "version: 1\npolicy: m\nextends: base.yaml\nlocked: true\noverrides: [{ rules: { x: { action: redact } } }]\n"
        func codes(_ action: String) throws -> [PolicyDiagnosticCode] {
            let top =
                "version: 1\npolicy: t\nextends: middle.yaml\noverrides: [{ rules: { x: { action: \(action) } } }]\n"
            let files = ["base.yaml": base, "middle.yaml": middle, "top.yaml": top]
            let folder = try TemporaryFolder(files)
            return self.codes(loader.check(folder.path + "/top.yaml"))
        }
        #expect(try codes("block").isEmpty)
        #expect(try codes("redact").isEmpty)
        #expect(try codes("flag") == [.loosensLockedRule])
    }

    @Test("a locked policy can't loosen its own rules for some tenants")
    func ownOverrides() {
        let text =
            "version: 1\npolicy: p\nlocked: true\nrules:\n\(rule("a"))overrides: [{ when: { tenant: t }, disable: [a] }]\n"
        #expect(codes(loader.check([("p.yaml", text)])) == [.loosensLockedRule])
    }

    @Test("a policy may be extended through a link, and a link to itself is a cycle")
    func links() throws {
        let folder = try TemporaryFolder(["a.yaml": "version: 1\npolicy: p\nextends: link.yaml\n"])
        let link = folder.url.appending(path: "link.yaml")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: folder.url.appending(path: "a.yaml"))
        #expect(codes(loader.check(folder.path + "/a.yaml")) == [.extendsCycle])
    }

    @Test("a long chain of files ends at the limit")
    func chain() throws {
        var files: [String: String] = [:]
        for index in 0..<220 {
            files["\(index).yaml"] = "version: 1\npolicy: p\nextends: \(index + 1).yaml\nrules:\n" + rule("r\(index)")
        }
        let folder = try TemporaryFolder(files)
        let report = loader.check(folder.path + "/0.yaml")
        #expect(codes(report) == [.tooLarge])
    }
}
