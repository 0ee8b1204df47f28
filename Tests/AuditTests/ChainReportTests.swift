import Audit
import Foundation
import Moderation
import Testing

@Suite("what a walk along the chain is said to have found")
struct ChainReportTests {
    private let head = String(repeating: "0", count: 64)

    @Test("names how many records are signed for and how many are not")
    func signed() async throws {
        let folder = try TemporaryFolder()
        let key = AuditSigningKey()
        let store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        try await store.record(Fixture.record())
        _ = try await SQLiteAuditUpkeep(path: folder.file()).checkpoint(key: key, now: Fixture.time)
        try await store.record(Fixture.record(at: 1))
        let report = try await store.verify()
        #expect(
            report.text == """
                records      2 found as they were written
                head         \(report.head)
                checkpoints  1 agree with them
                sealed       to record 1, at 2026-01-31T14:30:05.123Z, by the key \(key.publicKey)
                not sealed   1 records: no signature says yet that they are the gateway's
                no fault     was found

                """
        )
    }

    @Test("names the fault")
    func fault() {
        let report = ChainReport(records: 4, head: head, fault: ChainFault(sequence: 5, id: nil, kind: .cut, other: 6))
        #expect(
            report.text == """
                records      4 found as they were written
                head         \(head)
                checkpoints  0 agree with them
                fault        record 5 is missing at the end, and so are those up to 6: a checkpoint was signed for more records

                """
        )
    }

    @Test("tells when the clock was set back, and by how much; what overtakes another on its way is passed over")
    func clock() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        for second in [0.0, 200, 150] { try await store.record(Fixture.record(at: second)) }
        #expect(try await store.verify().clockSetback == nil)
        let back = Fixture.record(at: 50)
        try await store.record(back)
        for second in [60.0, 400, 100] { try await store.record(Fixture.record(at: second)) }
        let report = try await store.verify()
        let id = back.decision.id.description
        #expect(report.fault == nil)
        #expect(report.clockSetback?.times == 2 && report.clockSetback?.sequence == 4)
        #expect(report.clockSetback?.id == id && report.clockSetback?.seconds == 300)
        let line = "clock        was set back 2 times, by up to 300 s, first before record 4 (\(id))\n"
        #expect(report.text.contains(line))
    }

    @Test("has words for every kind", arguments: ChainFault.Kind.allCases)
    func words(kind: ChainFault.Kind) {
        let texts = ChainFault.Kind.allCases.map { ChainFault(sequence: 3, id: nil, kind: $0).description }
        #expect(texts.count { $0 == ChainFault(sequence: 3, id: nil, kind: kind).description } == 1)
    }
}
