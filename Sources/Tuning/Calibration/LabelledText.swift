public import Moderation

/// A text with the answer to whether it violates one rule.
public struct LabelledText: Sendable, Hashable {
    /// Which way it travels.
    public var direction: Direction
    /// The turns before it, oldest first.
    public var context: [Turn]
    /// What is judged.
    public var text: String
    /// Whether it violates.
    public var isPositive: Bool

    /// Creates a labelled text.
    public init(direction: Direction, context: [Turn] = [], text: String, isPositive: Bool) {
        self.direction = direction
        self.context = context
        self.text = text
        self.isPositive = isPositive
    }

    /// The same for equal texts in equal contexts, in every process.
    public var digest: UInt64 {
        CalibrationSample.digest(of: ([direction.rawValue] + context.map(\.text) + [text]).joined(separator: "\u{0}"))
    }

    var subject: Subject {
        let role: Role = direction == .response ? .assistant : .user
        let turn = Turn(role: role, parts: [Part(kind: .text, text: text, pointer: "/text")])
        return Subject(direction: direction, context: context, turns: [turn])
    }

    /// What a rule says about itself: its tests, and its examples where it has some.
    ///
    /// A test that expects `allow` is harmless, one that expects the strongest thing that the rule can do a violation. What
    /// is to be flagged by a rule that can also block is neither.
    public static func own(of rule: Rule) -> [LabelledText] {
        guard let thresholds = rule.detection.thresholds else { return [] }
        let strongest: Outcome = thresholds.block == nil ? .flag : .block
        var texts = rule.tests.compactMap { test -> LabelledText? in
            guard test.expect == .allow || test.expect == strongest else { return nil }
            let isPositive = test.expect == strongest
            guard let response = test.response else {
                return LabelledText(
                    direction: .prompt,
                    context: test.before,
                    text: test.prompt,
                    isPositive: isPositive
                )
            }
            let asked = test.prompt.isEmpty ? [] : [userTurn(test.prompt)]
            return LabelledText(
                direction: .response,
                context: test.before + asked,
                text: response,
                isPositive: isPositive
            )
        }
        if case .examples(let examples) = rule.detection {
            let direction: Direction = rule.appliesTo.contains(.prompt) ? .prompt : .response
            for (list, isPositive) in [(examples.positive, true), (examples.negative, false)] {
                texts += list.map { LabelledText(direction: direction, text: $0, isPositive: isPositive) }
            }
        }
        return texts
    }

    static func userTurn(_ text: String) -> Turn {
        Turn(role: .user, parts: [Part(kind: .text, text: text, pointer: "/prompt")])
    }
}
