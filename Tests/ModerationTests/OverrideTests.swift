import Moderation
import Testing

@Suite("Overrides")
struct OverrideTests {
    static let base = PolicySet(
        name: "test",
        revision: "r1",
        rules: [Rule(id: "tea", detection: .terms(["tea"]), action: .flag), principleRule("p", "bad")],
        overrides: [
            Override(scope: ScopePattern(tenants: ["acme*"]), changes: ["tea": change { $0.action = .block }]),
            Override(
                scope: ScopePattern(routes: ["/v1/*"], directions: [.response]),
                changes: ["tea": change { $0.mode = .off }, "p": change { $0.block = 0.95 }],
                reply: "not here"
            ),
        ]
    )

    static func change(_ make: (inout RuleChange) -> Void) -> RuleChange {
        var change = RuleChange()
        make(&change)
        return change
    }

    @Test(
        "a pattern's star stands for any characters",
        arguments: [
            ("acme*", "acme", true), ("acme*", "acme-eu", true), ("acme*", "the-acme", false), ("*eu", "acme-eu", true),
            ("a*b*c", "aXXbYYbc", true), ("a*b*c", "acb", false), ("*", "", true), ("", "x", false), ("a", "A", false),
        ]
    )
    func patterns(pattern: String, tenant: String, isMatch: Bool) {
        #expect(ScopePattern(tenants: [pattern]).matches(Scope(tenant: tenant), .prompt) == isMatch)
    }

    @Test("every kind of pattern that is there must match")
    func everyKind() {
        let pattern = ScopePattern(
            routes: ["/a", "/b"],
            models: ["gpt-*"],
            channels: ["slack/*"],
            directions: [.prompt]
        )
        let scope = Scope(route: "/b", model: "gpt-5", channel: "slack/T1/C1")
        #expect(pattern.matches(scope, .prompt))
        #expect(!pattern.matches(scope, .response))
        #expect(!pattern.matches(Scope(route: "/c", model: "gpt-5", channel: "slack/T1"), .prompt))
        #expect(!pattern.matches(Scope(route: "/a", model: "gpt-5"), .prompt))
    }

    @Test("overrides that match are made in order; the others leave no trace")
    func order() {
        let elsewhere = Self.base.effective(in: Scope(route: "/x", tenant: "other"), .response)
        #expect(elsewhere.rules == Self.base.rules)
        let acme = Self.base.effective(in: Scope(route: "/v1/chat", tenant: "acme"), .response)
        #expect(acme.rules[0].action == .block)
        #expect(acme.rules[0].mode == .off)
        #expect(acme.rules[1].detection.thresholds == Thresholds(flag: 0.3, block: 0.95))
        #expect(acme.reply == "not here")
        #expect(acme.overrides.isEmpty)
    }

    @Test("a text is judged by the rules of its scope and direction")
    func judging() async throws {
        let moderator = try Moderator(policy: Self.base, detectors: FakeDetectors(), classifier: FakeClassifier())
        func outcome(_ scope: Scope, _ direction: Direction) async throws -> Outcome {
            let turns = [Turn(direction == .prompt ? .user : .assistant, "bad tea")]
            return try await moderator.judge(Subject(direction: direction, turns: turns), in: scope).outcome
        }
        #expect(try await outcome(Scope(), .prompt) == .block)
        #expect(try await outcome(Scope(route: "/v1/chat", tenant: "acme"), .response) == .flag)
        #expect(try await outcome(Scope(route: "/v1/chat"), .response) == .flag)
    }

    @Test("a rule that only an override puts in force has its detector")
    func putInForce() async throws {
        var policy = Self.base
        policy.rules = [Rule(id: "tea", detection: .terms(["tea"]), mode: .off)]
        policy.overrides = [
            Override(scope: ScopePattern(tenants: ["t"]), changes: ["tea": Self.change { $0.mode = .enforce }])
        ]
        let moderator = try Moderator(policy: policy, detectors: FakeDetectors(), classifier: nil)
        let subject = Subject(direction: .prompt, turns: [Turn(.user, "tea")])
        #expect(try await moderator.judge(subject, in: Scope(tenant: "t")).outcome == .block)
        #expect(try await moderator.judge(subject).outcome == .allow)
    }
}
