import Shield
import Testing

@Suite("Scores")
struct ProbabilityTests {
    @Test("the probability is a softmax over two logits")
    func softmax() throws {
        #expect(try ShieldClassifier.probability(yes: 0, no: 0) == 0.5)
        #expect(try ShieldClassifier.probability(yes: 100, no: -100) == 1)
        #expect(try ShieldClassifier.probability(yes: -1000, no: 1000) == 0)
    }

    @Test("a logit that is no number is an error, never a low score", arguments: [Float.nan, .infinity, -.infinity])
    func notANumber(logit: Float) {
        #expect(throws: ShieldError.notANumber) { try ShieldClassifier.probability(yes: logit, no: 0) }
        #expect(throws: ShieldError.notANumber) { try ShieldClassifier.probability(yes: 0, no: logit) }
    }
}

@Suite("Windows over long texts")
struct TextWindowsTests {
    @Test(
        "windows cover every token, overlap as asked, and none is longer than the window",
        arguments: [0, 1, 9, 10, 11, 13, 14, 17, 100, 1001],
        [(10, 3), (10, 0), (10, 9), (1, 0)]
    )
    func cover(count: Int, shape: (window: Int, overlap: Int)) {
        let ranges = TextWindows.ranges(count: count, window: shape.window, overlap: shape.overlap)
        #expect(ranges.first?.lowerBound == 0)
        #expect(ranges.last?.upperBound == count)
        for (left, right) in zip(ranges, ranges.dropFirst()) {
            #expect(left.lowerBound < right.lowerBound)
            #expect(left.upperBound - right.lowerBound >= shape.overlap)
        }
        #expect(ranges.allSatisfy { $0.count <= shape.window })
        #expect(ranges.dropLast().allSatisfy { $0.count == shape.window })
        if let last = ranges.last, ranges.count > 1 { #expect(last.count > shape.overlap) }
    }

    @Test("a text that grows keeps its windows and adds to the last one")
    func growing() {
        var before = TextWindows.ranges(count: 1, window: 10, overlap: 3)
        for count in 2...60 {
            let now = TextWindows.ranges(count: count, window: 10, overlap: 3)
            #expect(now.prefix(before.count).map(\.lowerBound) == before.map(\.lowerBound))
            #expect(now.prefix(before.count - 1) == before.dropLast())
            #expect(now.count - before.count <= 1)
            before = now
        }
    }

    @Test("a text that fits is one window")
    func fits() {
        #expect(TextWindows.ranges(count: 10, window: 10, overlap: 3) == [0..<10])
    }
}
