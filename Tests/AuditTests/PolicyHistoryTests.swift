import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("the history of policies")
struct PolicyHistoryTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open() throws -> SQLiteAuditStore {
        try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
    }

    private func policy(_ revision: String, text: String = "version: 1\n") -> KeptPolicy {
        let rule = Rule(id: "words", detection: .terms(["a"]), appliesTo: [.prompt])
        return KeptPolicy(
            policy: PolicySet(name: "shop", revision: revision, rules: [rule]),
            files: [PolicySource(path: "shop.yaml", text: text), PolicySource(path: "../base.yaml", text: "# ü\n")],
            firstSeen: Fixture.time
        )
    }

    @Test("keeps each set that was in force with its texts, found by the beginning of its revision")
    func sets() async throws {
        let store = try open()
        for revision in ["aaaa1111", "aaaa2222", "bbbb3333"] {
            try await store.record(
                PolicyEvent(time: Fixture.time, kind: .live, revision: revision, actor: "start"),
                of: policy(revision)
            )
        }
        #expect(try await store.keptPolicy("BBBB") == policy("bbbb3333"))
        let reader = try SQLiteAuditReader(path: folder.file())
        #expect(try await reader.keptPolicy("aaaa1") == policy("aaaa1111"))
        await #expect(throws: AuditError.unknownPolicy(revision: "cccc")) { try await reader.keptPolicy("cccc") }
        await #expect(throws: AuditError.ambiguousID("aaaa", candidates: ["aaaa1111", "aaaa2222"])) {
            try await reader.keptPolicy("aaaa")
        }
        await #expect(throws: AuditError.unknownPolicy(revision: "%' OR")) { try await reader.keptPolicy("%' OR") }
    }

    @Test("tells what happened, newest first, in the order of recording")
    func events() async throws {
        let store = try open()
        let events = [
            PolicyEvent(time: Fixture.time, kind: .live, revision: "aaaa1111", actor: "start"),
            PolicyEvent(time: Fixture.time, kind: .rejected, revision: nil, actor: "file change", note: "a.yaml:1:1"),
            PolicyEvent(time: Fixture.time, kind: .rolledBack, revision: "aaaa1111", actor: "jo"),
        ]
        for event in events { try await store.record(event, of: nil) }
        #expect(try await store.policyEvents(limit: 2) == [events[2], events[1]])
        #expect(try await SQLiteAuditReader(path: folder.file()).policyEvents(limit: 9) == events.reversed())
    }

    @Test("keeps the newest texts of a revision, and when it was first there")
    func newestTexts() async throws {
        let store = try open()
        let event = PolicyEvent(kind: .live, revision: "aaaa1111", actor: "start")
        try await store.record(event, of: policy("aaaa1111"))
        var changed = policy("aaaa1111", text: "# a comment\nversion: 1\n")
        changed.firstSeen = Fixture.time.addingTimeInterval(60)
        try await store.record(event, of: changed)
        changed.firstSeen = Fixture.time
        #expect(try await store.keptPolicy("aaaa1111") == changed)
    }

    @Test("a file of the version before has no history, is still read, and gets one when it is written again")
    func olderFile() async throws {
        let store = try open()
        try await store.record(Fixture.fullRecord())
        let end = try await store.verify()
        try store.close()
        // What the version before would have left behind.
        let old = try DatabaseQueue(path: folder.file())
        try await old.write { db in
            try db.execute(
                sql: """
                    DROP INDEX record_candidate;
                    ALTER TABLE record DROP COLUMN candidate_revision;
                    ALTER TABLE record DROP COLUMN candidate_outcome;
                    DROP TABLE policy_set;
                    DROP TABLE policy_event;
                    DELETE FROM grdb_migrations WHERE identifier = '2-policies';
                    """
            )
        }
        try old.close()
        let reader = try SQLiteAuditReader(path: folder.file())
        #expect(try await reader.policyEvents(limit: 9).isEmpty)
        await #expect(throws: AuditError.unknownPolicy(revision: "aaaa")) { try await reader.keptPolicy("aaaa") }
        #expect(try await reader.verify() == end)
        #expect(try await reader.list().entries.count == 1)
        let again = try open()
        #expect(try await again.verify() == end)
        try await again.record(PolicyEvent(kind: .live, revision: "aaaa1111", actor: "start"), of: policy("aaaa1111"))
        #expect(try await again.policyEvents(limit: 9).count == 1)
    }
}

@Suite("what a tried policy would have done")
struct CandidateRecordTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var record: AuditRecord {
        var record = Fixture.record()
        let judgement = Judgement(verdicts: [Fixture.verdict("house-words", .block)])
        let policy = PolicySet(name: "next", revision: "r2", rules: [])
        record.decision.candidate = CandidateDecision(judgement, policy: policy)
        return record
    }

    @Test("is kept in the same record and read back")
    func roundTrip() async throws {
        let store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        try await store.record(record)
        let candidate = try #require(try await store.list().entries.first?.decision.candidate)
        #expect(candidate.policyRevision == "r2" && candidate.outcome == .block && candidate.cause == .content)
        #expect(candidate.verdicts == [Fixture.verdict("house-words", .block)])
        #expect(try await store.verify().fault == nil)
    }

    @Test("can't be changed without breaking the chain", arguments: ["NULL", "'allow'"])
    func chained(value: String) async throws {
        let store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        try await store.record(record)
        try await store.pool.write { db in try db.execute(sql: "UPDATE record SET candidate_outcome = \(value)") }
        #expect(try await store.verify().fault?.kind == .altered)
    }
}
