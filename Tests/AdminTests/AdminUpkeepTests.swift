import Admin
import Audit
import Foundation
import GRDB
import NIOHTTP1
import Testing

@Suite("upkeep over the admin API")
struct AdminUpkeepTests {
    @Test("texts are erased and records deleted by an admin, whose name stands in the acts")
    func removal() async throws {
        try await withAdmin(signing: true) { admin in
            try await admin.record(Fixture.record(tenant: "north"), Fixture.record(at: 1, tenant: "south"))
            let subject = #"{"subject":"tenant:north","dry_run":true}"#
            let trial = try await admin.ask(.POST, "/v1/erase", body: subject).json
            #expect(trial["dry_run"] == .flag(true) && trial["texts"]?.number == 1 && trial["acts"] == nil)
            #expect(try await admin.acts().isEmpty)
            let erased = try await admin.ask(.POST, "/v1/erase", body: subject.replacing("true", with: "false")).json
            #expect(erased["texts"]?.number == 1 && erased["log_emptied"] != nil, "\(erased)")
            #expect(erased["acts"]?[0]?["actor"]?.text == "the-admin (admin)")
            #expect(try await admin.store.reader.list(AuditFilter(text: "morning")).entries.count == 1)
            #expect(
                try await admin.ask(.POST, "/v1/prune", body: #"{"before":"1d","dry_run":true}"#).json["records"]?
                    .number == 2
            )
            let pruned = try await admin.ask(.POST, "/v1/prune", body: #"{"before":"1d"}"#).json
            #expect(pruned["records"]?.number == 2 && pruned["acts"]?[0]?["kind"]?.text == "prune", "\(pruned)")
            #expect(try await admin.acts().map(\.actor) == ["the-admin (admin)", "the-admin (admin)"])
            #expect(try await admin.store.reader.verify().fault == nil)
        }
    }

    @Test("the chain is signed and verified, and a record that was changed is named")
    func integrity() async throws {
        try await withAdmin(signing: true) { admin in
            try await admin.record(Fixture.record(), Fixture.record(at: 1))
            let signed = try await admin.ask(.POST, "/v1/checkpoints", body: "{}")
            #expect(signed.status == 201)
            let line = try #require(try signed.json["checkpoints"]?[0]?["line"]?.text)
            #expect(try Checkpoint(line: line).sequence == 2)
            #expect(try await admin.acts().map(\.kind) == [.checkpoint])
            let list = try await admin.ask(.GET, "/v1/checkpoints", as: .reader).json
            #expect(list["checkpoints"]?[0]?["line"]?.text == line)
            let encoded = try #require(line.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let report = try await admin.ask(.GET, "/v1/verify?checkpoint=\(encoded)", as: .reader).json
            #expect(report["records"]?.number == 2 && report["fault"] == nil && report["checkpoints"]?.number == 1)
            #expect(report["unsealed_acts"]?.number == 0)
            let stranger = AuditSigningKey().publicKey.description
            let key = try #require(stranger.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let untrusted = try await admin.ask(.GET, "/v1/verify?public_key=\(key)", as: .reader).json
            #expect(untrusted["fault"]?["kind"]?.text == "checkpoint_untrusted")
            try await admin.store.pool.write { db in
                try db.execute(sql: "UPDATE record SET tenant = 'x' WHERE sequence = 2")
            }
            let altered = try await admin.ask(.GET, "/v1/verify", as: .reader).json
            #expect(altered["fault"]?["kind"]?.text == "altered" && altered["fault"]?["sequence"]?.number == 2)
        }
    }
}
