import Audit
import Foundation
import GRDB
import Moderation
import Synchronization
import Testing

@Suite("labels")
struct LabelTests {
    let folder: TemporaryFolder
    let store: SQLiteAuditStore
    let labels: SQLiteAuditLabels
    let reader: SQLiteAuditReader

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper())
        labels = try SQLiteAuditLabels(path: folder.file())
        reader = try SQLiteAuditReader(path: folder.file())
    }

    /// Records a decision and gives its id.
    private func record(_ verdicts: [Verdict], at offset: TimeInterval = 0, requestID: String = "r") async throws
        -> String
    {
        let record = Fixture.record(at: offset, verdicts: verdicts, requestID: requestID)
        try await store.record(record)
        return record.decision.id.description
    }

    @Test("are kept beside the record, several of them, with who and when")
    func keeping() async throws {
        let id = try await record([Fixture.verdict("a", .block)])
        let first = try await labels.add(.right, to: id, rule: nil, note: nil, actor: "ann", time: Fixture.time)
        let second = try await store.labels.add(
            .wrong,
            to: id.uppercased(),
            rule: "a",
            note: "a quotation",
            actor: "ben"
        )
        #expect(first == AuditLabel(decision: id, finding: .right, actor: "ann", time: Fixture.time))
        #expect(second.rule == "a" && second.note == "a quotation" && second.decision == id)
        let entry = try await reader.entry(id)
        #expect(try await reader.labels(of: entry) == [first, second])
        #expect(try await reader.verify().fault == nil)
        let report = AuditReport.render(entry, labels: [first, second])
        #expect(report.contains("labels\n  right  2026-01-31 14:30:05 by ann\n  wrong of a  "))
        #expect(report.contains(" by ben: a quotation\n"))
        #expect(try AuditJSON.line(entry, labels: [first]).contains("\"labels\":[{\"actor\":\"ann\""))
        #expect(!(try AuditJSON.line(entry)).contains("\"labels\""))
    }

    @Test("need a decision and a rule that are there")
    func refusals() async throws {
        let id = try await record([Fixture.verdict("a", .block), Fixture.verdict("b", .allow)])
        await #expect(throws: AuditError.unknownID("ffff")) { try await labels.add(.right, to: "ffff", actor: "ann") }
        let error = await #expect(throws: AuditError.self) {
            try await labels.add(.right, to: id, rule: "c", actor: "ann")
        }
        #expect(error?.description.contains("'c' is not a rule that was evaluated") == true)
        #expect(error?.description.contains("one of a, b") == true)
        #expect(throws: AuditError.missingFile(path: folder.file("none"))) {
            try SQLiteAuditLabels(path: folder.file("none"))
        }
    }

    @Test("can be given in a file of an older version, whose records stay as they were")
    func olderFile() async throws {
        let id = try await record([Fixture.verdict("a", .block)])
        try store.close()
        let queue = try DatabaseQueue(path: folder.file())
        try await queue.write { db in
            try db.execute(sql: "DROP TABLE label; DELETE FROM grdb_migrations WHERE identifier LIKE '%-labels'")
        }
        try queue.close()
        let old = try SQLiteAuditReader(path: folder.file())
        let entry = try await old.entry(id)
        #expect(try await old.labels(of: entry).isEmpty)
        #expect(try await old.stats(AuditFilter()).rules.first?.precision == nil)
        var filter = AuditFilter()
        for (label, count) in [(LabelFilter.none, 1), (.right, 0)] {
            filter.label = label
            #expect(try await old.list(filter).entries.count == count)
        }
        _ = try await SQLiteAuditLabels(path: folder.file()).add(.right, to: id, actor: "ann")
        #expect(try await SQLiteAuditReader(path: folder.file()).labels(of: entry).count == 1)
    }

    @Test("choose records by the newest of them")
    func filters() async throws {
        let ids = [
            try await record([Fixture.verdict("a", .block)], requestID: "changed"),
            try await record([Fixture.verdict("a", .flag)], requestID: "wrong"),
            try await record([Fixture.verdict("a", .flag)], requestID: "unseen"),
        ]
        _ = try await labels.add(.wrong, to: ids[0], actor: "ann")
        _ = try await labels.add(.right, to: ids[0], actor: "ben")
        _ = try await labels.add(.wrong, to: ids[1], actor: "ann")
        for (label, request) in [(LabelFilter.right, "changed"), (.wrong, "wrong"), (.none, "unseen")] {
            var filter = AuditFilter()
            filter.label = label
            #expect(try await reader.list(filter).entries.map(\.requestID) == [request])
            #expect(try await reader.stats(filter).total == 1)
        }
    }

    @Test("give the precision of each rule that acted on the text")
    func precision() async throws {
        let v = Fixture.verdict
        let both = try await record([v("a", .block, .enforce, nil), v("b", .flag, .enforce, nil)])
        let shadow = try await record([v("a", .flag, .enforce, nil), v("b", .block, .shadow, nil)], at: 60)
        let down = try await record([v("a", .block, .enforce, "no model")], at: 120)
        _ = try await record([v("a", .block, .enforce, nil)], at: 180)
        // Right as a whole, but not for the reason that b gave.
        _ = try await labels.add(.right, to: both, actor: "ann")
        _ = try await labels.add(.wrong, to: both, rule: "b", actor: "ann")
        _ = try await labels.add(.right, to: shadow, actor: "ann")
        _ = try await labels.add(.wrong, to: shadow, actor: "ben")
        _ = try await labels.add(.wrong, to: down, actor: "ann")
        let stats = try await reader.stats(AuditFilter())
        #expect(stats.rules.map(\.rule) == ["a", "b"])
        #expect(stats.rules.map(\.precision) == [Proportion(1, of: 2), Proportion(0, of: 1)])
        let later = try await reader.stats(AuditFilter(since: Fixture.time.addingTimeInterval(30)))
        #expect(later.rules.map(\.precision) == [Proportion(0, of: 1), nil])
        let chart = StatsChart.render(stats)
        #expect(chart.contains("right 1 of 2: 50.00 % (9.45 … 90.55 %)"))
    }

    @Test("are rows of a data set, which say only what people said", arguments: LabelledCase.all)
    func rows(labelled: LabelledCase) async throws {
        let id = try await record(labelled.verdicts)
        for (finding, rule) in labelled.findings {
            _ = try await labels.add(finding, to: id, rule: rule, note: "seen", actor: "ann")
        }
        let found = Mutex<[LabelledRow?]>([])
        try await reader.labelled(AuditFilter()) { entry, prompt, labels in
            found.withLock { $0.append(LabelledRow(entry, prompt: prompt, labels: labels)) }
        }
        let row = try #require(found.withLock { $0.first } ?? nil)
        #expect(row.labels == labelled.labels)
        #expect(row.unsafe == labelled.unsafe)
        #expect(row.id == id && row.text == "good morning" && row.labelledBy == "ann" && row.note == "seen")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(try row.line().utf8)) as? [String: Any]
        )
        #expect(object["kind"] as? String == "prompt")
        #expect(object["unsafe"] as? Int == labelled.unsafe)
        #expect(object["labels"] as? [String: Int] == labelled.labels)
    }

    @Test("of an answer come with what was asked, and are left out where the text was not kept")
    func rowTexts() async throws {
        let verdicts = [Fixture.verdict("a", .flag)]
        try await store.record(Fixture.record(verdicts: [], requestID: "r1", text: "a strawberry?"))
        var answer = Fixture.record(direction: .response, verdicts: verdicts, requestID: "r1", text: nil)
        answer.content = [.init(role: .assistant, kind: .text, pointer: "/choices/0", text: "a plum")]
        let silent = Fixture.record(verdicts: verdicts, requestID: "r2", text: nil)
        for record in [answer, silent] {
            try await store.record(record)
            _ = try await labels.add(.right, to: record.decision.id.description, actor: "ann")
        }
        let found = Mutex<[LabelledRow?]>([])
        try await reader.labelled(AuditFilter()) { entry, prompt, labels in
            found.withLock { $0.append(LabelledRow(entry, prompt: prompt, labels: labels)) }
        }
        let rows = found.withLock { $0 }
        #expect(rows.count == 2 && rows[1] == nil)
        #expect(rows[0]?.kind == .response && rows[0]?.text == "a plum" && rows[0]?.prompt == "a [FRUIT]?")
    }
}

