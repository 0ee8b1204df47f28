import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Comparing policies")
struct PolicyDiffTests {
    private func policy(_ rules: String, head: String = "", overrides: String = "") throws -> PolicySet {
        let text =
            "version: 1\npolicy: p\n\(head)rules:\n\(rules)\(overrides.isEmpty ? "" : "overrides:\n" + overrides)"
        let report = loader.check([("p.yaml", text)])
        return try #require(report.policy, "\(report.text)")
    }

    private static let principle =
        "  - { id: a, principle: Be kind., thresholds: { flag: 0.5, block: 0.7 }, applies_to: [prompt] }\n"
    private static let terms = "  - { id: a, terms: [x, y], action: flag }\n"
    private static let mail = "  - { id: a, pii: [email], action: redact, on_error: allow }\n"
    private static let two = "  - { id: a, terms: [x], action: flag }\n  - { id: b, terms: [y], action: flag }\n"

    /// A rule before and after, and what is said of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var before: String
        var after: String
        var lines: [String]

        init(_ before: String, _ old: String, _ new: String, _ lines: String...) {
            self.before = before
            after = before.replacing(old, with: new)
            self.lines = lines
        }

        var testDescription: String { lines.first ?? "" }
    }

    @Test(
        "each change of a rule is told in words, with the way it goes",
        arguments: [
            Case(principle, "block: 0.7", "block: 0.6", "stricter a: blocks from 0.7 → 0.6"),
            Case(principle, "flag: 0.5, ", "", "looser a: no longer flags"),
            Case(principle, "flag: 0.5", "flag: 0.55", "looser a: flags from 0.5 → 0.55"),
            Case(principle, "Be kind.", "Be polite.", "other a: principle reworded"),
            Case(principle, "[prompt]", "[prompt, response]", "stricter a: judges prompt → prompt, response"),
            Case(principle, "[prompt]", "[response]", "other a: judges prompt → response"),
            Case(principle, "[prompt]", "[prompt], mode: shadow", "looser a: mode enforce → shadow"),
            Case(principle, "[prompt]", "[prompt], on_error: allow", "looser a: on_error block → allow"),
            Case(principle, "[prompt]", "[prompt], reply: No.", "other a: reply added"),
            Case(terms, "[x, y]", "[y, z]", "looser a: term 'x' removed", "stricter a: term 'z' added"),
            Case(terms, "[x, y]", "[y, x]", "other a: terms in another order"),
            Case(terms, "action: flag", "action: block", "stricter a: action flag → block"),
            Case(terms, "terms: [x, y]", "patterns: [x, y]", "other a: looks for patterns instead of terms"),
            Case(
                terms,
                "terms: [x, y]",
                "language: de, terms: [x, y]",
                "looser a: term 'x (en)', 'y (en)' removed",
                "stricter a: term 'x (de)', 'y (de)' added"
            ),
            Case(mail, "[email]", "[email, phone]", "stricter a: kind 'phone' added"),
            Case(mail, "action: redact", "action: redact, redact_as: hash", "other a: redacts as mask → hash"),
            Case(mail, "on_error: allow", "on_error: block", "stricter a: on_error allow → block"),
            Case(two, "  - { id: b, terms: [y], action: flag }\n", "", "looser b: rule removed"),
            Case(two, "id: b", "id: c", "looser b: rule removed", "stricter c: rule added"),
            Case(
                "  - { id: a, examples: { positive: [x], negative: [y] }, thresholds: { block: 1 } }\n",
                "negative: [y]",
                "negative: [y, z]",
                "looser a: negative example 'z' added"
            ),
        ]
    )
    func rules(change: Case) throws {
        let diff = PolicyDiff(from: try policy(change.before), to: try policy(change.after))
        #expect(diff.differences.map { "\($0.effect) \($0.rule ?? "-"): \($0.text)" } == change.lines)
        #expect(!diff.isEqual)
        let back = PolicyDiff(from: try policy(change.after), to: try policy(change.before))
        let opposite: [PolicyDifference.Effect: PolicyDifference.Effect] = [.stricter: .looser, .looser: .stricter]
        #expect(
            Set(back.differences.map(\.effect)) == Set(diff.differences.map { opposite[$0.effect] ?? .other })
        )
    }

    @Test("limits")
    func limits() {
        func policy(_ limits: Limits) -> PolicySet {
            PolicySet(name: "p", revision: "", rules: [Rule(id: "a", detection: .limits(limits))])
        }
        let diff = PolicyDiff(
            from: policy(Limits(maxCharacters: 10, maxLinks: 1, languages: ["en", "de"])),
            to: policy(Limits(maxCharacters: 20, maxRepetition: 0.5, languages: ["en"]))
        )
        #expect(
            diff.differences.map { "\($0.effect) \($0.text)" } == [
                "looser max_characters 10 → 20", "looser max_links 1 → any", "stricter max_repetition any → 0.5",
                "stricter languages en, de → en",
            ]
        )
    }

    @Test("what a policy says as a whole")
    func head() throws {
        let before = try policy(Self.terms, head: "unscanned: flag\nscreen: { principle: Be good., bar: 0.2 }\n")
        let after = try policy(
            Self.terms,
            head: "unscanned: block\nreply: No.\nscreen: { principle: Be better., bar: 0.1 }\n"
        )
        #expect(
            PolicyDiff(from: before, to: after).text == """
                changed   reply reworded
                          - I can't help with that request.
                          + No.
                stricter  unscanned flag → block
                changed   screen reworded
                          - Be good.
                          + Be better.
                stricter  bar of the screen 0.2 → 0.1
                4 differences: 2 stricter, 0 looser, 2 other

                """
        )
    }

    @Test("overrides are compared scope by scope, against the rule where only one policy has them")
    func overrides() throws {
        let before = try policy(
            Self.two,
            overrides: "  - { when: { tenant: t }, rules: { a: { action: block }, b: { mode: shadow } } }\n"
        )
        let after = try policy(
            Self.two,
            overrides: """
                  - { when: { tenant: t }, rules: { a: { action: redact } } }
                  - { when: { route: [/v1/*, /v2/*], direction: response }, unscanned: block, rules: { b: { action: block } } }
                """
        )
        let diff = PolicyDiff(from: before, to: after)
        #expect(
            diff.text == """
                looser    tenant t: a: action block → redact
                stricter  tenant t: b: mode shadow → enforce
                changed   route /v1/* or /v2/*, responses: unscanned set to block
                stricter  route /v1/* or /v2/*, responses: b: action flag → block
                4 differences: 2 stricter, 1 looser, 1 other

                """
        )
    }

    @Test(
        "what is written otherwise and means the same is no difference",
        arguments: [
            // An override that always holds is the rule itself.
            ("  - { rules: { a: { action: block } } }\n", "action: flag", "action: block"),
            (
                "  - { rules: { a: { reply: Yes. } } }\n  - { rules: { a: { reply: No. } } }\n", "flag",
                "flag, reply: No."
            ),
            // One that never has the last word is none.
            (
                "  - { when: { tenant: t }, rules: { a: { mode: shadow } } }\n  - { rules: { a: { mode: enforce } } }\n",
                "flag", "flag"
            ),
        ]
    )
    func sameEffect(overrides: String, old: String, new: String) throws {
        let rule = "  - { id: a, terms: [x], action: flag }\n"
        let before = try policy(rule, overrides: overrides)
        let after = try policy(rule.replacing(old, with: new) + "# a comment\n")
        #expect(PolicyDiff(from: before, to: after).differences == [])
        #expect(before.revision != after.revision || old == new)
    }

    @Test("titles, tests, names and places are no difference")
    func noEffect() throws {
        let after = try policy(
            "\n\n  - { id: a, title: T, terms: [x, y], action: flag, tests: [{ text: x, expect: flag }] }\n"
        )
        let diff = PolicyDiff(from: try policy(Self.terms), to: after)
        #expect(diff.isEqual)
        #expect(diff.text == "no difference in effect\n")
    }

    @Test("an override that repeats the rule against another override is a difference when it goes")
    func repeated() throws {
        let general = "  - { when: { tenant: '*' }, rules: { a: { mode: shadow } } }\n"
        let special = "  - { when: { tenant: t }, rules: { a: { mode: enforce } } }\n"
        let rule = "  - { id: a, terms: [x], action: flag }\n"
        let before = try policy(rule, overrides: general + special)
        #expect(!PolicyDiff(from: before, to: try policy(rule, overrides: general)).isEqual)
        #expect(!PolicyDiff(from: before, to: try policy(rule, overrides: special + general)).isEqual)
    }

    @Test("rules in another order are a difference, since the first that blocks gives the reply")
    func order() throws {
        let swapped = Self.two.replacing("id: a", with: "id: c").replacing("id: b", with: "id: a").replacing(
            "id: c",
            with: "id: b"
        )
        .replacing("[x]", with: "[z]").replacing("[y]", with: "[x]").replacing("[z]", with: "[y]")
        let diff = PolicyDiff(from: try policy(Self.two), to: try policy(swapped))
        #expect(diff.differences.map(\.text) == ["the rules stand in another order"])
    }

    @Test("a comparison survives JSON")
    func json() throws {
        let diff = PolicyDiff(from: try policy(Self.terms), to: try policy(Self.mail))
        #expect(try JSONDecoder().decode(PolicyDiff.self, from: JSONEncoder().encode(diff)) == diff)
    }
}
