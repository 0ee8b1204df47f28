import Foundation
import Moderation

/// Judges texts by hand, for `gatehouse check`.
public struct Check: Sendable {
    private let moderator: Moderator

    /// Loads policies and model.
    ///
    /// - Parameter asksEveryRule: whether every rule is asked, whatever the screening question says.
    public init(settings: Settings, asksEveryRule: Bool = false) async throws {
        let judge = try await Judge.load(settings, asksEveryRule: asksEveryRule)
        moderator = judge.moderator
    }

    /// Judges a prompt, or a response to it.
    public func run(prompt: String, response: String?) async throws -> CheckReport {
        func turn(_ role: Role, _ text: String) -> Turn {
            Turn(role: role, parts: [Part(kind: .text, text: text, pointer: "/\(role.rawValue)")])
        }
        let subject =
            response.map { Subject(response: turn(.assistant, $0), to: Conversation(turns: [turn(.user, prompt)])) }
            ?? Subject(direction: .prompt, turns: [turn(.user, prompt)])
        return CheckReport(judgement: try await moderator.judge(subject), direction: subject.direction)
    }
}

/// What judging one text by hand found.
public struct CheckReport: Sendable {
    private let judgement: Judgement
    private let direction: Direction

    init(judgement: Judgement, direction: Direction) {
        self.judgement = judgement
        self.direction = direction
    }

    /// Whether the text would not pass.
    public var isBlocked: Bool { judgement.outcome == .block }

    /// For people: outcome, then each rule with its score and thresholds.
    public func text() -> String {
        var lines = [
            "\(judgement.outcome.rawValue)  (\(direction.rawValue), \(Self.milliseconds(judgement.duration)) ms)"
        ]
        if let score = judgement.screenScore { lines.append("screen  \(Self.decimal(score))") }
        let width = judgement.verdicts.map(\.rule.count).max() ?? 0
        for verdict in judgement.verdicts {
            let name = verdict.rule.padding(toLength: width, withPad: " ", startingAt: 0)
            let outcome = verdict.outcome.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0)
            lines.append("  \(name)  \(outcome)  \(Self.detail(verdict))\(verdict.mode == .shadow ? "  (shadow)" : "")")
        }
        if isBlocked { lines.append("reply: \(judgement.reply)") }
        return lines.map { $0 + "\n" }.joined()
    }

    /// For programs: one JSON object.
    public func json() throws -> String {
        struct Output: Encodable {
            var outcome: Outcome
            var cause: Cause
            var failMode: FailMode
            var direction: Direction
            var screenScore: Double?
            var verdicts: [Verdict]
            var reply: String?
            var milliseconds: Double
        }
        return try JSONOutput.string(
            Output(
                outcome: judgement.outcome,
                cause: judgement.cause,
                failMode: judgement.failMode,
                direction: direction,
                screenScore: judgement.screenScore,
                verdicts: judgement.verdicts,
                reply: isBlocked ? judgement.reply : nil,
                milliseconds: judgement.duration.milliseconds
            )
        )
    }

    private static func detail(_ verdict: Verdict) -> String {
        if let error = verdict.error { return error }
        if !verdict.matches.isEmpty {
            return verdict.matches.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        }
        guard let thresholds = verdict.thresholds else { return "no match" }
        let limits = [
            thresholds.flag.map { "flag ≥ \(decimal($0))" }, thresholds.block.map { "block ≥ \(decimal($0))" },
        ]
        let score = verdict.score.map(decimal) ?? "not asked: the screening score is below the bar"
        return score + "  (" + limits.compactMap(\.self).joined(separator: ", ") + ")"
    }

    private static func decimal(_ value: Double) -> String { String(format: "%.3f", value) }

    private static func milliseconds(_ duration: Duration) -> String { String(format: "%.1f", duration.milliseconds) }
}
