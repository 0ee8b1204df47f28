import Foundation
import FoundationNetworking
import Testing

@Suite("gatehouse audit, for those who take records elsewhere", .enabled(if: Checkout.hasBinary, "needs the build"))
struct AuditExportTests {
    let folder: PolicyFolder

    init() throws { folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry")]) }

    private func audit(_ gateway: GatehouseProcess, _ arguments: String...) async throws -> CommandResult {
        try await command(Checkout.binary, ["audit"] + arguments + ["--audit-file", gateway.auditFile])
    }

    private func lines(_ path: String) throws -> [[String: Any]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test("a query is saved and asked again, and what it finds is exported and checked")
    func export() async throws {
        let gateway = try await GatehouseProcess.start(["--policies", folder.path])
        for text in ["a plum", "a strawberry", "a pear", "strawberry jam"] { _ = try await gateway.outcome(of: text) }
        let saved = try await audit(gateway, "list", "--outcome", "block", "--since", "24h", "--save", "blocks")
        #expect(saved.status == 0, "\(saved.errors)")
        let again = try await audit(gateway, "list", "--outcome", "flag", "--save", "blocks")
        #expect(again.status == 1 && again.errors.contains("saved a query under it"), "\(again.errors)")
        let queries = try await audit(gateway, "queries", "list")
        #expect(queries.output.hasPrefix("@blocks  --since 24h --outcome block  ("), "\(queries.output)")
        #expect(try await gateway.auditRecords(["@blocks"]).count == 2)
        #expect(try await gateway.auditRecords(["@blocks", "--text", "jam"]).count == 1)
        #expect(try await gateway.auditRecords(["@blocks", "--outcome", "allow"]).count == 2)
        let stats = try await audit(gateway, "stats", "@blocks", "--format", "json")
        #expect(stats.output.contains("\"total\":2}\n"), "\(stats.output)\(stats.errors)")
        let unknown = try await audit(gateway, "top", "@blokcs")
        #expect(unknown.status == 1 && unknown.errors.contains("expected one of blocks"), "\(unknown.errors)")
        #expect(try await audit(gateway, "list", "blocks").status == 64)

        let target = gateway.folder + "/out"
        let export = try await audit(gateway, "export", target, "@blocks", "--part-records", "1", "--content")
        #expect(export.status == 0 && export.output == "2 records in 2 parts\n", "\(export.output)\(export.errors)")
        #expect(try lines(target + "/part-000002.jsonl").count == 1)
        let check = try await audit(gateway, "export", "--check", target)
        #expect(check.status == 0 && check.output.contains("no fault"), "\(check.output)\(check.errors)")
        #expect(try await audit(gateway, "export", "--resume", target).output == "2 records in 2 parts\n")
        #expect(try await audit(gateway, "export", "--resume", target, "--outcome", "flag").status == 64)
        #expect(try await audit(gateway, "export", target).errors.contains("is not empty"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: target + "/part-000001.jsonl"))
        let changed = try await audit(gateway, "export", "--check", target)
        #expect(changed.status == 1 && changed.output.contains("part-000001.jsonl has 1 bytes"), "\(changed.output)")
        let file = try await audit(gateway, "export", gateway.folder + "/all.csv")
        #expect(file.output.hasPrefix("4 records, SHA-256 "), "\(file.errors)")

        #expect(try await audit(gateway, "queries", "delete", "blocks").status == 0)
        #expect(try await audit(gateway, "queries", "list").output == "no saved queries\n")
    }

    @Test("a sink has every decision, with those of before a restart once, and says how many in the metrics")
    func sink() async throws {
        let place = try folder.sibling("sink", [:])
        let settings = place + "/gatehouse.yaml"
        let file = place + "/decisions.jsonl"
        try Data("audit:\n  sinks:\n    - file: \(file)\n      from: start\n".utf8)
            .write(to: URL(fileURLWithPath: settings))
        let arguments = ["--policies", folder.path, "--config", settings]
        var ids: [String] = []
        for text in ["a plum", "a strawberry"] {
            let gateway = try await GatehouseProcess.start(arguments, audit: place)
            _ = try await gateway.outcome(of: text)
            // It is stopped at once: what was recorded last is handed over all the same.
            gateway.stop()
            ids = try await gateway.auditRecords().reversed().compactMap { $0["id"] as? String }
        }
        #expect(ids.count == 2)
        #expect(try lines(file).compactMap { $0["id"] as? String } == ids)
        #expect(try lines(file).allSatisfy { ($0["content"] as? [Any])?.isEmpty == true })
        let gateway = try await GatehouseProcess.start(arguments, audit: place)
        let (data, _) = try await URLSession.shared.data(from: gateway.base.appending(path: "metrics"))
        let metrics = String(decoding: data, as: UTF8.self)
        #expect(metrics.contains("gatehouse_audit_sink_delivered_total{sink=\"file\"} 0"), "\(metrics)")
    }
}
