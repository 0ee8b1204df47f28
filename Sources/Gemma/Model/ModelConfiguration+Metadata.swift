extension ModelConfiguration {
    /// Reads the configuration of a `gemma`, `gemma2` or `gemma3` text model.
    ///
    /// What the format leaves out is filled in as llama.cpp and transformers do: window patterns, rotation bases, and
    /// the query scale of the 27B models, which is 1/√(hidden/heads) and not 1/√head.
    ///
    /// - Throws: ``GemmaError/missingMetadata(key:)``, ``GemmaError/invalidMetadata(key:found:expected:)``,
    ///   ``GemmaError/missingTensor(name:)``.
    public init(_ file: GGUFFile) throws(GemmaError) {
        let reader = ConfigurationReader(metadata: file.metadata, architecture: try Self.architecture(of: file))
        let architecture = reader.architecture
        self.architecture = architecture
        layerCount = try reader.size("block_count", upTo: 1024)
        hiddenSize = try reader.size("embedding_length", upTo: 1 << 16)
        feedForwardSize = try reader.size("feed_forward_length", upTo: 1 << 20)
        headCount = try reader.size("attention.head_count", upTo: 1024)
        keyValueHeadCount = try reader.size("attention.head_count_kv", upTo: 1024, default: headCount)
        guard headCount % keyValueHeadCount == 0 else {
            throw reader.invalid("attention.head_count_kv", "\(keyValueHeadCount)", "a divisor of \(headCount) heads")
        }
        headSize = try reader.size("attention.key_length", upTo: 4096, default: max(hiddenSize / headCount, 1))
        guard headSize % 2 == 0 else {
            throw reader.invalid("attention.key_length", "\(headSize)", "an even number")
        }
        let valueSize = try reader.size("attention.value_length", upTo: 4096, default: headSize)
        guard valueSize == headSize else {
            throw reader.invalid("attention.value_length", "\(valueSize)", "the key length \(headSize)")
        }
        guard let embedding = file.tensor("token_embd.weight") else {
            throw .missingTensor(name: "token_embd.weight")
        }
        vocabularySize = embedding.rows
        contextLength = try reader.size("context_length", upTo: 1 << 24)
        normEpsilon = try reader.positive("attention.layer_norm_rms_epsilon") ?? 1e-6
        attentionSoftCap = try reader.positive("attn_logit_softcapping")
        finalSoftCap = try reader.positive("final_logit_softcapping")
        queryScale = try reader.positive("attention.scale") ?? 1 / Float(headSize).squareRoot()
        if (architecture == .gemma2 && layerCount == 46) || (architecture == .gemma3 && layerCount == 62) {
            queryScale = try reader.positive("attention.scale") ?? 1 / Float(hiddenSize / headCount).squareRoot()
        }
        let window = architecture == .gemma1 ? nil : try reader.metadata.integer(reader.key("attention.sliding_window"))
        slidingWindow = window.flatMap { $0 > 0 ? $0 : nil }
        localLayers = slidingWindow == nil ? Array(repeating: false, count: layerCount) : []
        globalRotation = Rotation(
            base: try reader.positive("rope.freq_base") ?? (architecture == .gemma3 ? 1_000_000 : 10_000),
            divisor: try reader.rotationDivisor()
        )
        localRotation = globalRotation
        if architecture == .gemma3 {
            // Two names for one thing, from two converters.
            let base = try reader.positive("rope.freq_base_swa")
            let otherBase = try reader.positive("rope.local.freq_base")
            localRotation = Rotation(base: base ?? otherBase ?? 10_000, divisor: 1)
        }
        if slidingWindow != nil {
            localLayers = try reader.localLayers(layerCount)
        }
    }

    /// The architecture that a file's metadata names.
    static func architecture(of file: GGUFFile) throws(GemmaError) -> Architecture {
        let key = "general.architecture"
        guard let name = try file.metadata.string(key) else { throw .missingMetadata(key: key) }
        guard let architecture = Architecture(rawValue: name) else {
            let known = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidMetadata(key: key, found: "'\(name.prefix(64))'", expected: "one of \(known)")
        }
        return architecture
    }
}

/// Lookups of the keys that begin with the architecture's name.
private struct ConfigurationReader {
    let metadata: GGUFMetadata
    let architecture: Architecture

    func key(_ name: String) -> String { "\(architecture.rawValue).\(name)" }

    func invalid(_ name: String, _ found: String, _ expected: String) -> GemmaError {
        .invalidMetadata(key: key(name), found: found, expected: expected)
    }

    /// A size of 1...limit.
    func size(_ name: String, upTo limit: Int, default fallback: Int? = nil) throws(GemmaError) -> Int {
        guard let value = try metadata.integer(key(name)) ?? fallback else { throw .missingMetadata(key: key(name)) }
        guard (1...limit).contains(value) else { throw invalid(name, "\(value)", "1...\(limit)") }
        return value
    }

    /// A number above 0; an absent key, or 0, which files write for "none", gives nil.
    func positive(_ name: String) throws(GemmaError) -> Float? {
        guard let value = try metadata.float(key(name)), value != 0 else { return nil }
        guard value > 0 else { throw invalid(name, "\(value)", "a number above 0") }
        return value
    }

    /// What positions of global layers are divided by.
    func rotationDivisor() throws(GemmaError) -> Float {
        let type = try metadata.string(key("rope.scaling.type")) ?? "none"
        switch type {
        case "none": return 1
        case "linear": return try positive("rope.scaling.factor") ?? 1
        default: throw invalid("rope.scaling.type", "'\(type.prefix(64))'", "'none' or 'linear'")
        }
    }

    /// Which layers are local: from metadata, either a list of truth values or a period whose last layer is global;
    /// otherwise every second layer of Gemma 2 and five of six of Gemma 3, beginning with a local one.
    func localLayers(_ count: Int) throws(GemmaError) -> [Bool] {
        let name = "attention.sliding_window_pattern"
        if case .array(let array) = metadata[key(name)] {
            guard array.count == count else {
                throw invalid(name, "an array of \(array.count)", "\(count) values, one a layer")
            }
            return try array.integers().map { $0 != 0 }
        }
        let period = try size(name, upTo: 1024, default: architecture == .gemma2 ? 2 : 6)
        return (0..<count).map { ($0 + 1) % period != 0 }
    }
}
