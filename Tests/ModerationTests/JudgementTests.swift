import Foundation
import Moderation
import Testing

@Suite("Judgement and decision")
struct JudgementTests {
    @Test("absorbing an earlier window keeps the stronger outcome and the higher score of each rule")
    func absorb() {
        var later = Judgement(
            verdicts: [
                Verdict(rule: "a", mode: .enforce, outcome: .allow, score: 0.2),
                Verdict(rule: "b", mode: .enforce, outcome: .flag, score: 0.5),
                Verdict(rule: "c", mode: .enforce, outcome: .allow, screenedOut: true),
            ],
            screenScore: 0.1,
            duration: .seconds(1)
        )
        let earlier = Judgement(
            verdicts: [
                Verdict(rule: "a", mode: .enforce, outcome: .block, score: 0.9),
                Verdict(rule: "b", mode: .enforce, outcome: .allow, score: 0.1),
                Verdict(rule: "c", mode: .enforce, outcome: .allow, score: 0.3),
            ],
            screenScore: 0.4,
            duration: .seconds(2)
        )
        later.absorb(earlier)
        #expect(later.outcome == .block)
        #expect(later.verdicts.map(\.score) == [0.9, 0.5, 0.3])
        #expect(later.verdicts.map(\.screenedOut) == [false, false, false])
        #expect(later.screenScore == 0.4)
        #expect(later.duration == .seconds(3))
    }

    @Test("a window that passed because a detector failed leaves its mark on the record")
    func absorbFailure() {
        var later = Judgement(verdicts: [Verdict(rule: "a", mode: .enforce, outcome: .allow, score: 0.1)])
        later.absorb(Judgement(verdicts: [Verdict(rule: "a", mode: .enforce, outcome: .allow, error: "queue full")]))
        #expect(later.failMode == .open)
        #expect(later.outcome == .allow)
    }

    @Test("decision ids sort by time and read back as printed")
    func ids() throws {
        let early = DecisionID(time: Date(timeIntervalSince1970: 1_700_000_000))
        let late = DecisionID(time: Date(timeIntervalSince1970: 1_700_000_000.001))
        #expect(early.description < late.description)
        #expect(DecisionID(early.description) == early)
        #expect(early.description.dropFirst(14).first == "7")
        #expect(DecisionID("7") == nil)
        let data = try JSONEncoder().encode([early])
        #expect(try JSONDecoder().decode([DecisionID].self, from: data) == [early])
    }

    @Test("replacing matches works on UTF-8 offsets, beside characters of several bytes")
    func replacing() {
        let matches = [
            Match(range: 0..<4, label: "x", replacement: "[A]"), Match(range: 5..<6, label: "x", replacement: ""),
        ]
        #expect("🙂 bé".replacing(matches) == "[A] é")
    }

    @Test(
        "a threshold acts at its own value",
        arguments: [(0.29, Outcome.allow), (0.3, .flag), (0.79, .flag), (0.8, .block), (1, .block)]
    )
    func thresholds(score: Double, outcome: Outcome) {
        #expect(Thresholds(flag: 0.3, block: 0.8).outcome(of: score) == outcome)
    }
}
