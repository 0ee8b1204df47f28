import Foundation
import Moderation
import PolicyFiles
import Testing

/// Decisions that were recorded, decided again by another policy from what is on record.
@Suite("Deciding again from records")
struct BacktestTests {
    private static let screen = Screen(principle: "Is it harmful?", bar: 0.2)

    private static func principle(
        _ id: String,
        text: String = "No harm.",
        flag: Double? = 0.4,
        block: Double? = 0.8,
        screened: Bool = false,
        mode: RuleMode = .enforce
    ) -> Rule {
        let thresholds = Thresholds(flag: flag, block: block)
        let principle = Principle(text: text, screened: screened, thresholds: thresholds)
        return Rule(id: id, detection: .principle(principle), mode: mode)
    }

    private static func words(_ terms: Terms = ["fig"], action: Outcome = .block, mode: RuleMode = .enforce) -> Rule {
        Rule(id: "words", detection: .terms(terms), action: action, mode: mode)
    }

    private static func policy(
        _ rules: [Rule],
        screen: Screen? = nil,
        unscanned: Outcome = .allow,
        overrides: [Override] = []
    ) -> PolicySet {
        PolicySet(
            name: "p",
            revision: "new",
            rules: rules,
            screen: screen,
            unscanned: unscanned,
            overrides: overrides
        )
    }

    private let names = RecordedNames(
        rules: ["harm", "words"],
        scopes: [Scope(route: "/v1/chat/completions"), Scope(route: "/v1/messages", tenant: "north")],
        revisions: ["old", "lost"]
    )

    /// Index of the rule `harm` and of `words` in the names.
    private let harm = 0
    private let words = 1

    private func decision(
        _ verdicts: [RecordedVerdict],
        was outcome: Outcome = .allow,
        cause: Cause = .content,
        scope: Int = 0,
        revision: Int = 0,
        direction: Direction = .prompt,
        screenScore: Double? = nil
    ) -> RecordedDecision {
        RecordedDecision(
            sequence: 1,
            direction: direction,
            scope: scope,
            revision: revision,
            outcome: outcome,
            cause: cause,
            screenScore: screenScore,
            verdicts: verdicts
        )
    }

    private func again(
        _ decision: RecordedDecision,
        from old: PolicySet,
        to new: PolicySet,
        hasUnread: Bool? = nil,
        rejudged: [String: Outcome] = [:]
    ) -> Redecision {
        var backtest = Backtest(new, after: ["old": old], examples: 1)
        return backtest.redecide(decision, names, hasUnread: hasUnread, rejudged: rejudged)
    }

    @Test(
        "another threshold decides by the recorded score",
        arguments: [
            (0.39, Outcome.allow), (0.4, .flag), (0.59, .flag), (0.6, .block), (0.81, .block),
        ]
    )
    func thresholds(score: Double, expected: Outcome) {
        let (old, new) = (Self.policy([Self.principle("harm")]), Self.policy([Self.principle("harm", block: 0.6)]))
        let verdict = RecordedVerdict(rule: harm, outcome: .allow, score: score)
        let redecision = again(decision([verdict]), from: old, to: new)
        #expect(redecision.outcome == expected)
        #expect(redecision.rule == (expected == .allow ? nil : "harm"))
    }

    @Test("the same thresholds keep what was decided, as for a stream in which one window alone was over them")
    func sameThresholds() {
        let (old, new) = (
            Self.policy([Self.principle("harm")]), Self.policy([Self.principle("harm"), Self.words(mode: .shadow)])
        )
        let verdict = RecordedVerdict(rule: harm, outcome: .flag, score: 0.9)
        #expect(again(decision([verdict], was: .flag), from: old, to: new).outcome == .flag)
    }

    @Test("another action, mode or direction needs no text")
    func actions() {
        let old = Self.policy([Self.words()])
        let found = decision([RecordedVerdict(rule: words, outcome: .block)], was: .block)
        #expect(again(found, from: old, to: Self.policy([Self.words(action: .flag)])).outcome == .flag)
        #expect(again(found, from: old, to: Self.policy([Self.words(mode: .shadow)])).outcome == .allow)
        #expect(again(found, from: old, to: Self.policy([Self.words(mode: .off)])).outcome == .allow)
        var answers = Self.words()
        answers.appliesTo = [.response]
        #expect(again(found, from: old, to: Self.policy([answers])).outcome == .allow)
        let shadow = Self.policy([Self.words(mode: .shadow)])
        let shadowed = decision([RecordedVerdict(rule: words, outcome: .block)], was: .allow)
        #expect(again(shadowed, from: shadow, to: old).outcome == .block)
    }

    @Test("overrides count in their scope only, in the earlier policy and in the new one")
    func scopes() {
        var change = RuleChange()
        change.mode = .off
        let north = Override(scope: ScopePattern(tenants: ["north"]), changes: ["words": change])
        let (plain, scoped) = (Self.policy([Self.words()]), Self.policy([Self.words()], overrides: [north]))
        let found = RecordedVerdict(rule: words, outcome: .block)
        #expect(again(decision([found], was: .block), from: plain, to: scoped).outcome == .block)
        #expect(again(decision([found], was: .block, scope: 1), from: plain, to: scoped).outcome == .allow)
        // It was off there, so nobody looked.
        #expect(again(decision([], scope: 1), from: scoped, to: plain).gaps == ["words": .changedRule])
    }

