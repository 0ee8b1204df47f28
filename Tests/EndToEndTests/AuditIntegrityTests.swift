import Foundation
import FoundationNetworking
import Testing

@Suite("gatehouse audit, for those who have to trust it", .enabled(if: Checkout.hasBinary, "needs the build"))
struct AuditIntegrityTests {
    let folder: PolicyFolder

    init() throws { folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry")]) }

    private func audit(_ gateway: GatehouseProcess, _ arguments: String...) async throws -> CommandResult {
        try await audit(gateway.auditFile, arguments)
    }

    private func audit(_ file: String, _ arguments: [String]) async throws -> CommandResult {
        try await command(Checkout.binary, ["audit"] + arguments + ["--audit-file", file])
    }

    @Test("a signed store is found as it was written; put back to an older state it is not")
    func verify() async throws {
        let key = try folder.sibling("keys", [:]) + "/key.pem"
        let made = try await gatehouse("audit", "key", key)
        #expect(made.status == 0 && made.output.count == 45, "\(made.errors)")
        #expect(try await gatehouse("audit", "key", key).output == made.output)
        let gateway = try await GatehouseProcess.start([
            "--policies", folder.path, "--audit-signing-key", key, "--audit-checkpoint-every", "1",
        ])
        #expect(try await gateway.outcome(of: "a plum") == "allow")
        let older = gateway.folder + "/older.sqlite"
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: gateway.auditFile + suffix, toPath: older + suffix)
        }
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
        let line = try await audit(gateway, "checkpoint", "--audit-signing-key", key)
        #expect(line.output.hasPrefix("gatehouse-checkpoint-1 store="), "\(line.errors)")
        let publicKey = made.output.trimmingCharacters(in: .newlines)
        let arguments = ["verify", "--public-key", publicKey, "--checkpoint", line.output]

