import Audit
import Foundation
import Moderation
import Testing

@Suite("a list of records")
struct ListFormatTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
    }

    private func entries() async throws -> [AuditEntry] {
        try await store.record(Fixture.record(text: "=1+1, \"quoted\"\nand more"))
        try await store.record(Fixture.fullRecord())
        return try await store.list().entries
    }

    @Test("is one JSON array, or one object a line")
    func json() async throws {
        let entries = try await entries()
        let ids = entries.map(\.decision.id.description)
        let array = try JSONSerialization.jsonObject(with: Data(try ListFormat.json.render(entries).utf8))
        #expect((array as? [[String: Any]])?.map { $0["id"] as? String } == ids)
        let lines = try ListFormat.jsonl.render(entries).split(separator: "\n")
        #expect(lines.count == 2)
        for (line, id) in zip(lines, ids) {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["id"] as? String == id)
        }
        #expect(try ListFormat.json.render([]) == "[]\n")
        #expect(try ListFormat.jsonl.render([]).isEmpty)
    }

    @Test("is comma-separated values, in which nothing is a formula")
    func csv() async throws {
        let entries = try await entries()
        let text = try ListFormat.csv.render(entries)
        let lines = text.split(separator: "\n")
        #expect(lines[0].hasPrefix("id,time,direction,result,outcome,cause,"))
        #expect(
            lines[1].hasPrefix("\(entries[0].decision.id),2026-01-31T14:30:05.123Z,response,block,block,content,open,")
        )
        #expect(lines[1].hasSuffix(",dangerous-content personal-data,0.250,12.00,mobile,chat-7,over the hill"))
        #expect(text.hasSuffix(",\"'=1+1, \"\"quoted\"\"\nand more\"\n"))
        #expect(lines[0].split(separator: ",").count == lines[1].split(separator: ",").count)
    }

    @Test("goes on where a page ended, whatever was recorded meanwhile")
    func stablePages() async throws {
        for index in 0..<5 { try await store.record(Fixture.record(at: Double(index), requestID: "\(index)")) }
        let first = try await store.list(AuditFilter(), limit: 2, after: nil)
        // Later, with an earlier time.
        for index in 5..<8 { try await store.record(Fixture.record(at: Double(-index), requestID: "\(index)")) }
        let second = try await store.list(AuditFilter(), limit: 2, after: first.next)
        let third = try await store.list(AuditFilter(), limit: 2, after: second.next)
        let pages = [first, second, third]
        #expect(pages.map { $0.entries.map(\.requestID) } == [["4", "3"], ["2", "1"], ["0"]])
        #expect(third.next == nil)
    }

    @Test("can follow what is recorded")
    func following() async throws {
        let reader = try SQLiteAuditReader(path: folder.file())
        #expect(try await reader.position() == .start)
        for index in 0..<3 { try await store.record(Fixture.record(requestID: "\(index)")) }
        let start = try await reader.position()
        #expect(
            try await reader.records(after: start, AuditFilter(), limit: 9) == AuditStretch(entries: [], end: start)
        )
        for index in 3..<6 { try await store.record(Fixture.record(requestID: "\(index)")) }
        let two = try await reader.records(after: start, AuditFilter(), limit: 2)
        #expect(two.entries.map(\.requestID) == ["3", "4"])
        let rest = try await reader.records(after: AuditPosition(two.end.description), AuditFilter(), limit: 2)
        #expect(rest.entries.map(\.requestID) == ["5"])
        #expect(rest.end == (try await reader.position()))
        let some = try await reader.records(after: .start, AuditFilter(requestID: "2"), limit: 2)
        #expect(some.entries.map(\.requestID) == ["2"] && some.end == rest.end)
        let entries = try await reader.list(AuditFilter(), limit: 1, after: nil).entries
        #expect(try ListFormat.csv.render(entries, hasHeading: false).split(separator: "\n").count == 1)
        #expect(try ListFormat.table.render(entries, hasHeading: false).split(separator: "\n").count == 1)
    }

    @Test("tells how SQLite looks for it")
    func plan() async throws {
        for _ in 0..<3 { try await store.record(Fixture.record()) }
        let reader = try SQLiteAuditReader(path: folder.file())
        let plan = try await reader.plan(AuditFilter(requestID: "5"), limit: 2, after: nil)
        #expect(plan.contains("r.request_id = ?") && plan.contains("\nplan\n"))
        #expect(plan.contains("record_request"))
        #expect(!plan.contains("5"))
    }
}