    @Test("a rule that is new, or asks or searches for something else, needs the text; what it says then decides")
    func changedRules() {
        let old = Self.policy([Self.principle("harm"), Self.words()])
        let recorded = decision([
            RecordedVerdict(rule: harm, outcome: .allow, score: 0.1), RecordedVerdict(rule: words, outcome: .allow),
        ])
        let asked = Self.policy([Self.principle("harm", text: "Other words."), Self.words()])
        #expect(again(recorded, from: old, to: asked).gaps == ["harm": .changedRule])
        let searched = Self.policy([Self.principle("harm"), Self.words(["plum"])])
        #expect(again(recorded, from: old, to: searched).gaps == ["words": .changedRule])
        #expect(again(recorded, from: old, to: searched, rejudged: ["words": .block]).outcome == .block)
        let added = Self.policy(old.rules + [Rule(id: "more", detection: .terms(["nut"]), action: .flag)])
        #expect(again(recorded, from: old, to: added).gaps == ["more": .changedRule])
        #expect(again(recorded, from: old, to: added, rejudged: ["more": .flag]).rule == "more")
    }

    @Test("what is missing does not matter where it could not change the outcome")
    func irrelevantGaps() {
        let old = Self.policy([Self.words()])
        let new = Self.policy([Self.words(), Rule(id: "more", detection: .terms(["nut"]), action: .flag)])
        let found = decision([RecordedVerdict(rule: words, outcome: .block)], was: .block)
        #expect(again(found, from: old, to: new).outcome == .block)
        let shadow = Self.policy([Self.words(), Self.principle("more", mode: .shadow)])
        let clean = decision([RecordedVerdict(rule: words, outcome: .allow)])
        #expect(again(clean, from: old, to: shadow).outcome == .allow)
    }

    @Test(
        "who was screened out stays so under the same question and a bar that is not lower",
        arguments: [
            (0.2, nil, Outcome.allow as Outcome?), (0.3, nil, .allow), (0.1, 0.05, .allow), (0.1, 0.15, nil),
            (0.1, nil, nil),
        ] as [(Double, Double?, Outcome?)]
    )
    func screenedOut(bar: Double, screenScore: Double?, expected: Outcome?) {
        let rules = [Self.principle("harm", screened: true)]
        let old = Self.policy(rules, screen: Self.screen)
        let new = Self.policy(rules, screen: Screen(principle: Self.screen.principle, bar: bar))
        let verdict = RecordedVerdict(rule: harm, outcome: .allow, isScreenedOut: true)
        let redecision = again(decision([verdict], screenScore: screenScore), from: old, to: new)
        #expect(redecision.outcome == expected)
        #expect(redecision.gaps == (expected == nil ? ["harm": .screenedOut] : [:]))
    }

    @Test("who was screened out is not decided where the question is another one or the rule is always asked")
    func otherScreen() {
        let old = Self.policy([Self.principle("harm", screened: true)], screen: Self.screen)
        let verdict = decision([RecordedVerdict(rule: harm, outcome: .allow, isScreenedOut: true)])
        let asked = Self.policy([Self.principle("harm")], screen: Self.screen)
        #expect(again(verdict, from: old, to: asked).gaps == ["harm": .screenedOut])
        let other = Screen(principle: "Something else?", bar: 0.2)
        let rules = [Self.principle("harm", screened: true)]
        #expect(again(verdict, from: old, to: Self.policy(rules, screen: other)).outcome == nil)
    }

    @Test("a higher bar takes back what was asked, by the recorded screening score")
    func raisedBar() {
        let rules = [Self.principle("harm", screened: true)]
        let old = Self.policy(rules, screen: Self.screen)
        let new = Self.policy(rules, screen: Screen(principle: Self.screen.principle, bar: 0.5))
        let verdict = RecordedVerdict(rule: harm, outcome: .block, score: 0.9)
        #expect(again(decision([verdict], was: .block, screenScore: 0.3), from: old, to: new).outcome == .allow)
        #expect(again(decision([verdict], was: .block, screenScore: 0.6), from: old, to: new).outcome == .block)
        #expect(again(decision([verdict], was: .block), from: old, to: new).outcome == nil)
    }

    @Test("a rule whose detector failed is decided by what it does then")
    func failures() {
        let old = Self.policy([Self.principle("harm")])
        var open = Self.principle("harm")
        open.onError = .allow
        let failed = decision([RecordedVerdict(rule: harm, outcome: .block, isFailed: true)], was: .block)
        #expect(again(failed, from: old, to: Self.policy([open])).outcome == .allow)
        #expect(again(failed, from: old, to: old).outcome == .block)
    }

