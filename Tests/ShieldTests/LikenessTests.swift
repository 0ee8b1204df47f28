import Shield
import Testing

/// The arithmetic of comparisons, on states made by hand.
@Suite("Likeness to examples")
struct LikenessTests {
    private static let elements = 63
    /// Ordinary texts around a mean far from zero, as far from each other as can be.
    private static let ordinary: [[Float]] = (0..<64).map { text in
        (0..<elements).map { 40 + ((text & ($0 + 1)).nonzeroBitCount.isMultiple(of: 2) ? 1 : -1) * deviation($0) }
    }
    private let space = OrdinarySpace(states: ordinary)

    private static func deviation(_ element: Int) -> Float { Float(element % 7 + 1) }

    /// A state `amount` standard deviations off the mean in some elements.
    private func state(_ elements: [Int], by amount: Float = 3) -> [Float] {
        (0..<Self.elements).map { elements.contains($0) ? 40 + amount * Self.deviation($0) : 40 }
    }

    @Test("a positive example scores near 1, an ordinary text near 0")
    func ends() {
        let likeness = Likeness(positive: [state([0]), state([1])], negative: [], in: space)
        #expect(likeness.score(ofState: state([0])) > 0.9)
        let scores = Self.ordinary.map(likeness.score)
        #expect(scores.allSatisfy { (0...1).contains($0) })
        #expect(scores.allSatisfy { $0 < 0.5 })
        #expect(likeness.score(ofState: state([5])) < 0.1)
    }

    @Test("the nearer a text is to an example, the higher it scores")
    func rises() {
        let likeness = Likeness(positive: [state([0])], negative: [], in: space)
        let scores = stride(from: Float(-3), through: 3, by: 0.5).map { amount in
            likeness.score(ofState: zip(state([0], by: amount), state([1])).map { $0 + $1 - 40 })
        }
        for (lower, higher) in zip(scores, scores.dropFirst()) { #expect(lower < higher) }
    }

    @Test("negative examples pull down what is like them, not what is not")
    func negatives() {
        let alone = Likeness(positive: [state([0, 1])], negative: [], in: space)
        let beside = Likeness(positive: [state([0, 1])], negative: [state([0, 2])], in: space)
        #expect(beside.score(ofState: state([0, 2])) < 0.05)
        #expect(alone.score(ofState: state([0, 2])) > beside.score(ofState: state([0, 2])))
        #expect(beside.score(ofState: state([0, 1])) > 0.5)
    }

    @Test("an element that is large in every text decides nothing")
    func largeElement() {
        func large(_ state: [Float]) -> [Float] { state + [10_000] }
        let plain = Likeness(positive: [state([0])], negative: [state([1])], in: space)
        let space = OrdinarySpace(states: Self.ordinary.map(large))
        let likeness = Likeness(positive: [large(state([0]))], negative: [large(state([1]))], in: space)
        for elements in [[0], [1], [2, 3]] {
            let (got, wanted) = (likeness.score(ofState: large(state(elements))), plain.score(ofState: state(elements)))
            #expect(abs(got - wanted) < 1e-4)
        }
    }

    @Test("texts that are all alike, and a text at their mean, give numbers")
    func degenerate() {
        let flat = OrdinarySpace(states: [state([0]), state([0])])
        let likeness = Likeness(positive: [state([0])], negative: [], in: flat)
        #expect((0...1).contains(likeness.score(ofState: state([0]))))
        #expect((0...1).contains(likeness.score(ofState: state([1]))))
    }

    @Test("states that are kept are found by their content, and the oldest go first")
    func states() {
        let states = StateCache(byteLimit: 2 * (192 + 2 * 4 + 63 * 4))
        states.keep(state([0]), of: [1, 2])
        states.keep(state([1]), of: [1, 3])
        #expect(states.state(of: [1, 2]) == state([0]))
        states.keep(state([2]), of: [1, 4])
        #expect(states.state(of: [1, 3]) == nil)
        #expect(states.state(of: [1, 2]) == state([0]) && states.state(of: [1, 4]) == state([2]))
    }
}