/// A decision, what was said of it, and what a row of it must say.
struct LabelledCase: Sendable, CustomTestStringConvertible {
    var verdicts: [Verdict]
    var findings: [(AuditLabel.Finding, String?)]
    var labels: [String: Int]
    var unsafe: Int?

    var testDescription: String {
        let said = findings.map { $0.rawValue + ($1.map { " of \($0)" } ?? "") }.joined(separator: ", ")
        return verdicts.map { "\($0.rule) \($0.outcome)" }.joined(separator: ", ") + ": " + said
    }

    private static let blocked = [
        Fixture.verdict("hate-speech", .block), Fixture.verdict("violence", .allow),
        Verdict(rule: "personal-data", mode: .enforce, outcome: .redact, matches: ["email": 1]),
    ]
    private static let masked = [
        Verdict(rule: "personal-data", mode: .enforce, outcome: .redact, matches: ["email": 1])
    ]
    private static let allowed = [
        Fixture.verdict("hate-speech", .allow),
        Verdict(rule: "violence", mode: .enforce, outcome: .allow, screenedOut: true),
        Verdict(rule: "personal-data", mode: .enforce, outcome: .allow),
    ]

    static let all: [LabelledCase] = [
        .init(verdicts: blocked, findings: [(.right, nil)], labels: ["hate_speech": 1, "personal_data": 1], unsafe: 1),
        .init(verdicts: blocked, findings: [(.wrong, nil)], labels: ["hate_speech": 0, "personal_data": 0], unsafe: 0),
        .init(
            verdicts: blocked,
            findings: [(.wrong, nil), (.right, nil)],
            labels: ["hate_speech": 1, "personal_data": 1],
            unsafe: 1
        ),
        .init(verdicts: blocked, findings: [(.wrong, "violence")], labels: ["violence": 1], unsafe: 1),
        .init(verdicts: blocked, findings: [(.wrong, "hate-speech")], labels: ["hate_speech": 0], unsafe: nil),
        .init(verdicts: masked, findings: [(.right, nil)], labels: ["personal_data": 1], unsafe: nil),
        .init(verdicts: allowed, findings: [(.right, nil)], labels: ["hate_speech": 0, "violence": 0], unsafe: 0),
        .init(verdicts: allowed, findings: [(.wrong, nil)], labels: [:], unsafe: 1),
        .init(verdicts: allowed, findings: [(.wrong, nil), (.wrong, "violence")], labels: ["violence": 1], unsafe: 1),
    ]
}
