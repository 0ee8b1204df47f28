import Moderation
import Shield

/// Two things judged one right after the other, for the ratio of their costs.
struct PairedCosts {
    private let setup: Setup

    init(_ setup: Setup) { self.setup = setup }

    /// Milliseconds for one and for the other, over and over.
    struct Step {
        private(set) var whole: [Double] = []
        private(set) var alone: [Double] = []

        mutating func add(_ costs: (whole: Double, alone: Double)) {
            whole.append(costs.whole)
            alone.append(costs.alone)
        }
    }

    /// Milliseconds for each; which one goes first is for the caller to alternate.
    func measure(_ whole: Subject, _ alone: Subject, aloneFirst: Bool) async throws -> (whole: Double, alone: Double) {
        if aloneFirst {
            let cost = try await judge(alone)
            return (try await judge(whole), cost)
        }
        let cost = try await judge(whole)
        return (cost, try await judge(alone))
    }

    /// The questions of the default policy, the screening question's word always final: the same work for every text.
    private func judge(_ subject: Subject) async throws -> Double {
        let principles = setup.moderator.policy.rules.compactMap { rule -> Principle? in
            if case .principle(let principle) = rule.detection { principle } else { nil }
        }
        let request = ClassificationRequest(
            direction: subject.direction,
            context: subject.context,
            text: subject.turns.map(\.text).joined(separator: "\n"),
            questions: principles.map { Question(principle: $0.text, screened: $0.screened) },
            screen: Screen(principle: setup.screen.principle, bar: .infinity)
        )
        return try await Sample.milliseconds { _ = try await setup.classifier.classify(request) }
    }

    /// A row for each step.
    static func section(_ title: String, _ name: String, tokens: Int, _ steps: [Step]) -> Section {
        var section = Section(title: title, columns: ["whole", "new alone", "ratio"])
        for (index, step) in steps.enumerated() {
            let (whole, alone) = (Sample(step.whole), Sample(step.alone))
            // Of neighbours in time, which share whatever the machine was doing.
            let ratio = Sample(zip(step.whole, step.alone).map { $0 / $1 })
            section.rows.append([
                "  \(index + 1)", Section.number(whole.median, decimals: 1), Section.number(alone.median, decimals: 1),
                Section.number(ratio.median, decimals: 2),
            ])
            section.records += [
                Record(name, tokens: tokens, method: "step \(index + 1)", whole, unit: "ms"),
                Record(name + "_ratio", tokens: tokens, method: "step \(index + 1)", ratio, unit: "ratio"),
            ]
        }
        return section
    }
}
