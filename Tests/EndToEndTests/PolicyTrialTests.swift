import Foundation
import Testing

/// A policy is tried beside the one in force, compared, promoted and taken back.
@Suite("Trying a policy", .enabled(if: Checkout.hasBinary, "needs the build"))
struct PolicyTrialTests {
    let folder: PolicyFolder

    init() throws {
        folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry"), "notes.txt": "keep me"])
    }

    @Test("a tried policy changes nothing, and what it would have done is compared by rule, with examples")
    func compare() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        let none = try await gateway.policy("compare")
        #expect(none.status == 1 && none.errors.contains("policy try"), "\(none.errors)")
        let next = try folder.sibling("next", ["next.yaml": PolicyFolder.words("plum")])
        let trial = try await gateway.policy("try", next)
        #expect(trial.status == 0 && trial.output.contains("is tried beside"), "\(trial.errors)")
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
        #expect(try await gateway.outcome(of: "a plum") == "allow")
        #expect(try await gateway.outcome(of: "a nut") == "allow")
        let comparison = try await gateway.policy("compare", "--since", "1h")
        let text = comparison.output
        #expect(text.contains("3 records") && text.contains("newly blocked   1   33.33 %"), "\(text)")
        #expect(text.contains("words  (was allow)") && text.contains("prompt  a plum"), "\(text)")
        #expect(text.contains("newly allowed   1") && text.contains("no longer by words  (was block)"), "\(text)")
        let json = try await gateway.policy("compare", "--format", "json", "--limit", "0")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["records"] as? Int == 3)
        let record = try #require(try await gateway.auditRecords().first)
        #expect((record["candidate"] as? [String: Any])?["outcome"] as? String == "allow", "\(record)")
        #expect(try await gateway.text(at: "metrics").contains("gatehouse_policy_candidate 1"))

        let stop = try await gateway.policy("try", "--stop")
        #expect(stop.status == 0 && stop.output.contains("no longer tried"))
        #expect(try await gateway.outcome(of: "a plum") == "allow")
        #expect(try await gateway.auditRecords().first?["candidate"] == nil)
    }

    @Test("a bad policy is not tried, and the trial that was on goes on")
    func badCandidate() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        let next = try folder.sibling("next", ["next.yaml": PolicyFolder.words("plum")])
        #expect(try await gateway.policy("try", next).status == 0)
        let bad = try folder.sibling("bad", ["bad.yaml": "version: 1\npolicy: p\nrulse: []\n"])
        let result = try await gateway.policy("try", bad)
        #expect(result.status == 78 && result.errors.contains("bad.yaml:3:1: error[unknown-key]"), "\(result.errors)")
        #expect(try await gateway.policy("status").output.contains("/next"))
    }

    @Test("a trial goes on after a restart, unless its files were changed")
    func restart() async throws {
        let next = try folder.sibling("next", ["next.yaml": PolicyFolder.words("plum")])
        let audit = try folder.sibling("audit", [:])
        let first = try await GatehouseProcess.start(["--policies", folder.path], audit: audit)
        #expect(try await first.policy("try", next).status == 0)
        first.stop()

        let second = try await GatehouseProcess.start(["--policies", folder.path], audit: audit)
        #expect(try await second.policy("status").output.contains("/next"))
        #expect(try await second.outcome(of: "a plum") == "allow")
        let record = try #require(try await second.auditRecords().first)
        #expect((record["candidate"] as? [String: Any])?["outcome"] as? String == "block")
        second.stop()

        _ = try folder.sibling("next", ["next.yaml": PolicyFolder.words("pear")])
        let third = try await GatehouseProcess.start(["--policies", folder.path], audit: audit)
        let status = try await third.policy("status").output
        #expect(!status.contains("/next"), "\(status)")
        #expect(try await third.policy("log").output.contains("candidate_ended"))
    }

    @Test("a promotion puts the tried files in the place of those in force, and a rollback puts the old ones back")
    func promoteAndRollBack() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        let before = try folder.read("shop.yaml")
        let text = PolicyFolder.words("plum") + "# kept as it is\n"
        #expect(try await gateway.policy("try", try folder.sibling("next", ["next.yaml": text])).status == 0)
        let promote = try await gateway.policy("promote")
        #expect(promote.status == 0 && promote.output.contains("is in force in place of"), "\(promote.errors)")
        #expect(try await gateway.outcome(of: "a plum") == "block")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["next.yaml", "notes.txt"]
        )
        #expect(try folder.read("next.yaml") == text)
        #expect(try folder.read("notes.txt") == "keep me")
        let again = try await gateway.policy("promote")
        #expect(again.status == 1 && again.output.contains("no policy is being tried"), "\(again.output)")

        let rollback = try await gateway.policy("rollback")
        #expect(rollback.status == 0, "\(rollback.output)")
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["notes.txt", "shop.yaml"]
        )
        #expect(try folder.read("shop.yaml") == before)
        let parent = (folder.path as NSString).deletingLastPathComponent
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent).sorted() == ["live", "next"])
        let log = try await gateway.policy("log").output
        for event in ["candidate ", "promoted", "candidate_ended", "rolled_back"] {
            #expect(log.contains(event), "\(log)")
        }
    }

    @Test("a policy of one file is promoted in its place")
    func oneFile() async throws {
        let path = folder.path + "/shop.yaml"
        let gateway = try await GatehouseProcess.start(["--policies", path])
        let next = try folder.sibling("next", ["other.yaml": PolicyFolder.words("plum")])
        #expect(try await gateway.policy("try", next + "/other.yaml").status == 0)
        let promote = try await gateway.policy("promote")
        #expect(promote.status == 0, "\(promote.output)\(promote.errors)")
        #expect(try folder.read("shop.yaml") == PolicyFolder.words("plum"))
        #expect(try await gateway.policy("rollback").status == 0)
        #expect(try folder.read("shop.yaml") == PolicyFolder.words("strawberry"))
    }

    @Test("what would be other rules in its new place is not promoted, nor what was changed since it is tried")
    func refused() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        let base = "version: 1\npolicy: base\nrules:\n  - { id: base, terms: [fig], action: flag }\n"
        _ = try folder.sibling("far", ["base.yaml": base])
        let own = "rules:\n  - { id: own, terms: [kiwi], action: flag }\n"
        let next = try folder.sibling(
            "far/next",
            ["next.yaml": "version: 1\npolicy: shop\nextends: ../base.yaml\n\(own)"]
        )
        let trial = try await gateway.policy("try", next)
        #expect(trial.status == 0, "\(trial.errors)")
        let away = try await gateway.policy("promote")
        #expect(away.status != 0 && away.output.contains("in its new place"), "\(away.output)")
        #expect(try folder.read("shop.yaml") == PolicyFolder.words("strawberry"))

        let other = try folder.sibling("other", ["a.yaml": PolicyFolder.words("plum")])
        #expect(try await gateway.policy("try", other).status == 0)
        _ = try folder.sibling("other", ["a.yaml": PolicyFolder.words("pear")])
        let changed = try await gateway.policy("promote")
        #expect(changed.status == 1 && changed.output.contains("were changed"), "\(changed.output)")
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
    }
}
