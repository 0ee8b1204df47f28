import Audit
import Foundation
import Testing

@Suite("saved queries")
struct SavedQueryTests {
    let folder: TemporaryFolder
    let queries: SQLiteSavedQueries

    init() throws {
        folder = try TemporaryFolder()
        try SQLiteAuditStore(path: folder.file(), keeper: Fixture.keeper()).close()
        queries = try SQLiteSavedQueries(path: folder.file())
    }

    private var words: FilterWords {
        var words = FilterWords()
        words.since = "24h"
        words.outcomes = ["block"]
        words.scores = ["hate-speech>0.6"]
        words.tenant = "it's *"
        words.isUnscanned = true
        return words
    }

    @Test("are kept for all who use the store, with ages as they were given")
    func roundTrip() async throws {
        let query = try SavedQuery(name: "night.blocks", words: words, actor: "anna", time: Fixture.time)
        try await queries.save(query)
        try await queries.save(SavedQuery(name: "all", words: FilterWords(), actor: "ben", time: Fixture.time))
        let found = try await SQLiteSavedQueries(path: folder.file()).savedQueries()
        #expect(found.map(\.name) == ["all", "night.blocks"])
        #expect(found.last == query)
        #expect(found.last?.words.since == "24h")
        try await queries.deleteQuery("all")
        #expect(try await queries.savedQueries() == [query])
    }

    @Test("keep their names; those who look for one that is not there are told which there are")
    func names() async throws {
        try await queries.save(SavedQuery(name: "blocks", words: words, actor: "anna"))
        let taken = await #expect(throws: AuditError.self) {
            try await queries.save(SavedQuery(name: "blocks", words: FilterWords(), actor: "ben"))
        }
        #expect("\(try #require(taken))".contains("anna saved a query under it"))
        let unknown = await #expect(throws: AuditError.self) { try await queries.deleteQuery("block") }
        #expect("\(try #require(unknown))" == "'block' is not a saved query; expected one of blocks")
        #expect(try await queries.query("blocks").words == words)
        for name in ["", "a b", "@x", String(repeating: "x", count: 65)] {
            #expect(throws: AuditError.self) { try SavedQuery(name: name, words: FilterWords(), actor: "anna") }
        }
        var bad = FilterWords()
        bad.cause = "nothing"
        #expect(throws: AuditError.self) { try SavedQuery(name: "bad", words: bad, actor: "anna") }
    }

    @Test("are completed by what is given besides, which wins")
    func completion() throws {
        var given = FilterWords()
        given.since = "7d"
        given.rule = "violence"
        let both = try given.completed(by: words)
        #expect(both.since == "7d" && both.rule == "violence" && both.outcomes == ["block"] && both.isUnscanned)
        #expect(try FilterWords().completed(by: words) == words)
        #expect(try words.completed(by: FilterWords()) == words)
    }

    @Test("read as flags of the command line")
    func flags() {
        #expect(
            words.flags
                == "--since 24h --outcome block --score 'hate-speech>0.6' --tenant 'it'\\''s *' --unscanned"
        )
        #expect(FilterWords().flags.isEmpty)
    }
}
