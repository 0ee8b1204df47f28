import Audit
import Crypto
import Foundation
import Moderation
import TestPostgres
import Testing

/// Every kind of store that there is; the suite below holds for each.
enum StoreKind: String, CaseIterable, Sendable {
    case sqlite
    case postgresql

    /// An empty store.
    func make(in folder: TemporaryFolder, mode: ContentMode = .redacted) throws -> any AuditStore {
        try make(in: folder, keeper: Fixture.keeper(mode))
    }

    /// An empty store that keeps texts so.
    func make(in folder: TemporaryFolder, keeper: ContentKeeper, sealing: AuditSealing? = nil) throws -> any AuditStore
    {
        try locate(in: folder).store(keeper: keeper, sealing: sealing, spills: false)
    }

    /// Where an empty store is to be made.
    func locate(in folder: TemporaryFolder) throws -> AuditLocation {
        switch self {
        case .sqlite: .file(folder.file())
        case .postgresql: .database(try PostgresServer.shared.get().makeDatabase(), spill: folder.file("spill"))
        }
    }
}

@Suite("every audit store")
struct AuditStoreConformanceTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("gives every field back", arguments: StoreKind.allCases)
    func fieldsRoundTrip(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        let record = Fixture.fullRecord()
        try await store.record(record)
        let entry = try await store.entry(record.decision.id.description)
        #expect(entry.decision == record.decision)
        #expect(entry.requestID == record.requestID)
        #expect(entry.route == record.route)
        #expect(entry.dialect == record.dialect)
        #expect(entry.tenant == "north")
        #expect(entry.client == "mobile")
        #expect(entry.conversation == "chat-7")
        #expect(entry.model == "gpt-x")
        #expect(entry.streamed)
        #expect(entry.ending == .clientGone)
        #expect(entry.status == 200)
        #expect(entry.releasedCharacters == 42)
        #expect(entry.contentMode == .redacted)
        #expect(entry.content.map(\.text) == ["where is the [FRUIT] field?", "over the hill"])
        #expect(entry.content.map(\.masked) == [["fruit"], []])
        #expect(entry.content.map(\.kind) == [.text, .reasoning])
        #expect(entry.content.map(\.role) == [.user, .assistant])
        #expect(entry.content[0].pointer == "/messages/0/content")
        #expect(entry.content[0].bytes == 30)
        #expect(entry.sequence == 1)
        #expect(entry.previousHash == String(repeating: "0", count: 64))
        #expect(entry.hash.count == 64)
        #expect(entry.result == .block)
        #expect(entry.firedRules.map(\.rule) == ["dangerous-content", "personal-data"])
    }

    @Test("gives encrypted texts back, and verifies them", arguments: StoreKind.allCases)
    func encryption(kind: StoreKind) async throws {
        let keys = AuditTextKeys([SymmetricKey(size: .bits256)])
        let keeper = ContentKeeper(mode: .full, redactor: WordMasker(), textKeys: keys)
        let store = try kind.make(in: folder, keeper: keeper)
        let record = Fixture.fullRecord()
        try await store.record(record)
        let entry = try await store.entry(record.decision.id.description)
        #expect(entry.content.map(\.text) == record.content.map(\.text))
        let report = try await store.verify()
        #expect(report.fault == nil && report.lockedTexts == 0)
    }

    @Test(
        "finds words in texts that are encrypted, with the key, and in those that are not",
        arguments: StoreKind.allCases
    )
    func encryptedWords(kind: StoreKind) async throws {
        let location = try kind.locate(in: folder)
        let key = SymmetricKey(size: .bits256)
        let plain = try location.store(keeper: Fixture.keeper(.full), sealing: nil, spills: false)
        try await plain.record(Fixture.record(requestID: "plain", text: "an Apple"))
        try plain.close()
        let keeper = ContentKeeper(mode: .full, redactor: WordMasker(), textKeys: AuditTextKeys([key]))
        let store = try location.store(keeper: keeper, sealing: nil, spills: false)
        for (place, text) in ["apple 1", "a pear", "ΜΗΛΟ 2", "APPLE 3", "apples 4"].enumerated() {
            try await store.record(Fixture.record(at: Double(place), requestID: "\(place)", text: text))
        }
        func found(_ filter: AuditFilter, limit: Int = 50, after cursor: AuditCursor? = nil) async throws -> [String] {
            try await store.list(filter, limit: limit, after: cursor).entries.map(\.requestID)
        }
        #expect(try await found(AuditFilter(text: "apple")) == ["4", "3", "0", "plain"])
        #expect(try await found(AuditFilter(text: "μηλο")) == ["2"])
        #expect(try await found(AuditFilter(text: "apple", requestID: "3")) == ["3"])
        #expect(try await found(AuditFilter(text: "figs")).isEmpty)
        let page = try await store.list(AuditFilter(text: "apple"), limit: 1)
        #expect(page.entries.map(\.requestID) == ["4"])
        #expect(try await found(AuditFilter(text: "apple"), limit: 2, after: page.next) == ["3", "0"])
        #expect(try await store.stats(AuditFilter(text: "apple")).total == 4)
        let stretch = try await store.reader.records(after: .start, AuditFilter(text: "apple"), limit: 2)
        #expect(stretch.entries.map(\.requestID) == ["plain", "0"])
        let missing = AuditError.missingTextKey(id: try #require(AuditTextKeys([key]).newestID))
        await #expect(throws: missing) { try await location.reader().list(AuditFilter(text: "apple")) }
    }

    @Test("gives back what was left out as left out", arguments: StoreKind.allCases)
    func absentFieldsStayAbsent(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        var record = Fixture.record(verdicts: [], text: nil)
        record.status = nil
        record.decision.classifier = nil
        try await store.record(record)
        let entry = try #require(try await store.list().entries.first)
        #expect(entry.decision == record.decision)
        #expect(entry.client == nil)
        #expect(entry.conversation == nil)
        #expect(entry.model == nil)
        #expect(entry.status == nil)
        #expect(entry.releasedCharacters == nil)
        #expect(!entry.streamed)
        #expect(entry.content.isEmpty)
    }

    @Test("lists what was recorded last first, page by page", arguments: StoreKind.allCases)
    func pages(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        // The clock was set back meanwhile, and two are of one instant.
        for offset in [3.0, 1, 2, 5, 4, 4] {
            try await store.record(Fixture.record(at: offset, requestID: "\(offset)"))
        }
        var seen: [String] = []
        var cursor: AuditCursor?
        var pages = 0
        repeat {
            let page = try await store.list(AuditFilter(), limit: 2, after: cursor)
            seen += page.entries.map(\.requestID)
            cursor = try page.next.map { next in try AuditCursor(next.description) }
            pages += 1
        } while cursor != nil
        #expect(seen == ["4.0", "4.0", "5.0", "2.0", "1.0", "3.0"])
        #expect(pages == 3)
    }

    @Test("finds a record by enough of its id", arguments: StoreKind.allCases)
    func prefixes(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        let first = Fixture.record()
        let second = Fixture.record()
        try await store.record(first)
        try await store.record(second)
        let id = first.decision.id.description
        #expect(try await store.entry(id.uppercased()).decision.id == first.decision.id)
        #expect(try await store.entry(String(id.prefix(26))).decision.id == first.decision.id)
        let both = [id, second.decision.id.description].sorted()
        await #expect(throws: AuditError.ambiguousID(String(id.prefix(8)), candidates: both)) {
            try await store.entry(String(id.prefix(8)))
        }
        await #expect(throws: AuditError.unknownID("ffff")) { try await store.entry("ffff") }
        for bad in ["", "abc", "house%", "no such id", id + "0"] {
            await #expect(throws: AuditError.badID(bad)) { try await store.entry(bad) }
        }
    }

    @Test("refuses a decision that it has, and keeps the others", arguments: StoreKind.allCases)
    func duplicates(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        let record = Fixture.record()
        try await store.record(record)
        await #expect(throws: AuditError.duplicateID(record.decision.id.description)) { try await store.record(record) }
        try await store.record(Fixture.record(at: 1))
        #expect(try await store.list().entries.count == 2)
        #expect(try await store.verify().fault == nil)
    }

    @Test("keeps a record whose caller was cancelled", arguments: StoreKind.allCases)
    func cancellation(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.record(Fixture.record())
        }
        try await task.value
        #expect(try await store.list().entries.count == 1)
    }

    @Test("chains the records, and says so of an empty store too", arguments: StoreKind.allCases)
    func chain(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        #expect(try await store.verify() == ChainReport(records: 0, head: String(repeating: "0", count: 64)))
        for offset in 0..<5 { try await store.record(Fixture.record(at: Double(offset))) }
        let entries = try await store.list().entries
        for (newer, older) in zip(entries, entries.dropFirst()) { #expect(newer.previousHash == older.hash) }
        #expect(try await store.verify() == ChainReport(records: 5, head: entries[0].hash))
    }
}

