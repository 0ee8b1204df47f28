import Testing
import Tuning

/// Samples of one kind; the digest is the place in the list.
func samples(_ scores: [Double], positive: Bool = false) -> [CalibrationSample] {
    scores.enumerated().map { index, score in
        CalibrationSample(score: score, isPositive: positive, digest: UInt64(index))
    }
}

/// `count` scores spread evenly over a range, both ends left out.
func even(_ count: Int, in range: ClosedRange<Double>) -> [Double] {
    let step = (range.upperBound - range.lowerBound) / Double(count)
    return (0..<count).map { range.lowerBound + (Double($0) + 0.5) * step }
}

@Suite("Fitting a threshold")
struct ThresholdFitTests {
    @Test(
        "at most the wanted share of harmless texts is acted on, and one more would be too many",
        arguments: [0.001, 0.01, 0.05, 0.25, 0.5]
    )
    func keepsToTarget(target: Double) throws {
        let scores = even(400, in: 0...1).map { $0 * $0 }
        let threshold = try #require(ThresholdFit.threshold(samples(scores), target: target))
        let acted = scores.count { $0 >= threshold }
        #expect(acted == Int(target * 400))
    }

    @Test("a product that rounds down is no text less")
    func rounding() throws {
        // 0.29 * 100 is 28.999999999999996.
        let scores = even(100, in: 0...1)
        let threshold = try #require(ThresholdFit.threshold(samples(scores), target: 0.29))
        #expect(scores.count { $0 >= threshold } == 29)
    }

    @Test("between harmless texts and violations the middle is taken, in few decimals")
    func middle() {
        let apart = samples([0.1, 0.2]) + samples([0.9, 0.8], positive: true)
        #expect(ThresholdFit.threshold(apart, target: 0.01) == 0.5)
        let near = samples([0.1, 0.99912]) + samples([0.99958], positive: true)
        #expect(ThresholdFit.threshold(near, target: 0.01) == 0.9994)
    }

    @Test("equal scores are acted on together or not at all")
    func ties() throws {
        let threshold = try #require(ThresholdFit.threshold(samples([0.1, 0.6, 0.6, 0.6]), target: 0.5))
        #expect(threshold > 0.6)
    }

    @Test("scores of 1 that are too many can't be kept out; a target of all lets everything in")
    func extremes() {
        #expect(ThresholdFit.threshold(samples([1, 1, 0.5]), target: 0.3) == nil)
        #expect(ThresholdFit.threshold(samples([0.5, 0.6]), target: 1) == 0.25)
    }

    @Test("the threshold is as high as the harmless texts ask for, however violations score")
    func violationsBelow() throws {
        let mixed = samples([0.1, 0.7]) + samples([0.2, 0.3], positive: true)
        let threshold = try #require(ThresholdFit.threshold(mixed, target: 0.01))
        #expect(threshold == 0.85)
    }
}
