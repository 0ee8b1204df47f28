import Foundation
import Testing

@Suite("Retention in the running gateway", .enabled(if: Checkout.hasBinary, "needs the build"))
struct AuditRetentionTests {
    let folder: PolicyFolder

    init() throws { folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry")]) }

    private func audit(_ records: OldRecords, _ arguments: String...) async throws -> String {
        let result = try await command(Checkout.binary, ["audit"] + arguments + ["--audit-file", records.path])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        return result.output
    }

    /// Runs a gateway until it has done something to the store that it had not done before.
    private func serve(_ records: OldRecords, until act: String, _ retention: String...) async throws {
        let gateway = try await GatehouseProcess.start(
            ["--policies", folder.path, "--audit-signing-key", records.folder + "/key.pem"] + retention,
            audit: records.folder
        )
        try await gateway.wait { try await audit(records, "acts").contains(act) }
        #expect(try await gateway.outcome(of: "a strawberry") == "block")
        gateway.stop()
    }

    @Test("what is too old or too much goes, the chain verifies, and the acts say so")
    func retention() async throws {
        let days = [(40.0, 0.2), (39, 0.8), (20, 0.2), (10, 0.2), (2, 0.9), (1, 0.2)]
        let records = try await OldRecords(in: try folder.sibling("store", [:]), days.map { ($0.0 * 24, $0.1) })
        try await serve(
            records,
            until: " erase 2 texts of 2 records (3 to 4), retention:allowed, by retention\n",
            "--audit-retention-texts-allowed",
            "5d",
            "--audit-retention-records",
            "30d"
        )
        let pruned = try await audit(records, "acts", "--kind", "prune", "--actor", "retention")
        #expect(
            pruned.contains(" prune 2 texts of 2 records (1 to 2), ") && pruned.hasSuffix(", by retention\n"),
            "\(pruned)"
        )
        let kept = try await audit(records, "list", "--format", "jsonl").split(separator: "\n")
        #expect(kept.count == 5 && kept.count { $0.contains("\"text\":\"good morning\"") } == 2)
        let report = try await audit(records, "verify", "--public-key", records.publicKey)
        #expect(report.hasPrefix("pruned       2 records were deleted before these\n"), "\(report)")
        #expect(report.contains("no fault"), "\(report)")

        try await serve(records, until: "prune", "--audit-retention-max-size", "1kB")
        let left = try await audit(records, "list", "--format", "jsonl").split(separator: "\n")
        #expect(left.count < 3, "\(left.count)")
        #expect(try await audit(records, "verify").contains("no fault"))
    }
}