@Suite("every audit store, asked for some records")
struct AuditStoreFilterTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What the filters below choose from, by request id.
    private func fill(_ store: any AuditStore) async throws {
        let v = Fixture.verdict
        let down = "classifier failed: no model"
        let records = [
            Fixture.record(
                at: 0,
                verdicts: [v("a", .allow, .enforce, nil)],
                requestID: "plain",
                text: "100% sure_thing"
            ),
            Fixture.record(
                at: 60,
                verdicts: [v("a", .flag, .enforce, nil)],
                requestID: "flagged",
                text: "Good EVENING"
            ),
            Fixture.record(
                at: 3600,
                direction: .response,
                verdicts: [v("a", .block, .enforce, nil), v("b", .flag, .enforce, nil)],
                requestID: "blocked",
                text: "ΚΑΛΗΜΕΡΑ, évident"
            ),
            Fixture.record(at: 3700, verdicts: [v("b", .block, .shadow, nil)], requestID: "shadow"),
            Fixture.record(at: 7200, verdicts: [v("a", .block, .enforce, down)], requestID: "down"),
            Fixture.record(at: 7300, verdicts: [], requestID: "unreachable", ending: .upstreamUnreachable),
            Fixture.record(
                at: 7400,
                verdicts: [v("a", .flag, .enforce, nil)],
                requestID: "flagged-timeout",
                ending: .upstreamTimeout
            ),
            Fixture.record(
                at: 7500,
                verdicts: [v("c", .redact, .enforce, nil)],
                requestID: "redacted",
                ending: .clientGone
            ),
        ]
        for record in records { try await store.record(record) }
        try await store.record(Self.odd)
    }

    /// A record that differs from the others in whatever they have in common.
    private static let odd: AuditRecord = {
        let scored = Verdict(rule: "s", mode: .enforce, outcome: .allow, score: 0.3)
        let failed = Verdict(rule: "t", mode: .enforce, outcome: .allow, error: "detector failed: step limit")
        var record = Fixture.record(
            at: 7600,
            verdicts: [scored, failed],
            requestID: "odd",
            text: "\"state\":\"skipped\""
        )
        record.tenant = "north [1]?"
        record.client = "mobile-2"
        record.conversation = "chat 7"
        record.route = "/v1/responses"
        record.model = "gpt-5-mini"
        record.decision.policyRevision = "e0f1"
        record.decision.coverage = [
            Coverage(pointer: "/messages/0", kind: .image, state: .skipped, reason: "no detector reads image", bytes: 0)
        ]
        return record
    }()

    private static let all = [
        "plain", "flagged", "blocked", "shadow", "down", "unreachable", "flagged-timeout", "redacted", "odd",
    ]

    static let cases: [(AuditFilter, [String])] = [
        (AuditFilter(), all),
        (AuditFilter(since: Fixture.time.addingTimeInterval(3600)), Array(all[2...])),
        (AuditFilter(until: Fixture.time.addingTimeInterval(3600)), ["plain", "flagged"]),
        (AuditFilter(results: [.allow]), ["plain", "shadow", "odd"]),
        (AuditFilter(results: [.flag]), ["flagged", "flagged-timeout"]),
        (AuditFilter(results: [.block, .redact]), ["blocked", "down", "redacted"]),
        (AuditFilter(results: [.upstreamTimeout, .upstreamUnreachable]), ["unreachable", "flagged-timeout"]),
        (AuditFilter(rule: "b"), ["blocked", "shadow"]),
        (AuditFilter(rule: "a", direction: .prompt), ["flagged", "down", "flagged-timeout"]),
        (AuditFilter(direction: .response), ["blocked"]),
        (AuditFilter(cause: .guardUnavailable), ["down"]),
        (AuditFilter(results: [.block], cause: .content), ["blocked"]),
        (AuditFilter(text: "good evening"), ["flagged"]),
        (AuditFilter(text: "καλημέρα"), []),
        (AuditFilter(text: "καλημερα"), ["blocked"]),
        (AuditFilter(text: "ÉVIDENT"), ["blocked"]),
        (AuditFilter(text: "100%"), ["plain"]),
        (AuditFilter(text: "e_t"), ["plain"]),
        (AuditFilter(text: "' OR 1=1 --"), []),
        (AuditFilter(requestID: "down"), ["down"]),
        (
            AuditFilter(since: Fixture.time, results: [.flag], rule: "a", direction: .prompt, text: "evening"),
            ["flagged"]
        ),
        (AuditFilter(results: [.flag], rule: "b"), []),
        (filter { $0.tenant = "north [1]?" }, ["odd"]),
        (filter { $0.tenant = "north [1]*" }, ["odd"]),
        (filter { $0.tenant = "*[1]?" }, ["odd"]),
        (filter { $0.tenant = "north 1?" }, []),
        (filter { $0.tenant = "nort? [1]*" }, []),
        (filter { $0.tenant = "default" }, Array(all.dropLast())),
        (filter { $0.client = "mobile-2" }, ["odd"]),
        (filter { $0.client = "mobile*" }, ["odd"]),
        (filter { $0.client = "mobile" }, []),
        (filter { $0.conversation = "chat 7" }, ["odd"]),
        (filter { $0.conversation = "chat*" }, []),
        (filter { $0.route = "/v1/responses" }, ["odd"]),
        (filter { $0.route = "/v1/chat/*" }, Array(all.dropLast())),
        (filter { $0.model = "gpt-*" }, ["odd"]),
        (filter { $0.model = "gpt-5" }, []),
        (filter { $0.revision = "E0" }, ["odd"]),
        (filter { $0.revision = "e0f1a" }, []),
        (filter { $0.id = String(odd.decision.id.description.prefix(20)) }, ["odd"]),
        (filter { $0.failMode = .open }, ["odd"]),
        (filter { $0.failMode = .closed }, ["down"]),
        (filter { $0.isUnscanned = true }, ["odd"]),
        (filter { $0.scores = [ScoreCondition(rule: "s")] }, ["odd"]),
        (filter { $0.scores = [ScoreCondition(rule: "t")] }, []),
        (filter { $0.scores = [ScoreCondition(rule: "s", lower: .init(0.3, isInclusive: true))] }, ["odd"]),
        (filter { $0.scores = [ScoreCondition(rule: "s", lower: .init(0.3, isInclusive: false))] }, []),
        (filter { $0.scores = [ScoreCondition(rule: "s", upper: .init(0.3, isInclusive: true))] }, ["odd"]),
        (filter { $0.scores = [ScoreCondition(rule: "s", upper: .init(0.3, isInclusive: false))] }, []),
        (
            filter {
                $0.scores = [
                    ScoreCondition(rule: "a", lower: .init(0.4, isInclusive: true)),
                    ScoreCondition(
                        rule: "b",
                        lower: .init(0.5, isInclusive: true),
                        upper: .init(0.6, isInclusive: true)
                    ),
                ]
            }, ["blocked"]
        ),
        (
            filter {
                $0.failMode = .open
                $0.isUnscanned = true
                $0.tenant = "default"
            }, []
        ),
    ]

    private static func filter(_ set: (inout AuditFilter) -> Void) -> AuditFilter {
        var filter = AuditFilter()
        set(&filter)
        return filter
    }

    @Test("filters compose", arguments: StoreKind.allCases)
    func filters(kind: StoreKind) async throws {
        let store = try kind.make(in: folder, mode: .full)
        try await fill(store)
        for (filter, expected) in Self.cases {
            let found = try await store.list(filter, limit: 50).entries.map(\.requestID)
            #expect(found == expected.reversed(), "\(filter)")
            #expect(try await store.stats(filter).total == expected.count, "\(filter)")
        }
    }

    @Test("counts by result, rule and hour", arguments: StoreKind.allCases)
    func stats(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        try await fill(store)
        let stats = try await store.stats(AuditFilter())
        #expect(stats.total == 9)
        #expect(stats.first == Fixture.time)
        #expect(stats.last == Fixture.time.addingTimeInterval(7600))
        let results = stats.results.map { "\($0.result.rawValue) \($0.count)" }
        #expect(
            results == ["allow 3", "flag 1", "redact 1", "block 2", "upstream_unreachable 1", "upstream_timeout 1"]
        )
        #expect(stats.rules.map(\.rule) == ["a", "b", "c", "t"])
        #expect(stats.rules.map(\.fired) == [4, 2, 1, 0])
        #expect(stats.rules.map(\.shadow) == [0, 1, 0, 0])
        #expect(stats.rules[3].errors == 1)
        #expect(stats.rules[0].errors == 1)
        #expect(stats.rules[0].flag == 2)
        #expect(stats.rules[0].block == 2)
        #expect(stats.hours.map(\.counts.total) == [2, 2, 5])
        #expect(stats.hours.map(\.counts.block) == [0, 1, 1])
        #expect(stats.hours.map(\.counts.failed) == [0, 0, 2])
        #expect(stats.hours[0].start == Date(timeIntervalSince1970: 1_769_868_000))
        #expect(stats.guardUnavailable == 1)
        #expect(stats.failedOpen == 1)
        #expect(stats.judging?.median == 12 && stats.judging?.most == 12)
        #expect(stats.tenants.map(\.name) == ["default", "north [1]?"])
        #expect(stats.tenants.map(\.counts.total) == [8, 1])
        #expect(stats.scores.map(\.rule) == ["a", "b", "c", "s"])
        #expect(stats.scores[0].flag == 0.4 && stats.scores[0].block == 0.7)
        // The scores of "a" that were given: 0.5 for each record but the one whose detector failed.
        #expect(stats.scores[0].counts[10] == 4 && stats.scores[0].counts.reduce(0, +) == 4)
        let nothing = try await store.stats(AuditFilter(rule: "no-such-rule"))
        #expect(nothing.total == 0)
        #expect(nothing.judging == nil)
        #expect(nothing.first == nil)
    }
}
