import Foundation
import Moderation

/// Clients that each send the next text as soon as the last one is judged, by the default policy.
struct ClosedLoad {
    let moderator: Moderator
    let texts: NeutralTexts

    /// What came of it.
    struct Outcome {
        /// Of each judgement that began and ended in time, in milliseconds.
        var latencies: [Double] = []
        /// Judgements where the screening question answered for the rules that it may answer for.
        var screenedOut = 0
    }

    /// Runs so many clients for so long, or until they had so many texts judged together.
    ///
    /// What was begun is finished and counted.
    ///
    /// - Throws: ``BenchError/notJudged(reason:)`` when a text could not be judged.
    func run(
        clients: Int,
        tokens: Int,
        seconds: Double,
        most: Int
    ) async throws -> (outcome: Outcome, seconds: Double) {
        let start = ContinuousClock.now
        let outcome = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    try await client(tokens: tokens, until: start + .seconds(seconds), most: most / clients)
                }
            }
            return try await group.reduce(into: Outcome()) { all, one in
                all.latencies += one.latencies
                all.screenedOut += one.screenedOut
            }
        }
        return (outcome, start.duration(to: .now) / .seconds(1))
    }

    private func client(tokens: Int, until end: ContinuousClock.Instant, most: Int) async throws -> Outcome {
        var outcome = Outcome()
        while outcome.latencies.count < most, ContinuousClock.now < end {
            let part = Part(kind: .text, text: texts.text(tokens), pointer: "/messages/0/content")
            let subject = Subject(direction: .prompt, turns: [Turn(role: .user, parts: [part])])
            let begin = ContinuousClock.now
            let judgement = try await moderator.judge(subject)
            outcome.latencies.append(begin.duration(to: .now) / .milliseconds(1))
            if let error = judgement.verdicts.compactMap(\.error).first { throw BenchError.notJudged(reason: error) }
            if judgement.verdicts.contains(where: \.screenedOut) { outcome.screenedOut += 1 }
        }
        return outcome
    }
}
