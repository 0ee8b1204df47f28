import Kernels

/// How the linear maps of a model are kept in memory.
public enum WeightPrecision: String, Sendable, CaseIterable {
    /// For use: 8-bit integers for the gate and up maps, which are nearly half of all the work, 13-bit integers in 16 bits
    /// for the others; activations alike.
    ///
    /// With 8 bits everywhere the shipped adapter's golden scores were up to 0.027 off (0.0016 in the mean), this way 0.014
    /// (0.0011) at five sixths of the speed, with 13 bits everywhere 0.003. `ShieldGoldenTests` holds the bounds.
    case integer
    /// Weights rounded to 11 significant bits; activations and sums 32-bit.
    case float16
    /// To compare with references.
    case float32

    /// How one map is packed: all of a layer's maps are integers or none is, and those that read the same are alike.
    func packed(_ map: LinearMap) -> PackedMatrix.Precision {
        switch (self, map) {
        case (.integer, .gate), (.integer, .up): .int8
        case (.integer, _): .int16
        case (.float16, _): .float16
        case (.float32, _): .float32
        }
    }
}

/// A Gemma 1, 2 or 3 text model, loaded and ready to run; immutable.
///
/// The linear maps of the layers are unpacked into memory, with an adapter merged in; embeddings stay in the mapped
/// file in their own format.
public final class GemmaModel: Sendable {
    /// Shape and constants.
    public let configuration: ModelConfiguration
    /// The tokenizer from the same file.
    public let tokenizer: Tokenizer
    /// The model file's key-value pairs.
    public let metadata: GGUFMetadata
    /// The adapter file's key-value pairs, such as `gatehouse.template`; nil without an adapter.
    public let adapterMetadata: GGUFMetadata?
    /// How the linear maps are kept.
    public let precision: WeightPrecision
    /// Memory of the unpacked linear maps; embeddings are not in it.
    public let weightBytes: Int

    let embedding: RowTable
    let output: RowTable
    let layers: [LayerWeights]
    /// `[hidden]`, before the output matrix.
    let outputNorm: [Float]
    let pool: ThreadPool

    /// Loads a model file, merging an adapter into its weights.
    ///
    /// Blocks the caller: some hundred milliseconds for a 270M model, seconds for 2B.
    ///
    /// - Parameters:
    ///   - path: a GGUF model file.
    ///   - adapterPath: a GGUF LoRA adapter made for that model.
    ///   - precision: how the linear maps are kept.
    ///   - threads: threads that share the work, the caller's included; at least 1.
    /// - Throws: ``GemmaError``: an unreadable or malformed file, another architecture, missing weights, or an adapter
    ///   for another model.
    public static func load(
        path: String,
        adapterPath: String? = nil,
        precision: WeightPrecision = .integer,
        threads: Int
    ) throws(GemmaError) -> GemmaModel {
        let file = try GGUFFile(path: path)
        var adapter: GGUFFile?
        if let adapterPath { adapter = try GGUFFile(path: adapterPath) }
        return try GemmaModel(file, adapter: adapter, precision: precision, threads: threads)
    }

    package init(
        _ file: GGUFFile,
        adapter adapterFile: GGUFFile? = nil,
        precision: WeightPrecision = .integer,
        threads: Int
    ) throws(GemmaError) {
        precondition(threads >= 1, "a model can't run on \(threads) threads")
        let configuration = try ModelConfiguration(file)
        if let type = try file.metadata.string("general.type"), type != "model" {
            throw .invalidMetadata(key: "general.type", found: "'\(type.prefix(64))'", expected: "'model'")
        }
        let tokenizer = try Tokenizer(file)
        guard tokenizer.vocabularySize == configuration.vocabularySize else {
            throw .invalidTensor(
                name: "token_embd.weight",
                found: "of \(configuration.vocabularySize) rows",
                expected: "the tokenizer's \(tokenizer.vocabularySize)"
            )
        }
        let (hidden, vocabulary) = (configuration.hiddenSize, configuration.vocabularySize)
        let embedding = try RowTable(file, name: "token_embd.weight", columns: hidden, rows: vocabulary)
        let adapter = try adapterFile.map { file throws(GemmaError) in try LoRAAdapter(file, for: configuration) }
        let pool = ThreadPool(threads: threads)
        var layers: [LayerWeights] = []
        for layer in 0..<configuration.layerCount {
            layers.append(
                try LayerWeights(
                    file,
                    layer: layer,
                    configuration: configuration,
                    adapter: adapter,
                    precision: precision,
                    pool: pool
                )
            )
        }
        self.configuration = configuration
        self.tokenizer = tokenizer
        self.precision = precision
        self.pool = pool
        self.layers = layers
        self.embedding = embedding
        metadata = file.metadata
        adapterMetadata = adapterFile?.metadata
        outputNorm = file.floats(try file.tensor("output_norm.weight", shape: [hidden]))
        output =
            file.tensor("output.weight") == nil
            ? embedding : try RowTable(file, name: "output.weight", columns: hidden, rows: vocabulary)
        weightBytes = layers.reduce(0) { $0 + $1.byteCount }
        // The maps are unpacked; of the file, only rows of the embedding are read from here on.
        file.file.releasePages()
        adapterFile?.file.releasePages()
    }

    /// An empty cache for this model.
    public func makeCache() -> KVCache {
        KVCache(layers: configuration.layerCount, width: configuration.keyValueWidth)
    }
}
