import Audit
import Foundation
import Moderation
import Synchronization
import Testing

@Suite("Reading many decisions")
struct RecordedScanTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func fill(_ kind: StoreKind, _ count: Int) async throws -> any AuditReader {
        let store = try kind.make(in: folder)
        for index in 0..<count {
            var verdicts = [
                Fixture.verdict("harm", index.isMultiple(of: 3) ? .flag : .allow),
                Verdict(rule: "words", mode: .enforce, outcome: .allow),
                Verdict(rule: "screened", mode: .enforce, outcome: .allow, screenedOut: true),
            ]
            if index.isMultiple(of: 2) { verdicts.append(Fixture.verdict("broken", .block, error: "no")) }
            var record = Fixture.record(
                at: Double(index),
                direction: index.isMultiple(of: 2) ? .prompt : .response,
                verdicts: verdicts
            )
            record.model = index < count / 2 ? nil : "gpt-x"
            record.decision.screenScore = Double(index) / 100
            try await store.record(record)
        }
        try await store.record(Fixture.record(at: Double(count), verdicts: []))
        return store.reader
    }

    private func read(_ scan: any RecordedScan, pieces: Int = 1) throws -> [(RecordedDecision, RecordedNames)] {
        let found = Mutex<[(RecordedDecision, RecordedNames)]>([])
        for piece in scan.pieces(pieces) {
            try scan.read(piece) { decision, names in found.withLock { $0.append((decision, names)) } }
        }
        return found.withLock { $0 }
    }

    @Test(
        "gives each decision with its verdicts and what its indices stand for, in any number of pieces",
        arguments: [1, 2, 7],
        StoreKind.allCases
    )
    func decisions(pieces: Int, kind: StoreKind) async throws {
        let reader = try await fill(kind, 20)
        let scan = try await reader.scan(since: nil, until: nil, hasScreenScores: true)
        let found = try read(scan, pieces: pieces)
        let requests = try await reader.entries(at: found.map(\.0.sequence)).map(\.sequence)
        #expect(requests == Array(1...21))
        for (index, (decision, names)) in found.dropLast().enumerated() {
            let rules = ["harm", "words", "screened"] + (index.isMultiple(of: 2) ? ["broken"] : [])
            #expect(decision.verdicts.map { names.rules[$0.rule] } == rules)
            #expect(decision.verdicts[0].score == 0.5 && decision.verdicts[1].score == nil)
            #expect(decision.verdicts[0].outcome == (index.isMultiple(of: 3) ? .flag : .allow))
            #expect(decision.verdicts[2].isScreenedOut && !decision.verdicts[1].isScreenedOut)
            #expect(decision.verdicts.last?.isFailed == index.isMultiple(of: 2))
            #expect(decision.direction == (index.isMultiple(of: 2) ? .prompt : .response))
            #expect(decision.screenScore == Double(index) / 100)
            #expect(names.revisions[decision.revision] == "r1")
            let scope = Scope(route: "/v1/chat/completions", model: index < 10 ? "" : "gpt-x")
            #expect(names.scopes[decision.scope] == scope)
        }
        #expect(found.last?.0.verdicts == [])
    }

    @Test(
        "keeps to a span of time, and asks for screening scores only where they are wanted",
        arguments: StoreKind.allCases
    )
    func span(kind: StoreKind) async throws {
        let reader = try await fill(kind, 10)
        let since = Fixture.time.addingTimeInterval(3)
        let until = Fixture.time.addingTimeInterval(6)
        let scan = try await reader.scan(since: since, until: until, hasScreenScores: false)
        let found = try read(scan)
        #expect(try await reader.entries(at: found.map(\.0.sequence)).map(\.sequence) == [4, 5, 6])
        #expect(found.allSatisfy { $0.0.screenScore == nil })
        let later = try await reader.scan(since: until.addingTimeInterval(60), until: nil, hasScreenScores: false)
        #expect(later.sequences == nil && later.pieces(2).isEmpty)
    }
}

@Suite("Asking what a tried policy would have done")
struct CandidateQueryTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("counts pairs of outcomes and gives the decisions that differ", arguments: StoreKind.allCases)
    func differences(kind: StoreKind) async throws {
        let store = try kind.make(in: folder)
        let reader = store.reader
        #expect(try await reader.newestCandidate() == nil)
        for (index, outcome) in [Outcome.allow, .block, .allow, .block].enumerated() {
            var record = Fixture.record(at: Double(index), verdicts: [Fixture.verdict("a", .allow)])
            record.decision.candidate = CandidateDecision(
                Judgement(verdicts: [Fixture.verdict("a", outcome)]),
                policy: PolicySet(name: "next", revision: index < 3 ? "r2" : "r3", rules: [])
            )
            try await store.record(record)
        }
        try await store.record(Fixture.record(at: 9))
        #expect(try await reader.newestCandidate() == "r3")
        let counts = try await reader.candidateCounts(of: "r2", since: nil, until: nil)
        #expect(counts.map(\.candidate) == [.allow, .block] && counts.map(\.count) == [2, 1])
        let found = Mutex<[Int64]>([])
        try await reader.candidateDifferences(of: "r2", since: nil, until: nil) { place, decision in
            if decision.candidate?.outcome == .block { found.withLock { $0.append(place) } }
        }
        #expect(try await reader.entries(at: found.withLock { $0 }).map(\.sequence) == [2])
        let since = Fixture.time.addingTimeInterval(1.5)
        #expect(try await reader.candidateCounts(of: "r2", since: since, until: nil).map(\.count) == [1])
    }
}
