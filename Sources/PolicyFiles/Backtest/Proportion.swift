/// A share of some records, and how sure it is.
public struct Proportion: Sendable, Codable, Hashable {
    /// How many.
    public var count: Int
    /// Of how many.
    public var total: Int
    /// The share, 0...1.
    public var share: Double
    /// Bounds of the share, 0...1: 95 % confidence, by Wilson's score interval.
    public var low: Double
    /// Upper bound.
    public var high: Double

    /// Creates a share.
    ///
    /// - Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    public init(_ count: Int, of total: Int) {
        self.count = count
        self.total = total
        guard total > 0 else {
            (share, low, high) = (0, 0, 1)
            return
        }
        let (n, p, z) = (Double(total), Double(count) / Double(total), 1.959964)
        let scale = 1 + z * z / n
        let middle = (p + z * z / (2 * n)) / scale
        let half = z / scale * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        share = p
        low = count == 0 ? 0 : max(0, middle - half)
        high = count == total ? 1 : min(1, middle + half)
    }

    /// Such as `0.26 % (0.18 … 0.37 %)`.
    public var text: String {
        total == 0 ? "" : "\(Self.percent(share)) % (\(Self.percent(low)) … \(Self.percent(high)) %)"
    }

    private static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
