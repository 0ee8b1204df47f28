import Foundation
import Testing

/// Policies of a running gateway change without a restart.
@Suite("Reloading a policy", .enabled(if: Checkout.hasBinary, "needs the build"))
struct PolicyReloadTests {
    let folder: PolicyFolder

    init() throws { folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry")]) }

    @Test("a changed file is noticed, and so is a new one")
    func fileChange() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
        #expect(try await gateway.outcome(of: "a plum") == "allow")
        try folder.write("shop.yaml", PolicyFolder.words("plum"))
        try await gateway.wait { try await gateway.outcome(of: "a plum") == "block" }
        #expect(try await gateway.outcome(of: "a strawberry") == "allow")
        try folder.write("more.yaml", "version: 1\nrules:\n  - { id: more, terms: [fig], action: flag }\n")
        try await gateway.wait { try await gateway.outcome(of: "a fig") == "flag" }
        let records = try await gateway.auditRecords(["--limit", "1000"])
        let revisions = Set(records.compactMap { $0["policy_revision"] as? String })
        #expect(revisions.count == 3)
    }

    @Test("SIGHUP has the files read")
    func hangUp() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        gateway.signal(SIGHUP)
        try await gateway.wait {
            try await gateway.text(at: "metrics").contains("gatehouse_policy_reloads_total{result=\"unchanged\"} 1")
        }
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
    }

    @Test("a bad file changes nothing, and is shown by the command, the health page, a metric and the history")
    func badFile() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        let good = try folder.read("shop.yaml")
        try folder.write("shop.yaml", good + "    acton: flag\n")
        let reload = try await gateway.policy("reload")
        #expect(reload.status == 78)
        #expect(reload.errors.contains("shop.yaml:7:5: error[unknown-key]"), "\(reload.errors)")
        #expect(reload.output.contains("stays in force"), "\(reload.output)")
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
        let health = try await gateway.text(at: "health")
        #expect(health.contains("unknown-key at \(folder.path)/shop.yaml:7:5; the last good set stays in force"))
        #expect(try await gateway.text(at: "metrics").contains("gatehouse_policy_last_reload_successful 0"))
        #expect(try await gateway.policy("log").output.contains("rejected"))

        try folder.write("shop.yaml", good + "  # a comment\n")
        let again = try await gateway.policy("reload")
        #expect(again.status == 0 && again.output.contains("in force"), "\(again.output)")
        #expect(!(try await gateway.text(at: "health")).contains("policy_problem"))
    }

    @Test("policies that were in force are listed with their times, and each is printed with its files")
    func log() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        let first = try folder.read("shop.yaml")
        _ = try await gateway.outcome(of: "a strawberry")
        try folder.write("shop.yaml", "# new\n" + PolicyFolder.words("plum"))
        #expect(try await gateway.policy("reload").status == 0)
        let lines = try await gateway.policy("log").output.split(separator: "\n").map(String.init)
        #expect(lines.count == 2)
        #expect(lines[0].contains("in force") && lines[1].contains("by start, until"), "\(lines)")
        let revision = try #require(try await gateway.auditRecords().first?["policy_revision"] as? String)
        let policy = try await gateway.policy("log", String(revision.prefix(12)))
        #expect(policy.output.contains(revision) && policy.output.hasSuffix("# ---- shop.yaml\n" + first))
    }

    @Test("the control socket is its owner's only, goes with the gateway, and is not taken from a running one")
    func socket() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        let socket = gateway.folder + "/gatehouse.sock"
        let attributes = try FileManager.default.attributesOfItem(atPath: socket)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let second = try await gatehouse(
            "serve",
            "--port",
            "0",
            "--policies",
            folder.path,
            "--audit-file",
            gateway.auditFile
        )
        #expect(second.status == 78 && second.errors.contains("another gateway answers"), "\(second.errors)")
        #expect(try await gateway.policy("status").output.contains("shop, revision"))
        let absent = try await gatehouse("policy", "reload", "--control", gateway.folder + "/none.sock")
        #expect(absent.status == 1 && absent.errors.contains("no gateway answers on"), "\(absent.errors)")
    }

    @Test("a socket that a killed gateway left behind is replaced")
    func staleSocket() async throws {
        let place = try await GatehouseProcess.start(["--policies", folder.path])
        let socket = place.folder + "/left.sock"
        let killed = try await GatehouseProcess.start(["--policies", folder.path, "--control", socket])
        killed.signal(SIGKILL)
        try await place.wait {
            try await gatehouse("policy", "status", "--control", socket).status == 1
        }
        #expect(FileManager.default.fileExists(atPath: socket))
        let next = try await GatehouseProcess.start(["--policies", folder.path, "--control", socket])
        #expect(try await gatehouse("policy", "status", "--control", socket).status == 0)
        _ = next
    }
}
