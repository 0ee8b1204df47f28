import Kernels

/// What a GGUF file says about itself: a model or an adapter.
///
/// Reading it loads no weights.
public struct ModelInfo: Sendable, Equatable {
    /// What the file is.
    public enum Kind: String, Sendable {
        case model
        case adapter
    }

    /// How many tensors and elements are stored in one type.
    public struct TypeCount: Sendable, Equatable {
        /// As GGUF tools write it, such as `Q4_K`.
        public var type: String
        /// How many tensors.
        public var tensors: Int
        /// Their elements.
        public var parameters: Int
        /// Their data's size in the file.
        public var bytes: Int
    }

    /// A model or an adapter.
    public var kind: Kind
    /// `general.architecture`.
    public var architecture: String
    /// `general.name`.
    public var name: String?
    /// Size of the file.
    public var fileBytes: Int
    /// Elements of all tensors.
    public var parameters: Int
    /// Tensors by type, most bytes first.
    public var types: [TypeCount]
    /// Positions the model was made for.
    public var contextLength: Int?
    /// Tokens the model knows.
    public var vocabularySize: Int?
    /// Transformer layers.
    public var layerCount: Int?
    /// Elements of a token's vector.
    public var hiddenSize: Int?
    /// An adapter's rank: inner extent of its pairs.
    public var adapterRank: Int?
    /// An adapter's alpha: its change is scaled by alpha / rank.
    public var adapterAlpha: Float?
    /// The prompt template an adapter was trained with.
    public var template: String?
    /// Whether this engine can run it, or merge it.
    public var isSupported: Bool

    /// Reads the header of a file.
    ///
    /// - Throws: the errors of ``GGUFFile/init(path:)``.
    public init(path: String) throws(GemmaError) {
        try self.init(GGUFFile(path: path))
    }

    /// Describes an open file.
    public init(_ file: GGUFFile) throws(GemmaError) {
        let metadata = file.metadata
        let architecture = try metadata.string("general.architecture") ?? "unknown"
        kind = try metadata.string("general.type") == "adapter" ? .adapter : .model
        self.architecture = architecture
        name = try metadata.string("general.name")
        fileBytes = file.byteCount
        var counts: [TensorType: TypeCount] = [:]
        for tensor in file.tensors {
            var count = counts[tensor.type] ?? TypeCount(type: tensor.type.name, tensors: 0, parameters: 0, bytes: 0)
            count.tensors += 1
            count.parameters += tensor.rows * tensor.columns
            count.bytes += tensor.byteCount
            counts[tensor.type] = count
        }
        types = counts.values.sorted { ($1.bytes, $0.type) < ($0.bytes, $1.type) }
        parameters = types.reduce(0) { $0 + $1.parameters }
        contextLength = try metadata.integer("\(architecture).context_length")
        vocabularySize = try metadata.array("tokenizer.ggml.tokens")?.count
        layerCount = try metadata.integer("\(architecture).block_count")
        hiddenSize = try metadata.integer("\(architecture).embedding_length")
        adapterRank = file.tensors.first { $0.name.hasSuffix(".lora_a") }?.rows
        adapterAlpha = try metadata.float("adapter.lora.alpha")
        template = try metadata.string("gatehouse.template")
        isSupported = Architecture(rawValue: architecture) != nil
    }
}
