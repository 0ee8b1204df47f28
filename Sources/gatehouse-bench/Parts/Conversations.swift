import Moderation
import Shield

/// A conversation that is sent whole with each turn: what each turn costs, against its new text judged alone.
struct Conversations {
    private let setup: Setup
    private static let (turns, tokens, rounds) = (10, 60, 12)

    init(_ setup: Setup) { self.setup = setup }

    func measure() async throws -> Section {
        let texts = setup.texts(seed: 400)
        let pair = PairedCosts(setup)
        var steps = [PairedCosts.Step](repeating: PairedCosts.Step(), count: Self.turns)
        for round in 0...Self.rounds {
            var conversation = Conversation(turns: [])
            for turn in 0..<Self.turns {
                conversation.turns.append(Self.turn(.user, texts.text(Self.tokens)))
                let new = Subject(direction: .prompt, turns: [Self.turn(.user, texts.text(Self.tokens))])
                let costs = try await pair.measure(Subject(prompt: conversation), new, aloneFirst: round % 2 == 1)
                conversation.turns.append(Self.turn(.assistant, texts.text(Self.tokens)))
                if round > 0 { steps[turn].add(costs) }
            }
        }
        return PairedCosts.section("conversation sent whole, ms", "conversation", tokens: Self.tokens, steps)
    }

    static func turn(_ role: Role, _ text: String) -> Turn {
        Turn(role: role, parts: [Part(kind: .text, text: text, pointer: "/messages/0/content")])
    }
}

/// A text that grows, as a streamed answer does: what each step costs, against its new part judged alone.
struct GrowingText {
    private let setup: Setup
    private static let (steps, tokens, rounds) = (10, 20, 12)

    init(_ setup: Setup) { self.setup = setup }

    func measure() async throws -> Section {
        let texts = setup.texts(seed: 500)
        let pair = PairedCosts(setup)
        let before = setup.classifier.prefixLoad
        var steps = [PairedCosts.Step](repeating: PairedCosts.Step(), count: Self.steps)
        for round in 0...Self.rounds {
            var text = ""
            for step in 0..<Self.steps {
                text += texts.text(Self.tokens)
                let grown = Subject(direction: .prompt, turns: [Conversations.turn(.user, text)])
                let part = Subject(direction: .prompt, turns: [Conversations.turn(.user, texts.text(Self.tokens))])
                let costs = try await pair.measure(grown, part, aloneFirst: round % 2 == 1)
                if round > 0 { steps[step].add(costs) }
            }
        }
        let title = "text that grows by \(Self.tokens) tokens, ms"
        var section = PairedCosts.section(title, "growing", tokens: Self.tokens, steps)
        let after = setup.classifier.prefixLoad
        let share = Double(after.hits - before.hits) / Double(max(1, after.lookups - before.lookups))
        section.notes.append("of all tokens, \(Section.percent(share)) were in the prefix cache")
        section.records.append(Record("prefix_hits", tokens: 0, Sample([share]), unit: "share"))
        return section
    }
}
