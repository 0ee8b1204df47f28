import Audit
import Testing

@Suite("a value by its rank")
struct SelectionTests {
    @Test("is the one that sorting finds", arguments: [1, 2, 3, 10, 101, 5000])
    func ranks(count: Int) {
        var state: UInt64 = 7
        // Few different values, many, and sorted ones.
        for kinds in [1, 3, 1_000_000] {
            for isSorted in [false, true] {
                var values = (0..<count).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return Double(Int(state >> 40) % kinds)
                }
                let sorted = values.sorted()
                if isSorted { values = sorted }
                var selection = Selection(values)
                for share in [1, 0.99, 0.9, 0.9, 0.5, 0.01, 0] {
                    let rank = max(0, Int((Double(count) * share).rounded(.up)) - 1)
                    #expect(selection.value(at: share) == sorted[rank])
                }
            }
        }
    }
}
