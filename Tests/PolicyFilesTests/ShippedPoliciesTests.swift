import Detectors
import Foundation
import Moderation
import PolicyFiles
import Testing

@Suite("Shipped policies")
struct ShippedPoliciesTests {
    static let packs = [
        "banking", "children", "coding-assistant", "customer-support", "general-assistant", "medical-chatbot",
    ]
    static let names = ["default"] + packs.map { "packs/" + $0 }

    @Test("the policies that ship are the ones tested here")
    func folders() throws {
        func folders(_ url: URL) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: url.path).filter { !$0.contains(".") }.sorted()
        }
        #expect(try folders(Places.policies) == ["default", "packs"])
        #expect(try folders(Places.policies.appending(path: "packs")) == Self.packs)
    }

    @Test("a shipped policy loads without a warning, and bears its folder's name", arguments: names)
    func loads(name: String) {
        let report = loader.check(Places.policies.appending(path: name).path)
        #expect(report.policy?.name == String(name.split(separator: "/").last ?? ""))
        #expect(report.diagnostics.isEmpty, "\(report.text)")
    }

    @Test(
        "a pack builds on the default policy, and says at its head whom it is for and what it doesn't do",
        arguments: packs
    )
    func head(name: String) throws {
        let policy = try loader.load(Places.policies.appending(path: "packs/" + name).path)
        let base = try loader.load(Places.policies.appending(path: "default").path)
        #expect(Array(policy.rules.prefix(base.rules.count)).map(\.id) == base.rules.map(\.id))
        #expect(policy.rules.count >= base.rules.count + 3)
        let file = Places.policies.appending(path: "packs/\(name)/\(name).yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let head = text.split(separator: "\n").prefix { $0.hasPrefix("#") }.joined(separator: "\n")
        #expect(head.contains("\n# For ") && head.contains("What it does not do"))
    }

    @Test("each rule of a shipped policy has four to eight tests, most of them to be let pass", arguments: names)
    func tests(name: String) throws {
        let policy = try loader.load(Places.policies.appending(path: name).path)
        for rule in policy.rules {
            #expect((4...8).contains(rule.tests.count), "\(rule.id)")
            #expect(
                rule.tests.contains { $0.expect == .allow } && rule.tests.contains { $0.expect != .allow },
                "\(rule.id)"
            )
        }
    }

    @Test("the tests of rules that need no model pass", arguments: names)
    func testsPass(name: String) async throws {
        let policy = try loader.load(Places.policies.appending(path: name).path)
        let report = try await PolicyTestRunner(detectors: BuiltInDetectors(), classifier: nil).run(policy)
        #expect(report.count(.failed) + report.count(.error) == 0, "\(report.text)")
        #expect(report.count(.passed) > 0)
    }

    @Test("screened rules ask in the words that the model was trained on")
    func wording() throws {
        let card = Places.repository.appending(path: "fixtures/models/shield-270m/README.md")
        let text = try String(contentsOf: card, encoding: .utf8)
        let trained = Set(
            text.split(separator: "\n").compactMap { line in
                line.firstRange(of: "`: ").map { String(line[$0.upperBound...]) }
            }
        )
        for name in Self.names {
            let policy = try loader.load(Places.policies.appending(path: name).path)
            #expect(trained.contains(try #require(policy.screen).principle))
            for rule in policy.rules {
                guard case .principle(let principle) = rule.detection else { continue }
                if principle.screened || rule.id == "prompt-injection" {
                    #expect(trained.contains(principle.text), "\(rule.id)")
                }
            }
        }
    }

    @Test("the example in the format's description is a valid policy")
    func example() throws {
        let text = try String(contentsOf: Places.policies.appending(path: "README.md"), encoding: .utf8)
        let start = try #require(text.firstRange(of: "```yaml\n"))
        let rest = text[start.upperBound...]
        let end = try #require(rest.firstRange(of: "```\n"))
        let report = loader.check([("README.md", String(rest[..<end.lowerBound]))])
        #expect(report.isValid && report.diagnostics.isEmpty, "\(report.text)")
    }
}
