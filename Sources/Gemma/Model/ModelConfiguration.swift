/// The Gemma generations this engine runs, named as in `general.architecture`.
public enum Architecture: String, Sendable, CaseIterable {
    case gemma1 = "gemma"
    case gemma2
    case gemma3
}

/// The shape of a model and the constants of its forward pass.
public struct ModelConfiguration: Sendable, Equatable {
    /// How positions are turned into rotations.
    public struct Rotation: Sendable, Equatable {
        /// The base of the frequencies' geometric series.
        public var base: Float
        /// Positions are divided by this (linear scaling); 1 for none.
        public var divisor: Float

        /// A rotation with a base above 0 and a divisor above 0.
        public init(base: Float, divisor: Float = 1) {
            self.base = base
            self.divisor = divisor
        }
    }

    /// The generation.
    public var architecture: Architecture
    /// Transformer layers.
    public var layerCount: Int
    /// Elements of a token's vector between the layers.
    public var hiddenSize: Int
    /// Elements inside the feed-forward part.
    public var feedForwardSize: Int
    /// Query heads; a multiple of `keyValueHeadCount`.
    public var headCount: Int
    /// Key and value heads.
    public var keyValueHeadCount: Int
    /// Elements of one head; even.
    public var headSize: Int
    /// Rows of the embedding table.
    public var vocabularySize: Int
    /// Positions the model was made for.
    public var contextLength: Int
    /// Added to the mean square in RMSNorm.
    public var normEpsilon: Float
    /// Queries are multiplied by this before they meet the keys.
    public var queryScale: Float
    /// Attention scores become `cap * tanh(score / cap)` (Gemma 2).
    public var attentionSoftCap: Float?
    /// Logits become `cap * tanh(logit / cap)` (Gemma 2).
    public var finalSoftCap: Float?
    /// A local layer's query at position p sees keys at positions above `p - slidingWindow`, up to p.
    public var slidingWindow: Int?
    /// For each layer, whether it is local: limited to the sliding window.
    public var localLayers: [Bool]
    /// The rotation of global layers.
    public var globalRotation: Rotation
    /// The rotation of local layers.
    public var localRotation: Rotation

    /// Elements of a token's keys (and of its values) in one layer.
    public var keyValueWidth: Int { keyValueHeadCount * headSize }
    /// Elements of a token's queries in one layer.
    public var queryWidth: Int { headCount * headSize }
    /// Whether attention and feed-forward outputs are normalised before they are added (Gemma 2 and 3).
    var hasPostNorms: Bool { architecture != .gemma1 }
    /// Whether queries and keys are normalised for each head (Gemma 3).
    var hasQueryKeyNorms: Bool { architecture == .gemma3 }

    /// The window of a layer, or nil where it sees everything before it.
    func window(ofLayer layer: Int) -> Int? {
        localLayers[layer] ? slidingWindow : nil
    }
}
