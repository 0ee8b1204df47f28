import Foundation
import Moderation
import Testing

@Suite("A share and its interval")
struct ProportionTests {
    @Test(
        "Wilson's interval, against published values",
        arguments: [
            // R: prop.test(x, n, correct = FALSE)$conf.int
            (0, 10, 0.0, 0.2775328), (1, 10, 0.01787621, 0.4041500), (5, 10, 0.2365931, 0.7634069),
            (3, 386, 0.0026466, 0.0225981), (10, 10, 0.7224672, 1.0),
        ]
    )
    func wilson(count: Int, total: Int, lower: Double, upper: Double) {
        let share = Proportion(count, of: total)
        #expect(abs(share.interval.lowerBound - lower) < 1e-6)
        #expect(abs(share.interval.upperBound - upper) < 1e-6)
    }

    @Test("the interval holds the rate and narrows as texts are added")
    func narrows() {
        var width = 1.0
        for scale in [1, 10, 100, 1000] {
            let share = Proportion(scale, of: 50 * scale)
            #expect(share.interval.contains(share.rate))
            let new = share.interval.upperBound - share.interval.lowerBound
            #expect(new < width)
            width = new
        }
    }

    @Test("what was counted is read back, and nonsense is refused")
    func coding() throws {
        let share = Proportion(5, of: 10)
        let bytes = try JSONEncoder().encode(share)
        #expect(try JSONDecoder().decode(Proportion.self, from: bytes) == share)
        let none = Data(#"{"count": 3, "of": 2}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Proportion.self, from: none) }
    }

    @Test("none of none says nothing")
    func none() {
        #expect(Proportion(0, of: 0).interval == 0...1)
        #expect(Proportion(0, of: 0).text.isEmpty && Proportion(1, of: 8).text.hasPrefix("12.50 % (2."))
    }
}
