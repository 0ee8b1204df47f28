/// How much each piece of a record's text adds to the score of a rule.
public struct WordWeights: Sendable, Hashable, Encodable {
    /// A word of the text, or a few neighbours in a long one.
    public struct Piece: Sendable, Hashable, Encodable {
        /// The words as they stand in the text.
        public var text: String
        /// What the score loses without them, in log-odds; negative where they speak against a violation.
        public var weight: Double

        /// Creates a piece.
        public init(text: String, weight: Double) {
            self.text = text
            self.weight = weight
        }
    }

    /// The rule.
    public var rule: String
    /// The score on record, 0...1; nil when the rule had not been asked.
    public var recorded: Double?
    /// The score of the kept text now, 0...1: another one where the text is masked, or the model is another.
    public var score: Double
    /// In the order of the text.
    public var pieces: [Piece]

    /// Creates weights.
    public init(rule: String, recorded: Double?, score: Double, pieces: [Piece]) {
        self.rule = rule
        self.recorded = recorded
        self.score = score
        self.pieces = pieces
    }

    /// The pieces that speak for a violation, the heaviest first.
    public var heaviest: [Piece] { pieces.filter { $0.weight > 0 }.sorted { $0.weight > $1.weight } }
}
