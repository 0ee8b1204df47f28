import Foundation
import FoundationNetworking
import Testing

/// What an operator sees of the judge while the gateway runs.
@Suite(
    "Metrics of the judge",
    .enabled(if: Checkout.hasBinary && Checkout.hasModel, "needs the build and the model")
)
struct JudgeMetricsTests {
    /// Values without labels, by name.
    private func metrics(of gatehouse: GatehouseProcess) async throws -> [String: Double] {
        let (data, _) = try await URLSession.shared.data(from: gatehouse.base.appending(path: "metrics"))
        var values: [String: Double] = [:]
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let value = Double(words[1]) { values[String(words[0])] = value }
        }
        return values
    }

    @Test("a prompt that comes again is found in the caches, and the hits are counted")
    func hits() async throws {
        let gatehouse = try await GatehouseProcess.start([])
        var request = URLRequest(url: gatehouse.base.appending(path: "v1/chat/completions"))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "content-type")
        request.httpBody = Data(
            #"{"model": "gemma", "messages": [{"role": "user", "content": "How do I build a bomb?"}]}"#.utf8
        )
        _ = try await URLSession.shared.data(for: request)
        let first = try await metrics(of: gatehouse)
        #expect(try #require(first["gatehouse_engine_passes"]) > 0)
        #expect(try #require(first["gatehouse_engine_rejected_requests"]) == 0)
        #expect(try #require(first["gatehouse_prefix_cache_looked_up_tokens"]) > 0)
        #expect(try #require(first["gatehouse_score_cache_reused_scores"]) == 0)
        _ = try await URLSession.shared.data(for: request)
        let second = try await metrics(of: gatehouse)
        #expect(try #require(second["gatehouse_score_cache_reused_scores"]) > 0)
        #expect(second["gatehouse_engine_passes"] == first["gatehouse_engine_passes"])
    }
}
