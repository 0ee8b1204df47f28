import Moderation
import Shield

/// What it costs to judge a text by 1, 4 and 8 principles, and with the screening question first.
///
/// Every text is new, so that no cache helps. A text beyond the template's window is read in overlapping windows.
struct Judging {
    private let setup: Setup
    private static let counts = [1, 4, 8]
    private static let rounds = 12
    private static let seconds = 35.0

    init(_ setup: Setup) { self.setup = setup }

    /// One way to judge a text.
    private struct Way {
        var name: String
        var questions: [Question]
        var screen: Screen?
    }

    func measure() async throws -> Section {
        let texts = setup.texts(seed: 100)
        var times: [[[Double]]] = Cases.textTokens.map { _ in ways.map { _ in [] } }
        var screenedOut = (count: 0, of: 0)
        let before = setup.classifier.prefixLoad.hits
        let start = ContinuousClock.now
        // Rounds, so that a slow moment hits all alike; the first is not timed.
        for round in 0...Self.rounds where round < 3 || start.duration(to: .now) < .seconds(Self.seconds) {
            for (length, tokens) in Cases.textTokens.enumerated() {
                for (index, way) in ways.enumerated() {
                    let request = ClassificationRequest(
                        direction: .prompt,
                        text: texts.text(tokens),
                        questions: way.questions,
                        screen: way.screen
                    )
                    let begin = ContinuousClock.now
                    let answer = try await setup.classifier.classify(request)
                    let took = begin.duration(to: .now) / .milliseconds(1)
                    guard round > 0 else { continue }
                    if way.screen != nil {
                        screenedOut.of += 1
                        // Only where the screen's word was final.
                        guard answer.scores.allSatisfy({ $0 == nil }) else { continue }
                        screenedOut.count += 1
                    }
                    times[length][index].append(took)
                }
            }
        }
        var section = Section(title: "judging, ms", columns: ways.flatMap { [$0.name, "× one"] })
        for (length, tokens) in Cases.textTokens.enumerated() {
            let samples = times[length].map { $0.isEmpty ? nil : Sample($0) }
            section.rows.append(
                ["  \(tokens) tokens"]
                    + samples.flatMap { sample -> [String] in
                        guard let sample, let one = samples[0] else { return ["", ""] }
                        let ratio = sample.median / one.median
                        return [Section.number(sample.median, decimals: 1), Section.number(ratio, decimals: 2)]
                    }
            )
            for (way, sample) in zip(ways, samples) {
                guard let sample else { continue }
                let method = way.screen == nil ? "" : "screen first"
                let count = way.questions.count
                section.records.append(
                    Record("judge", tokens: tokens, questions: count, method: method, sample, unit: "ms")
                )
            }
        }
        section.notes = [
            "medians; new texts each time: \(setup.classifier.prefixLoad.hits - before) of their tokens were in a cache",
            "screen: 8 principles behind the screening question, for the \(screenedOut.count) of \(screenedOut.of) "
                + "texts that it finds harmless",
        ]
        return section
    }

    private var ways: [Way] {
        Self.counts.map { count in
            Way(name: "\(count)", questions: setup.principles.prefix(count).map { Question(principle: $0) })
        } + [
            Way(
                name: "screen",
                questions: setup.principles.prefix(8).map { Question(principle: $0, screened: true) },
                screen: setup.screen
            )
        ]
    }
}
