import Moderation

/// How decisions of one earlier policy, scope and direction are decided again by another policy.
struct BacktestPlan: Sendable {
    /// What a verdict on record says of a rule as it is now.
    enum Reuse: Sendable {
        /// The same question was asked: the score decides.
        case score(Thresholds, isSame: Bool, screen: ScreenChange)
        /// The same was searched for: what was found decides.
        case match(Outcome)
        /// The same was searched for, but also, or no longer, in what was said before (which redacting rules search too).
        case matchElsewhere(Outcome)
        /// Nothing: the rule is new, was off, or asks or searches for something else.
        case nothing
    }

    /// What became of the screening question for a rule.
    enum ScreenChange: Sendable {
        /// Whoever was screened out stays so; whoever was asked is asked.
        case same
        /// More are asked: those whose screening score is at least the bar.
        case lowered(Double)
        /// Fewer are asked: those whose screening score is at least the bar.
        case raised(Double)
        /// All are asked.
        case gone
        /// Another question screens.
        case other
    }

    /// A rule as it is now: no more than is needed for each of a million decisions.
    struct PlannedRule: Sendable {
        let id: String
        let isEnforced: Bool
        let onError: ErrorAction
        /// The most that the rule could ask for.
        let worst: Outcome
        let reuse: Reuse

        init(_ rule: Rule, reuse: Reuse) {
            id = rule.id
            isEnforced = rule.mode == .enforce
            onError = rule.onError
            self.reuse = reuse
            let most =
                rule.detection.thresholds.map { $0.block != nil ? .block : $0.flag != nil ? .flag : .allow }
                ?? rule.action
            worst = isEnforced ? most : .allow
        }
    }

    /// The rules of the policy that judge this direction.
    let rules: [PlannedRule]
    /// Whether it is known by which rules the decisions were made.
    let isKnown: Bool
    /// How many rules judged then; a decision without any verdict is one that nothing was judged for.
    let earlierRules: Int
    /// What was done, and is done now, about content that nobody reads.
    let unscanned: (before: Outcome, now: Outcome)

    /// Compares two policies in one scope and direction.
    ///
    /// - Parameter earlier: the policy that decided; nil when it is not known.
    init(_ new: PolicySet, after earlier: PolicySet?, in scope: Scope, _ direction: Direction) {
        func judging(_ policy: PolicySet) -> [Rule] {
            policy.rules.filter { $0.mode != .off && $0.appliesTo.contains(direction) }
        }
        let new = new.effective(in: scope, direction)
        let earlier = earlier?.effective(in: scope, direction)
        let known = Dictionary((earlier.map(judging) ?? []).map { ($0.id, $0) }) { first, _ in first }
        rules = judging(new).map { rule in
            let reuse = known[rule.id].map { Self.reuse($0, earlier?.screen, rule, new.screen, direction) }
            return PlannedRule(rule, reuse: reuse ?? .nothing)
        }
        isKnown = earlier != nil
        earlierRules = known.count
        unscanned = (earlier?.unscanned ?? .allow, new.unscanned)
    }

    private static func reuse(
        _ old: Rule,
        _ oldScreen: Screen?,
        _ new: Rule,
        _ newScreen: Screen?,
        _ direction: Direction
    ) -> Reuse {
        switch (old.detection, new.detection) {
        case (.principle(let before), .principle(let now)) where before.text == now.text:
            let wasScreened = before.screened ? oldScreen : nil
            let isScreened = now.screened ? newScreen : nil
            let screen = change(from: wasScreened, to: isScreened)
            return .score(now.thresholds, isSame: before.thresholds == now.thresholds, screen: screen)
        case (.examples(let before), .examples(let now))
        where before.positive == now.positive && before.negative == now.negative:
            return .score(now.thresholds, isSame: before.thresholds == now.thresholds, screen: .same)
        case (.terms, .terms), (.patterns, .patterns), (.pii, .pii), (.secrets, .secrets), (.limits, .limits):
            guard old.detection == new.detection else { return .nothing }
            let isMoved = direction == .prompt && (old.action == .redact) != (new.action == .redact)
            return isMoved ? .matchElsewhere(new.action) : .match(new.action)
        default: return .nothing
        }
    }

    private static func change(from old: Screen?, to new: Screen?) -> ScreenChange {
        switch (old, new) {
        case (nil, nil): .same
        case (_?, nil): .gone
        case (nil, let new?): .raised(new.bar)
        case (let old?, let new?) where old.principle != new.principle: .other
        case (let old?, let new?): new.bar == old.bar ? .same : new.bar < old.bar ? .lowered(new.bar) : .raised(new.bar)
        }
    }
}

// MARK: - One verdict

extension BacktestPlan.PlannedRule {
    /// The least and the most that the rule asks for, as far as its verdict on record says.
    func outcomes(of verdict: RecordedVerdict, screenScore: Double?) -> ClosedRange<Outcome> {
        guard isEnforced else { return .allow ... .allow }
        if verdict.isFailed, !isNew {
            let outcome: Outcome = onError == .block ? .block : .allow
            return outcome...outcome
        }
        switch reuse {
        case .nothing: return .allow...worst
        case .match(let action):
            let outcome = verdict.outcome > .allow ? action : .allow
            return outcome...outcome
        case .matchElsewhere(let action):
            // Nothing in the text and before it is nothing in the text.
            return verdict.outcome == .allow && action != .redact ? .allow ... .allow : .allow...action
        case .score(let thresholds, let isSame, let screen):
            guard let score = verdict.score else { return outcomesUnasked(screen, screenScore) }
            let outcome = isSame ? verdict.outcome : thresholds.outcome(of: score)
            switch screen {
            case .same, .lowered, .gone: return outcome...outcome
            case .raised(let bar):
                guard let screenScore else { return .allow...outcome }
                return screenScore < bar ? .allow ... .allow : outcome...outcome
            case .other: return .allow...outcome
            }
        }
    }

    private var isNew: Bool { if case .nothing = reuse { true } else { false } }

    /// For a rule that the screening question answered for.
    private func outcomesUnasked(_ screen: BacktestPlan.ScreenChange, _ screenScore: Double?) -> ClosedRange<Outcome> {
        switch screen {
        case .same, .raised: return .allow ... .allow
        case .lowered(let bar):
            if let screenScore, screenScore < bar { return .allow ... .allow }
            return .allow...worst
        case .gone, .other: return .allow...worst
        }
    }
}
