import Foundation
import FoundationNetworking
import TestPostgres
import Testing

@Suite("Two gateways on one PostgreSQL database", .enabled(if: Checkout.hasBinary, "needs the build"))
struct PostgresTests {
    /// What a gateway answers to a text: its status, and what it did or the code of its error.
    private func ask(_ gateway: GatehouseProcess, _ text: String) async throws -> (status: Int, outcome: String) {
        var request = URLRequest(url: gateway.base.appending(path: "v1/moderations"))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "content-type")
        request.httpBody = try JSONSerialization.data(withJSONObject: ["input": text])
        let (data, response) = try await URLSession.shared.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        if answer.statusCode == 200 { return (200, answer.value(forHTTPHeaderField: "x-gatehouse-outcome") ?? "") }
        let body = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return (answer.statusCode, (body?["error"] as? [String: Any])?["code"] as? String ?? "")
    }

    /// How many records wait beside the database, as the gateway's health says.
    private func spilled(_ gateway: GatehouseProcess) async throws -> String? {
        let health = try JSONSerialization.jsonObject(with: Data(try await gateway.text(at: "health").utf8))
        return ((health as? [String: Any])?["audit_spilled"]).map { "\($0)" }
    }

    @Test("write a chain each, lose nothing while the server is away, and are looked after while they run")
    func lifecycle() async throws {
        let folder = try PolicyFolder(["shop.yaml": PolicyFolder.words("strawberry")])
        let key = try folder.sibling("keys", [:]) + "/key.pem"
        let publicKey = try await gatehouse("audit", "key", key).output.trimmingCharacters(in: .newlines)
        let server = try PostgresServer()
        defer { PostgresServer.remove(server.folder) }
        let database = server.url(try server.createDatabase())
        func start(_ onFailure: String) async throws -> GatehouseProcess {
            try await GatehouseProcess.start([
                "--policies", folder.path, "--audit-database", database, "--audit-content", "full",
                "--audit-on-failure", onFailure, "--audit-signing-key", key, "--audit-checkpoint-every", "1",
            ])
        }
        func audit(_ arguments: String...) async throws -> String {
            let result = try await command(
                Checkout.binary,
                ["audit"] + arguments + ["--audit-database", database]
            )
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        func records(_ arguments: String...) async throws -> [[String: Any]] {
            let result = try await command(
                Checkout.binary,
                ["audit", "list", "--format", "jsonl", "--limit", "1000", "--audit-database", database] + arguments
            )
            return try result.output.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        }
        let (strict, lenient) = (try await start("block"), try await start("allow"))
        for gateway in [strict, lenient] {
            #expect(try await ask(gateway, "a plum") == (200, "allow"))
            #expect(try await ask(gateway, "a strawberry") == (200, "block"))
        }

        let blocked = try await records("--outcome", "block")
        #expect(blocked.count == 2)
        let id = try #require(blocked[0]["id"] as? String)
        #expect(try await audit("show", id).contains("a strawberry"))
        #expect(try await audit("stats").contains("4"))

        try server.stop()
        #expect(try await ask(strict, "a fig") == (503, "audit_unavailable"))
        #expect(try await ask(lenient, "a cherry") == (200, "allow"))
        #expect(try await spilled(lenient) == "1")
        try server.start()
        try await strict.wait { try await ask(strict, "a pear") == (200, "allow") }
        try await lenient.wait { try await spilled(lenient) == "0" }
        #expect(try await records("--text", "cherry").count == 1)

        let request = try #require(blocked[0]["request_id"] as? String)
        let erased = try await audit("erase", "--subject", "request:\(request)", "--by", "anna")
        #expect(erased == "erased 1 texts in 1 records of request:\(request)\n")
        #expect(try await records("--text", "strawberry").count == 1)
        let sound = try await audit("verify", "--public-key", publicKey, "--format", "json")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(sound.utf8)) as? [String: Any])
        #expect(report["fault"] == nil && report["erased_texts"] as? Int == 1)
        let counts = (report["chains"] as? [[String: Any]])?.map { $0["records"] as? Int ?? 0 } ?? []
        let count = try await records().count
        #expect(counts.count == 2 && counts.allSatisfy { $0 >= 3 } && counts.reduce(0, +) == count, "\(sound)")
        let tomorrow = Date(timeIntervalSinceNow: 86_400).formatted(.iso8601)
        let pruned = try await audit("prune", "--before", tomorrow, "--audit-signing-key", key)
        #expect(pruned.hasPrefix("deleted \(count) records, to record "), "\(pruned)")
        #expect(try await ask(strict, "a plum") == (200, "allow"))
        #expect(try await audit("verify").contains("no fault"))
    }
}
