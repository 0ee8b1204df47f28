/// A share that was counted, with the interval in which the true share lies with 95 % confidence.
public struct Proportion: Sendable, Hashable {
    /// How many were counted.
    public var count: Int
    /// Out of how many; at least one.
    public var total: Int

    /// The 97.5 % point of the normal distribution.
    private static let z = 1.959963984540054

    /// Creates a share.
    ///
    /// - Precondition: `0 ≤ count ≤ total`, `total > 0`.
    public init(_ count: Int, of total: Int) {
        precondition(total > 0 && (0...total).contains(count), "\(count) of \(total) is no share")
        self.count = count
        self.total = total
    }

    /// The share, 0...1.
    public var rate: Double { Double(count) / Double(total) }

    /// Wilson's score interval, 95 %, within 0...1.
    ///
    /// - Source: Wilson 1927; recommended for small counts by Brown, Cai and DasGupta, "Interval Estimation for a Binomial
    ///   Proportion", 2001.
    public var interval: ClosedRange<Double> {
        let n = Double(total)
        let squared = Self.z * Self.z
        let centre = (rate + squared / (2 * n)) / (1 + squared / n)
        let spread = Self.z / (1 + squared / n) * (rate * (1 - rate) / n + squared / (4 * n * n)).squareRoot()
        // At 0 and at all the ends are exact; rounding would put them beside.
        let lower = count == 0 ? 0 : max(0, centre - spread)
        let upper = count == total ? 1 : min(1, centre + spread)
        return lower...upper
    }
}
