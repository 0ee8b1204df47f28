import Gateway
import Moderation
import Testing

/// Plays the attacker: harm in every place of every API's requests and answers, known or not.
@Suite("Harm that is planted anywhere")
struct PlantedHarmTests {
    private static let fixtures = DialectFixture.all
    private static let bad = "a quite badword text"
    private static let member = "\"x_note\":{\"deep\":[\"\(bad)\"]}"

    @Test("in a request it is refused, or the record says why it was not judged", arguments: fixtures)
    func requests(fixture: DialectFixture) async throws {
        let answer = try fixture.answer("Yes.", streamed: false)
        var requests: [String] = []
        for file in ["request.json", "history.json", "tool-result.json"] where fixture.has(file) {
            let document = try JSONDocument(Array(fixture.filled(file).utf8))
            requests += document.planted(Self.bad) + document.withMember(Self.member)
        }
        let outcomes = try await fixture.run(
            requests.map { FixtureCase(request: $0, answer: answer, streamed: false) }
        )
        for (request, outcome) in zip(requests, outcomes) {
            guard outcome.forwarded != nil else {
                #expect(!outcome.response.text.contains("badword"), "\(request)")
                continue
            }
            let entries = try coverage(of: Self.bad, in: request, by: fixture, outcome)
            #expect(!entries.isEmpty, "passed in silence: \(request)")
            #expect(entries.allSatisfy { $0.state != .scanned && $0.reason != nil }, "\(request)")
        }
    }

    /// What the prompt's record says of the places where a text stands.
    private func coverage(
        of text: String,
        in request: String,
        by fixture: DialectFixture,
        _ outcome: FixtureOutcome
    ) throws -> [Coverage] {
        let decoded = try fixture.decode(request, streamed: false)
        let subject = Subject(prompt: decoded.conversation)
        let parts = (subject.context + subject.turns).flatMap(\.parts)
        let record = try #require(outcome.records.first)
        // The record shows no key that a sender chose, but keeps the order.
        try #require(record.decision.coverage.count == parts.count)
        return zip(parts, record.decision.coverage).filter { part, _ in
            decoded.document.value(at: part.pointer).map {
                String(decoding: decoded.document.bytes[$0.range], as: UTF8.self).contains(text)
            } ?? false
        }.map(\.1)
    }

    @Test("in an answer it never reaches the client, and the record says so", arguments: fixtures, [false, true])
    func answers(fixture: DialectFixture, streamed: Bool) async throws {
        let request = try fixture.request(streamed: streamed)
        var answers: [String] = []
        for kind in AnswerKind.allCases where fixture.hasAnswer(kind, streamed: streamed) {
            let answer = try fixture.answer("Good day to you.", kind, streamed: streamed)
            for (whole, document) in try fixture.documents(in: answer, streamed: streamed) {
                answers += (document.planted(Self.bad) + document.withMember(Self.member)).map(whole)
            }
        }
        if streamed, fixture.settings.streamType == "text/event-stream" {
            let answer = try fixture.answer("Good day to you.", streamed: true)
            for name in ["event", "id", "retry"] {
                answers.append(answer.replacing("data: ", with: "\(name): \(Self.bad)\ndata: "))
            }
        }
        let outcomes = try await fixture.run(
            answers.map { FixtureCase(request: request, answer: $0, streamed: streamed) }
        )
        for (answer, outcome) in zip(answers, outcomes) {
            #expect(!outcome.response.text.contains("badword"), "\(answer)")
            let record = try #require(outcome.records.last)
            #expect(record.decision.outcome == .block || record.ending == .upstreamFailed, "\(answer)")
        }
    }
}
