public import Moderation

/// What another policy would do about a recorded decision, as far as the record says.
public struct Redecision: Sendable, Hashable {
    /// Why a decision can't be made without the text.
    public enum Gap: String, Sendable, Codable, Hashable, CaseIterable {
        /// A rule is new, or asks or searches for something else.
        case changedRule = "changed_rule"
        /// The screening question had answered for a rule that would be asked now.
        case screenedOut = "screened_out"
        /// A rule would search other parts of the conversation.
        case searchedElsewhere = "searched_elsewhere"
        /// By which rules it was decided is not known.
        case unknownPolicy = "unknown_policy"
        /// Whether it held content that nobody reads has to be looked up.
        case unread
    }

    /// What would be done; nil when the record does not say.
    public var outcome: Outcome?
    /// The rule that would decide; nil where none asks for more than `allow`.
    public var rule: String?
    /// The rules whose verdicts are missing, in policy order, and why.
    public var gaps: [String: Gap] = [:]
    /// Whether it has to be looked up whether there was content that nobody reads.
    public var needsCoverage = false
    /// Whether nothing was judged, so that there is nothing to decide again.
    public var isEmpty = false
}

extension BacktestPlan {
    /// Decides a recorded decision again.
    ///
    /// - Parameters:
    ///   - indices: for each rule's index in the recorded names, its place in ``rules``; nil for rules that are gone.
    ///   - hasUnread: whether it held content that nobody reads; nil when that has not been looked up.
    ///   - rejudged: what rules that were asked anew say.
    func decide(
        _ decision: RecordedDecision,
        indices: [Int?],
        hasUnread: Bool? = nil,
        rejudged: [String: Outcome] = [:]
    ) -> Redecision {
        if decision.verdicts.isEmpty, isKnown, earlierRules > 0 { return redecideUnjudged(decision, hasUnread) }
        var low = Outcome.allow
        var high = Outcome.allow
        var deciding: String?
        var open: [(index: Int, most: Outcome, gap: Redecision.Gap)] = []
        func take(_ index: Int, _ range: ClosedRange<Outcome>, _ gap: @autoclosure () -> Redecision.Gap) {
            let id = rules[index].id
            var range = range
            if range.lowerBound != range.upperBound, let outcome = rejudged[id] { range = outcome...outcome }
            if range.lowerBound > low {
                low = range.lowerBound
                deciding = id
            }
            if range.upperBound > range.lowerBound { open.append((index, range.upperBound, gap())) }
            high = max(high, range.upperBound)
        }
        var seen = 0
        for verdict in decision.verdicts {
            guard verdict.rule < indices.count, let index = indices[verdict.rule] else { continue }
            seen += 1
            let planned = rules[index]
            take(index, planned.outcomes(of: verdict, screenScore: decision.screenScore), gap(of: planned, verdict))
        }
        if seen < rules.count {
            let present = Set(decision.verdicts.compactMap { $0.rule < indices.count ? indices[$0.rule] : nil })
            for index in rules.indices where !present.contains(index) {
                take(index, .allow...rules[index].worst, isKnown ? .changedRule : .unknownPolicy)
            }
        }
        let unread = unreadOutcomes(of: decision, hasUnread)
        if unread.lowerBound > low {
            low = unread.lowerBound
            deciding = nil
        }
        var redecision = Redecision()
        redecision.needsCoverage = unread.upperBound > low && unread.upperBound > unread.lowerBound
        for item in open where item.most > low { redecision.gaps[rules[item.index].id] = item.gap }
        guard redecision.gaps.isEmpty, !redecision.needsCoverage else { return redecision }
        redecision.outcome = low
        redecision.rule = deciding
        return redecision
    }

    /// Nothing was judged: the upstream failed, say, or nobody reads the path.
    private func redecideUnjudged(_ decision: RecordedDecision, _ hasUnread: Bool?) -> Redecision {
        if decision.cause == .unscanned || hasUnread == true { return Redecision(outcome: unscanned.now) }
        let mustLook = hasUnread == nil && unscanned.before == .allow && unscanned.now > .allow
        return mustLook ? Redecision(needsCoverage: true) : Redecision(isEmpty: true)
    }

    private func gap(of planned: PlannedRule, _ verdict: RecordedVerdict) -> Redecision.Gap {
        switch planned.reuse {
        case .nothing: isKnown ? .changedRule : .unknownPolicy
        case .matchElsewhere: .searchedElsewhere
        case .match, .score: .screenedOut
        }
    }

    private func unreadOutcomes(of decision: RecordedDecision, _ hasUnread: Bool?) -> ClosedRange<Outcome> {
        let now = unscanned.now
        if let hasUnread { return hasUnread ? now...now : .allow ... .allow }
        if now == .allow { return .allow ... .allow }
        if decision.cause == .unscanned { return now...now }
        // What nobody reads would have made the outcome at least this.
        if isKnown, decision.outcome < unscanned.before { return .allow ... .allow }
        return .allow...now
    }
}
