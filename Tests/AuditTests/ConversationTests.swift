import Audit
import Foundation
import GRDB
import Moderation
import Testing

@Suite("which client asked, and in which conversation")
struct ConversationTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore
    let reader: SQLiteAuditReader

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        reader = try SQLiteAuditReader(path: folder.file())
    }

    @discardableResult
    private func record(
        _ place: Int,
        in conversation: String?,
        request: String? = nil,
        client: String? = nil,
        _ outcome: Outcome = .allow
    ) async throws -> String {
        var record = Fixture.record(
            at: Double(place),
            verdicts: [Fixture.verdict("a", outcome)],
            requestID: request ?? "request-\(place)"
        )
        record.conversation = conversation
        record.client = client
        try await store.record(record)
        return record.decision.id.description
    }

    @Test("a decision has the nearest of its conversation beside it")
    func neighbours() async throws {
        var ids: [String] = []
        for place in 0..<9 {
            ids.append(try await record(place, in: place == 4 ? "other" : "one", place == 2 ? .block : .allow))
        }
        let entry = try await reader.entry(ids[3])
        let neighbours = try await reader.neighbours(of: entry)
        #expect(neighbours.map(\.id) == [0, 1, 2, 5, 6, 7].map { ids[$0] })
        #expect(neighbours[2].result == .block && neighbours[2].time == Fixture.time.addingTimeInterval(2))
        let report = AuditReport.render(entry, neighbours: neighbours)
        let lines = report.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: "conversation"))
        #expect(lines[start + 3] == "  \(ids[2])  2026-01-31 14:30:07  prompt    block")
        #expect(lines[start + 4] == "  \(ids[3])  2026-01-31 14:30:08  prompt    allow  this one")
        #expect(lines[start + 5].contains(ids[5]))
        #expect(report.contains("  turn of     one\n"))
        let json = try AuditJSON.line(entry, neighbours: neighbours)
        #expect(json.contains("\"neighbours\":[{\"direction\":\"prompt\",\"id\":\"\(ids[0])\""))
        #expect(json.contains("\"conversation\":\"one\""))
        #expect(!(try AuditJSON.line(entry)).contains("neighbours"))
    }

    @Test("a decision of no conversation has the others of its request beside it")
    func sameRequest() async throws {
        let prompt = try await record(0, in: nil, request: "r")
        try await record(1, in: nil, request: "s")
        let answer = try await record(2, in: nil, request: "r")
        let entry = try await reader.entry(prompt)
        let neighbours = try await reader.neighbours(of: entry)
        #expect(neighbours.map(\.id) == [answer])
        #expect(AuditReport.render(entry, neighbours: neighbours).contains("same request\n"))
    }

    @Test("decisions are counted by client and by conversation")
    func top() async throws {
        for place in 0..<3 { try await record(place, in: "one", client: "mobile") }
        try await record(3, in: nil, client: "web", .block)
        try await record(4, in: nil)
        guard case .groups(let clients) = try await reader.top(.client, AuditFilter(), limit: 5),
            case .groups(let conversations) = try await reader.top(.conversation, AuditFilter(), limit: 1)
        else { throw AuditError.badID("") }
        #expect(clients.map(\.name) == ["mobile", "", "web"])
        #expect(clients.map(\.counts.total) == [3, 1, 1] && clients[2].counts.block == 1)
        #expect(conversations.map(\.name) == ["one"])
    }

    @Test(
        "the chain covers both, and tells them apart",
        arguments: [
            "client = 'web'", "client = NULL", "conversation = 'two'", "conversation = NULL",
            "client = conversation, conversation = client", "client = NULL, conversation = NULL",
            "client = NULL, conversation = NULL, candidate_revision = client, candidate_outcome = conversation",
        ]
    )
    func chain(change: String) async throws {
        try await record(0, in: "one", client: "mobile")
        #expect(try await store.verify().fault == nil)
        try await store.pool.write { db in try db.execute(sql: "UPDATE record SET \(change)") }
        #expect(try await store.verify().fault?.kind == .altered)
    }

    @Test("a file of an older version says that it doesn't know them")
    func olderFile() async throws {
        try await record(0, in: "one")
        try store.close()
        let queue = try DatabaseQueue(path: folder.file())
        try await queue.write { db in
            try db.execute(
                sql: """
                    DROP INDEX record_conversation; DROP INDEX record_time;
                    ALTER TABLE record DROP COLUMN conversation; ALTER TABLE record DROP COLUMN client;
                    DELETE FROM grdb_migrations WHERE identifier = '10-clients';
                    """
            )
        }
        try queue.close()
        let old = try SQLiteAuditReader(path: folder.file())
        var filter = AuditFilter()
        filter.conversation = "one"
        await #expect(throws: AuditError.olderSchema(missing: "conversation")) { try await old.list(filter) }
        await #expect(throws: AuditError.olderSchema(missing: "client")) {
            try await old.top(.client, AuditFilter(), limit: 1)
        }
        await #expect(throws: AuditError.olderSchema(missing: "client")) { try await old.kept(of: .client("web")) }
        #expect(try await old.list().entries.first?.conversation == nil)
    }
}
