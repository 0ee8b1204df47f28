import Admin
import Audit
import Crypto
import Foundation
import Moderation
import NIOCore
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

    @Test("what the settings don't keep any longer goes, and texts get the newest key of the settings")
    func settings() async throws {
        let folder = try TemporaryFolder()
        let (old, new) = (SymmetricKey(size: .bits256), SymmetricKey(size: .bits256))
        try await withAdmin(in: folder, textKeys: AuditTextKeys([old])) { admin in
            try await admin.record(Fixture.record(.allow), Fixture.record(at: 1, .block, text: "a strawberry"))
        }
        let retention = RetentionPolicy(texts: [.allowed: 86_400])
        try await withAdmin(in: folder, textKeys: AuditTextKeys([old, new]), retention: retention) { admin in
            let trial = try await admin.ask(.POST, "/v1/retain", body: #"{"dry_run":true}"#).json
            #expect(trial["texts"]?.number == 1 && trial["records"]?.number == 0 && trial["acts"] == nil)
            #expect(try await admin.ask(.POST, "/v1/rekey", body: #"{"dry_run":true}"#).json["texts"]?.number == 2)
            let retained = try await admin.ask(.POST, "/v1/retain", body: "{}").json
            #expect(retained["texts"]?.number == 1 && retained["acts"]?[0]?["kind"]?.text == "erase", "\(retained)")
            let rekeyed = try await admin.ask(.POST, "/v1/rekey", body: "{}").json
            #expect(rekeyed["texts"]?.number == 1 && rekeyed["acts"]?[0]?["kind"]?.text == "rekey", "\(rekeyed)")
            #expect(try await admin.acts().map(\.actor) == ["the-admin (admin)", "the-admin (admin)"])
        }
        try await withAdmin(in: folder, textKeys: AuditTextKeys([new])) { admin in
            let found = try await admin.ask(.GET, "/v1/search?words=strawberry").json
            #expect(found["decisions"]?.list.count == 1)
            #expect(try await admin.store.reader.verify().fault == nil)
        }
    }

    @Test("a walk along the chain ends when its client goes away")
    func abandoned() async throws {
        try await withAdmin { admin in
            try await admin.record(Fixture.record())
            // Reading where the chain ends takes half a minute now.
            try await admin.change(
                "ALTER TABLE chain RENAME TO chain_rows",
                """
                CREATE VIEW chain AS SELECT * FROM chain_rows WHERE (
                    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000000) SELECT count(*) FROM n
                ) > 0
                """
            )
            await #expect(throws: (any Error).self) {
                try await admin.ask(.GET, "/v1/verify", as: .reader, patience: .milliseconds(300))
            }
            try await admin.change("DROP VIEW chain", "ALTER TABLE chain_rows RENAME TO chain")
            var answer = try await admin.ask(.GET, "/v1/verify", as: .reader)
            for _ in 0..<50 where answer.code == "busy" {
                try await Task.sleep(for: .milliseconds(100))
                answer = try await admin.ask(.GET, "/v1/verify", as: .reader)
            }
            #expect(answer.status == 200, "\(answer.text)")
            #expect(!admin.logs.all.contains { $0.contains("admin request failed") })
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
            try await admin.change("UPDATE record SET tenant = 'x' WHERE sequence = 2")
            let altered = try await admin.ask(.GET, "/v1/verify", as: .reader).json
            #expect(altered["fault"]?["kind"]?.text == "altered" && altered["fault"]?["sequence"]?.number == 2)
        }
    }
}
