/// What `calibrated` says of a rule: how its thresholds were fitted.
public struct CalibrationStamp: Sendable, Codable, Hashable {
    /// Share of harmless texts, 0...1, on which the rule does the strongest thing that it can do.
    public var falsePositiveRate: Double
    /// Lower end of the rate's confidence interval (95 %).
    public var lowerBound: Double
    /// Upper end of the rate's confidence interval (95 %).
    public var upperBound: Double
    /// Share of violations, 0...1, on which it does that; nil when there were none.
    public var recall: Double?
    /// How many texts it was fitted to and measured on.
    public var rows: Int
    /// The day, such as `2026-11-24`.
    public var date: String
    /// First twelve hexadecimal digits of the model file's SHA-256.
    public var model: String

    /// Creates a stamp.
    public init(
        falsePositiveRate: Double,
        interval: ClosedRange<Double>,
        recall: Double?,
        rows: Int,
        date: String,
        model: String
    ) {
        self.falsePositiveRate = falsePositiveRate
        lowerBound = interval.lowerBound
        upperBound = interval.upperBound
        self.recall = recall
        self.rows = rows
        self.date = date
        self.model = model
    }

    /// The stamp as a YAML mapping in flow style.
    ///
    /// The model is quoted where its digits alone would be read as a number.
    var flowText: String {
        var parts = [
            "false_positive_rate: \(Self.number(falsePositiveRate))",
            "interval: [\(Self.number(lowerBound)), \(Self.number(upperBound))]",
        ]
        if let recall { parts.append("recall: \(Self.number(recall))") }
        let isNumeric = YAMLNode.content(ofScalar: model, isPlain: true).isNumber
        parts += ["rows: \(rows)", "date: \(date)", "model: \(isNumeric ? "\"\(model)\"" : model)"]
        return "{ " + parts.joined(separator: ", ") + " }"
    }

    /// Four decimals at most.
    private static func number(_ value: Double) -> String { String((value * 10_000).rounded() / 10_000) }
}

extension YAMLNode.Content {
    /// Whether the value is a number.
    fileprivate var isNumber: Bool { if case .number = self { true } else { false } }
}