    @Test("a rule that began or ceased to redact prompts searched other parts of the conversation")
    func redaction() {
        let (block, redact) = (Self.policy([Self.words()]), Self.policy([Self.words(action: .redact)]))
        let (found, clean) = (
            RecordedVerdict(rule: words, outcome: .redact), RecordedVerdict(rule: words, outcome: .allow)
        )
        #expect(again(decision([found], was: .redact), from: redact, to: block).gaps == ["words": .searchedElsewhere])
        #expect(again(decision([clean]), from: redact, to: block).outcome == .allow)
        #expect(again(decision([clean]), from: block, to: redact).gaps == ["words": .searchedElsewhere])
        let answer = decision([found], was: .redact, direction: .response)
        #expect(again(answer, from: redact, to: block).outcome == .block)
    }

    @Test("content that nobody reads is decided by what is on record of it, or looked up")
    func unread() {
        let rules = [Self.words()]
        let (flag, block) = (Self.policy(rules, unscanned: .flag), Self.policy(rules, unscanned: .block))
        let clean = RecordedVerdict(rule: words, outcome: .allow)
        let unread = decision([clean], was: .flag, cause: .unscanned)
        #expect(again(unread, from: flag, to: block).outcome == .block)
        #expect(again(unread, from: flag, to: Self.policy(rules, unscanned: .allow)).outcome == .allow)
        #expect(again(decision([clean]), from: flag, to: block).outcome == .allow)
        let found = decision([RecordedVerdict(rule: words, outcome: .block)], was: .block)
        let mild = Self.policy([Self.words(mode: .off)], unscanned: .flag)
        #expect(again(found, from: flag, to: mild).needsCoverage)
        #expect(again(found, from: flag, to: mild, hasUnread: false).outcome == .allow)
        #expect(again(found, from: flag, to: mild, hasUnread: true).outcome == .flag)
    }

    @Test("a decision by rules that are not known is never counted as unchanged")
    func unknownPolicy() {
        let new = Self.policy([Self.words()])
        let recorded = decision([RecordedVerdict(rule: words, outcome: .allow)], revision: 1)
        let redecision = again(recorded, from: new, to: new)
        #expect(redecision.outcome == nil && redecision.gaps == ["words": .unknownPolicy])
    }

    @Test("where nothing was judged there is nothing to decide")
    func nothingJudged() {
        let policy = Self.policy([Self.words()])
        #expect(again(decision([], cause: .none), from: policy, to: policy).isEmpty)
        let path = decision([], was: .flag, cause: .unscanned)
        #expect(
            again(
                path,
                from: Self.policy([Self.words()], unscanned: .flag),
                to: Self.policy([Self.words()], unscanned: .block)
            ).outcome == .block
        )
    }

    @Test("changes are counted by outcome and by the rule that makes the difference")
    func counting() {
        let old = Self.policy([Self.principle("harm"), Self.words()])
        let new = Self.policy([Self.principle("harm", block: 0.6)])
        var backtest = Backtest(new, after: ["old": old], examples: 2)
        func add(_ sequence: Int64, _ score: Double, _ found: Outcome, was: Outcome) {
            var decision = decision(
                [
                    RecordedVerdict(rule: harm, outcome: .allow, score: score),
                    RecordedVerdict(rule: words, outcome: found),
                ],
                was: was
            )
            decision.sequence = sequence
            backtest.add(decision, names)
        }
        for sequence in 1...4 { add(Int64(sequence), 0.7, .allow, was: .flag) }
        add(5, 0.1, .block, was: .block)
        add(6, 0.1, .allow, was: .allow)
        let blocked = ChangeTally.Change(from: .flag, to: .block, rule: "harm")
        let freed = ChangeTally.Change(from: .block, to: .allow, rule: "words")
        #expect(backtest.tally.counts == [blocked: 4, freed: 1])
        #expect(backtest.tally.decided == 6 && backtest.open.isEmpty)
        #expect(backtest.tally.places == [blocked: [3, 4], freed: [5]])
    }
}

@Suite("What a comparison says")
struct ChangeReportTests {
    @Test("a report has the strongest outcome first, with rates, rules and examples")
    func text() {
        var tally = ChangeTally(placesLimit: 1)
        for place in 1...97 { tally.add(from: .allow, to: .allow, rule: nil, place: Int64(place)) }
        tally.add(from: .block, to: .allow, rule: "words", place: 98)
        for place in 99...100 { tally.add(from: .flag, to: .block, rule: "harm", place: Int64(place)) }
        let report = ChangeReport(tally) { place, _ in
            ChangeReport.Example(id: "id-\(place)", time: .now, direction: .prompt, score: 0.71, text: "a\nb")
        }
        #expect(report.newlyBlocked == 2 && report.changed.count == 3 && report.decided == 100)
        let text = report.text { $0.replacing("\n", with: " ") }
        #expect(
            text == """
                newly blocked   2   2.00 % (0.55 … 7.00 %)
                         2  harm  (was flag)
                      id-100  prompt  0.710  a b
                newly allowed   1   1.00 % (0.18 … 5.45 %)
                         1  no longer by words  (was block)
                      id-98  prompt  0.710  a b

                """
        )
    }
}
