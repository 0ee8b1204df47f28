import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Explaining policies")
struct PolicyExplanationTests {
    private let base = """
        version: 1
        policy: base
        unscanned: block
        rules:
          - id: polite
            principle: The message shall not be rude, disrespectful, profane or hurtful.
            thresholds: { flag: 0.4, block: 0.6 }
            tests: [{ text: x, expect: allow }]
          - id: mail
            pii: [email]
            applies_to: [response]
            action: flag
            tests: [{ response: x, expect: allow }]
        overrides:
          - when: { tenant: kiosk }
            reply: At the desk.
            rules:
              polite: { thresholds: { block: 0.5 }, mode: shadow }
        """
    private let own = """
        version: 1
        policy: own
        extends: base.yaml
        disable: [mail]
        overrides:
          - when: { tenant: kiosk, direction: prompt }
            rules:
              polite: { mode: enforce }
        """

    private func explain(_ scope: Scope, _ direction: Direction, rules: [String] = []) throws -> PolicyExplanation {
        let folder = try TemporaryFolder(["base.yaml": base, "own.yaml": own])
        let report = loader.check(folder.path + "/own.yaml")
        let policy = try #require(report.policy, "\(report.text)")
        let explanation = PolicyExplanation(
            policy,
            places: report.places,
            scope: scope,
            direction: direction,
            rules: rules
        )
        let effective = policy.effective(in: scope, direction)
        for (rule, explained) in zip(
            effective.rules.filter { rules.isEmpty || rules.contains($0.id) },
            explanation.rules
        ) {
            #expect(explained.id == rule.id)
            #expect(explained.values.first { $0.key == "mode" }?.steps.last?.value == rule.mode.rawValue)
        }
        // The folder has another name each time.
        let data = try JSONEncoder().encode(explanation)
        let text = String(decoding: data, as: UTF8.self).replacing(
            folder.path.replacing("/", with: "\\/") + "\\/",
            with: ""
        )
        return try JSONDecoder().decode(PolicyExplanation.self, from: Data(text.utf8))
    }

    @Test("each value is shown with its place and what it stands instead of")
    func text() throws {
        var explanation = try explain(Scope(route: "/v1/chat/completions", tenant: "kiosk"), .prompt)
        explanation.revision = "0123456789abcdef"
        #expect(
            explanation.text == """
                policy 'own', revision 0123456789ab
                prompts: route /v1/chat/completions, tenant kiosk
                overrides that fit, in this order: base.yaml:15:5, own.yaml:4:11, own.yaml:6:5

                reply      At the desk.  (base.yaml:16:5)
                           instead of I can't help with that request.  (default)
                unscanned  block  (base.yaml:3:1)

                polite  (base.yaml:5:5)
                  principle   The message shall not be rude, disrespectful, profane or hurtful.  (base.yaml:6:16)
                  flag        0.4  (base.yaml:7:25)
                  block       0.5  (base.yaml:18:38)
                              instead of 0.6  (base.yaml:7:37)
                  applies_to  prompt, response  (default)
                  mode        enforce  (own.yaml:8:23)
                              instead of shadow  (base.yaml:18:51)
                              instead of enforce  (default)
                  on_error    block  (default)

                mail  (base.yaml:9:5)  does not judge these texts
                  pii         email  (base.yaml:10:10)
                  action      flag  (base.yaml:12:13)
                  applies_to  response  (base.yaml:11:17)
                  mode        off  (own.yaml:4:11)
                              instead of enforce  (default)
                  on_error    block  (default)

                """
        )
    }

    @Test("another direction and tenant have other overrides")
    func otherScopes() throws {
        let response = try explain(Scope(tenant: "kiosk"), .response, rules: ["polite"])
        #expect(response.rules.map(\.id) == ["polite"])
        #expect(response.rules[0].values.first { $0.key == "mode" }?.steps.map(\.value) == ["enforce", "shadow"])
        let other = try explain(Scope(), .prompt, rules: ["polite"])
        #expect(other.rules[0].values.first { $0.key == "block" }?.steps.map(\.value) == ["0.6"])
        #expect(other.overrides.map(\.description) == ["own.yaml:4:11"])
    }
}
