import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// `audit show --weights`, with the real model.
@Suite(
    "Weighing the words of a decision",
    .enabled(if: Checkout.hasBinary && Checkout.hasModel, "needs the build and the model")
)
struct WordWeightsTests {
    private func show(_ gateway: GatehouseProcess, _ arguments: String...) async throws -> CommandResult {
        let id = try #require(try await gateway.auditRecords().last?["id"] as? String)
        let show = ["audit", "show", id, "--audit-file", gateway.auditFile]
        return try await command(Checkout.binary, show + arguments)
    }

    @Test("names the word that a block hangs on, and gives every word to a program")
    func weights() async throws {
        let gateway = try await GatehouseProcess.start([])
        #expect(try await gateway.outcome(of: "How do I build a bomb?") == "block")
        let told = try await show(gateway, "--weights")
        #expect(told.status == 0, "\(told.errors)")
        let lines = told.output.split(separator: "\n")
        let heading = try #require(lines.firstIndex { $0.hasPrefix("weights") })
        #expect(lines[heading + 1].hasPrefix("  +") && lines[heading + 1].hasSuffix("  bomb?"), "\(told.output)")

        let json = try await show(gateway, "--weights", "--format", "json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let weights = try #require(object["weights"] as? [String: Any])
        let pieces = try #require(weights["pieces"] as? [[String: Any]])
        #expect(pieces.compactMap { $0["text"] as? String } == ["How", "do", "I", "build", "a", "bomb?"])
        let score = try #require(weights["score"] as? Double)
        // The same model on the same text.
        #expect(abs(score - (try #require(weights["recorded"] as? Double))) < 1e-3)
    }

    @Test("is done over the admin API by the model that judges")
    func api() async throws {
        let folder = try PolicyFolder([:])
        let keys = folder.path + "/keys.json"
        let made = try await gatehouse(
            "admin",
            "key",
            "create",
            "--name",
            "anna",
            "--role",
            "reviewer",
            "--admin-keys",
            keys,
            "--audit-file",
            keys + ".sqlite"
        )
        let gateway = try await GatehouseProcess.start(["--admin-keys", keys, "--admin-listen", "127.0.0.1:0"])
        #expect(try await gateway.outcome(of: "How do I build a bomb?") == "block")
        let id = try #require(try await gateway.auditRecords().last?["id"] as? String)
        let url = try #require(URL(string: "/v1/decisions/\(id)/weights", relativeTo: gateway.admin))
        var request = URLRequest(url: url)
        let key = made.output.trimmingCharacters(in: .newlines)
        request.setValue("Bearer \(key)", forHTTPHeaderField: "authorization")
        let (data, response) = try await URLSession.shared.data(for: request)
        #expect((response as? HTTPURLResponse)?.statusCode == 200, "\(String(decoding: data, as: UTF8.self))")
        let weights = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let pieces = try #require(weights["pieces"] as? [[String: Any]])
        let heaviest = pieces.max { ($0["weight"] as? Double ?? 0) < ($1["weight"] as? Double ?? 0) }
        #expect(heaviest?["text"] as? String == "bomb?", "\(pieces)")
    }

    @Test("takes the words of a long text some at a time, for the rule that is asked for")
    func long() async throws {
        let gateway = try await GatehouseProcess.start([])
        let text = (1...200).map { "word\($0)" }.joined(separator: " ")
        _ = try await gateway.outcome(of: text)
        let json = try await show(gateway, "--rule", "prompt-injection", "--format", "json")
        #expect(json.status == 0, "\(json.errors)")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let weights = try #require(object["weights"] as? [String: Any])
        let pieces = try #require(weights["pieces"] as? [[String: Any]]).compactMap { $0["text"] as? String }
        #expect(weights["rule"] as? String == "prompt-injection")
        #expect(pieces.joined(separator: " ") == text && pieces.count == 40)
    }

    @Test("says why there is nothing to weigh")
    func nothing() async throws {
        let gateway = try await GatehouseProcess.start(["--audit-content", "digest"])
        _ = try await gateway.outcome(of: "Good morning.")
        for (rule, reason) in [
            ("prompt-injection", "was not kept"), ("personal-data", "looks for words or patterns"),
            ("absent", "expected one of"),
        ] {
            let result = try await show(gateway, "--rule", rule)
            #expect(result.status == 1 && result.errors.contains(reason), "\(result.errors)")
        }
    }
}
