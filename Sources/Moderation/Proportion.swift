/// A share of what was counted, and how sure it is.
///
/// Encoded as `{"count": 5, "of": 10, "rate": 0.5, "interval": [0.24, 0.76]}`; the first two are read back.
public struct Proportion: Sendable, Hashable {
    /// How many were counted.
    public var count: Int
    /// Out of how many.
    public var total: Int

    /// The 97.5 % point of the normal distribution.
    private static let z = 1.959963984540054

    /// Creates a share.
    ///
    /// - Precondition: `0 ≤ count ≤ total`.
    public init(_ count: Int, of total: Int) {
        precondition((0...total).contains(count), "\(count) of \(total) is no share")
        self.count = count
        self.total = total
    }

    /// The share, 0...1; 0 of none.
    public var rate: Double { total == 0 ? 0 : Double(count) / Double(total) }

    /// Wilson's score interval, 95 %, within 0...1; all of it where nothing was counted.
    ///
    /// - Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927);
    ///   recommended for small counts by Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion" (2001).
    public var interval: ClosedRange<Double> {
        guard total > 0 else { return 0...1 }
        let n = Double(total)
        let squared = Self.z * Self.z
        let centre = (rate + squared / (2 * n)) / (1 + squared / n)
        let spread = Self.z / (1 + squared / n) * (rate * (1 - rate) / n + squared / (4 * n * n)).squareRoot()
        // At 0 and at all the ends are exact; rounding would put them beside.
        let lower = count == 0 ? 0 : max(0, centre - spread)
        let upper = count == total ? 1 : min(1, centre + spread)
        return lower...upper
    }

    /// Such as `0.26 % (0.18 … 0.37 %)`; empty of none.
    public var text: String {
        guard total > 0 else { return "" }
        return "\(Self.percent(rate)) % (\(Self.percent(interval.lowerBound)) … \(Self.percent(interval.upperBound)) %)"
    }

    private static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

extension Proportion: Codable {
    private enum CodingKeys: String, CodingKey {
        case count
        case total = "of"
        case rate, interval
    }

    /// Reads the two counts.
    ///
    /// - Throws: `DecodingError` for more than all.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let (count, total) = (try values.decode(Int.self, forKey: .count), try values.decode(Int.self, forKey: .total))
        guard total >= 0, (0...total).contains(count) else {
            throw DecodingError.dataCorruptedError(forKey: .count, in: values, debugDescription: "\(count) of \(total)")
        }
        self.init(count, of: total)
    }

    /// Writes the counts, the rate and its interval.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(count, forKey: .count)
        try values.encode(total, forKey: .total)
        try values.encode(rate, forKey: .rate)
        try values.encode([interval.lowerBound, interval.upperBound], forKey: .interval)
    }
}
