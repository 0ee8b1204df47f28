/// What a judge made of one labelled file.
public struct Evaluation: Sendable, Codable, Hashable {
    /// How one score does against one label.
    public struct Score: Sendable, Codable, Hashable {
        /// `screen`, `max` or the label.
        public var name: String
        /// Ranking quality.
        public var ranking: BinaryMetrics
        /// What blocking at the shipped thresholds does.
        public var atBlock: DecisionMetrics?
        /// What flagging (or more) at the shipped thresholds does.
        public var atFlag: DecisionMetrics?
    }

    /// Path of the file.
    public var file: String
    /// How many rows were judged.
    public var rows: Int
    /// `screen` and `max` against `unsafe`, where the file labels that.
    public var overall: [Score]
    /// Each label that a rule answers, where the file has both kinds of it.
    public var labels: [Score]
    /// Tokens run through the model for each second of judging.
    public var tokensPerSecond: Double
    /// Median time for a row, in milliseconds.
    public var p50Milliseconds: Double
    /// 99th percentile of the time for a row, in milliseconds.
    public var p99Milliseconds: Double
}

/// The scores of one row.
public struct RowScores: Sendable, Codable, Hashable {
    /// The row.
    public var id: String
    /// The screening score, 0...1.
    public var screen: Double?
    /// Score of each principle rule that judges the row's direction, 0...1, by rule id.
    public var rules: [String: Double]
}