        let sound = try await audit(gateway.auditFile, arguments + ["--format", "json"])
        #expect(sound.status == 0, "\(sound.output)\(sound.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(sound.output.utf8)) as? [String: Any])
        #expect(report["fault"] == nil && report["records"] as? Int == 2 && report["unsealed"] as? Int == 0)
        #expect(report["checkpoints"] as? Int == 2)
        let cut = try await audit(older, arguments)
        #expect(cut.status == 1 && cut.output.contains("record 2 is missing at the end"), "\(cut.output)\(cut.errors)")
        let blind = try await audit(older, ["verify"])
        #expect(blind.status == 0 && blind.output.contains("no fault"))
    }

    @Test("a gateway that can't write its store says that it isn't ready, until it can")
    func readiness() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        func status() async throws -> Int? {
            let (_, response) = try await URLSession.shared.data(from: gateway.base.appending(path: "health"))
            return (response as? HTTPURLResponse)?.statusCode
        }
        #expect(try await status() == 200)
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: Checkout.python)
        let hold = """
            import sqlite3, sys
            connection = sqlite3.connect(sys.argv[1], isolation_level=None)
            connection.execute("BEGIN IMMEDIATE")
            print("held", flush=True)
            sys.stdin.read()
            """
        holder.arguments = ["-c", hold, gateway.auditFile]
        let (input, output) = (Pipe(), Pipe())
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        try await gateway.wait { try await status() == 503 }
        try input.fileHandleForWriting.close()
        holder.waitUntilExit()
        try await gateway.wait { try await status() == 200 }
    }

    @Test("a checkpoint without a key says how to make one")
    func keyless() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        let result = try await audit(gateway, "checkpoint")
        #expect(result.status == 1 && result.errors.contains("gatehouse audit key FILE"), "\(result.errors)")
    }

    @Test("a text is erased while the gateway runs, and the store says who did it")
    func erase() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        for text in ["a plum", "a strawberry"] { _ = try await gateway.outcome(of: text) }
        let request = try #require(try await gateway.auditRecords().first?["request_id"] as? String)
        let trial = try await audit(gateway, "erase", "--subject", "request:\(request)", "--dry-run")
        #expect(trial.output == "would erase 1 texts in 1 records of request:\(request)\n", "\(trial.errors)")
        let erased = try await audit(gateway, "erase", "--subject", "request:\(request)", "--by", "anna")
        #expect(erased.status == 0 && erased.output == "erased 1 texts in 1 records of request:\(request)\n")
        #expect(try await gateway.auditRecords(["--text", "strawberry"]).isEmpty)
        #expect(try await gateway.auditRecords(["--text", "plum"]).count == 1)
        let acts = try await audit(gateway, "acts")
        #expect(
            acts.output.hasSuffix(" erase 1 texts of 1 records (2 to 2), request:\(request), by anna\n"),
            "\(acts.output)"
        )
        #expect(try await audit(gateway, "verify").status == 0)
        let nobody = try await audit(gateway, "erase", "--subject", "anna")
        #expect(nobody.status == 1 && nobody.errors.contains("tenant:NAME"), "\(nobody.errors)")
    }

    @Test("old records are deleted to a checkpoint, and what is left verifies")
    func prune() async throws {
        let key = try folder.sibling("keys", [:]) + "/key.pem"
        _ = try await gatehouse("audit", "key", key)
        let gateway = try await GatehouseProcess.start([
            "--policies", folder.path, "--audit-signing-key", key, "--audit-checkpoint-every", "2",
        ])
        for text in ["a plum", "a strawberry", "a fig"] { _ = try await gateway.outcome(of: text) }
        let tomorrow = Date(timeIntervalSinceNow: 86_400).formatted(.iso8601)
        let trial = try await audit(gateway, "prune", "--before", tomorrow, "--dry-run")
        #expect(trial.output == "would delete 2 records\n", "\(trial.errors)")
        let pruned = try await audit(gateway, "prune", "--before", tomorrow, "--audit-signing-key", key)
        #expect(pruned.status == 0 && pruned.output == "deleted 2 records, to record 2\n", "\(pruned.errors)")
        #expect(try await gateway.auditRecords().count == 1)
        let report = try await audit(gateway, "verify")
        #expect(report.status == 0 && report.output.hasPrefix("pruned       2 records were deleted before these\n"))
        let nothing = try await audit(gateway, "prune", "--before", "1d")
        #expect(nothing.status == 0 && nothing.output.hasPrefix("deleted 0 records: "), "\(nothing.errors)")
    }

    @Test("texts are encrypted, read with the key, encrypted anew and let go of by age")
    func encryption() async throws {
        let (old, new) = ("T" + String(repeating: "A", count: 42) + "=", "U" + String(repeating: "A", count: 42) + "=")
        let keys = try folder.sibling("keys", ["digest.key": old, "old.keys": old, "both.keys": "\(old)\n\(new)"])
        for name in ["digest.key", "old.keys", "both.keys"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keys + "/" + name)
        }
        let gateway = try await GatehouseProcess.start([
            "--policies", folder.path, "--audit-digest-key", keys + "/digest.key", "--audit-encryption-key",
            keys + "/old.keys",
        ])
        _ = try await gateway.outcome(of: "a strawberry")
        let locked = try await audit(gateway, "search", "strawberry")
        #expect(locked.status == 1 && locked.errors.contains("audit.encryption_key"), "\(locked.errors)")
        let open = ["--audit-encryption-key", keys + "/both.keys"]
        let found = try await audit(gateway.auditFile, ["search", "strawberry"] + open)
        #expect(found.status == 0 && found.output.contains("a strawberry"), "\(found.errors)")
        let rekeyed = try await audit(gateway.auditFile, ["rekey", "--by", "anna"] + open)
        #expect(rekeyed.status == 0 && rekeyed.output.hasPrefix("encrypted 1 texts in 1 records"), "\(rekeyed.errors)")
        #expect(try await audit(gateway.auditFile, ["verify"] + open).output.contains("no fault"))
        let unchecked = try await audit(gateway, "verify")
        #expect(unchecked.status == 0 && unchecked.output.contains("not checked  1 texts"), "\(unchecked.errors)")
        let unset = try await audit(gateway, "prune", "--by-policy")
        #expect(unset.status == 1 && unset.errors.contains("'audit.retention' is missing"), "\(unset.errors)")
    }
}
