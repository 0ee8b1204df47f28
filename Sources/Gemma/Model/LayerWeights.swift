import Kernels

/// The seven linear maps of a layer, named as in the file.
enum LinearMap: String, CaseIterable, Sendable {
    case query = "attn_q"
    case key = "attn_k"
    case value = "attn_v"
    case attentionOutput = "attn_output"
    case gate = "ffn_gate"
    case up = "ffn_up"
    case down = "ffn_down"

    func tensorName(layer: Int) -> String { "blk.\(layer).\(rawValue).weight" }

    /// Outputs and inputs.
    func shape(_ configuration: ModelConfiguration) -> (rows: Int, columns: Int) {
        let hidden = configuration.hiddenSize
        switch self {
        case .query: return (configuration.queryWidth, hidden)
        case .key, .value: return (configuration.keyValueWidth, hidden)
        case .attentionOutput: return (hidden, configuration.queryWidth)
        case .gate, .up: return (configuration.feedForwardSize, hidden)
        case .down: return (hidden, configuration.feedForwardSize)
        }
    }
}

/// The weights of one layer: linear maps packed, norms as f32.
///
/// Norm weights hold the checkpoint's weight plus one.
struct LayerWeights: Sendable {
    let query: PackedMatrix
    let key: PackedMatrix
    let value: PackedMatrix
    let attentionOutput: PackedMatrix
    let gate: PackedMatrix
    let up: PackedMatrix
    let down: PackedMatrix
    /// `[hidden]`, before attention.
    let attentionNorm: [Float]
    /// `[hidden]`, on the attention's output; empty in Gemma 1.
    let postAttentionNorm: [Float]
    /// `[hidden]`, before the feed-forward part.
    let feedForwardNorm: [Float]
    /// `[hidden]`, on the feed-forward part's output; empty in Gemma 1.
    let postFeedForwardNorm: [Float]
    /// `[head]`, on every query head; empty before Gemma 3.
    let queryNorm: [Float]
    /// `[head]`, on every key head; empty before Gemma 3.
    let keyNorm: [Float]

    init(
        _ file: GGUFFile,
        layer: Int,
        configuration: ModelConfiguration,
        adapter: LoRAAdapter?,
        precision: WeightPrecision,
        pool: ThreadPool
    ) throws(GemmaError) {
        func pack(_ map: LinearMap) throws(GemmaError) -> PackedMatrix {
            let (rows, columns) = map.shape(configuration)
            let tensor = try file.tensor(map.tensorName(layer: layer), shape: [columns, rows])
            let change = try adapter?.change(of: tensor.name, rows: rows, columns: columns, pool: pool)
            let bytes = file.bytes(of: tensor)
            let rowBytes = tensor.rowBytes
            return PackedMatrix(rows: rows, columns: columns, precision: precision.packed(map), pool: pool) {
                row,
                output in
                let source = UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes])
                dequantize(tensor.type, source, into: output)
                change?.withUnsafeBufferPointer { change in
                    guard let change = change.baseAddress, let output = output.baseAddress else { return }
                    addInPlace(output, change + row * columns, count: columns)
                }
            }
        }
        func norm(_ name: String, _ count: Int, when isPresent: Bool = true) throws(GemmaError) -> [Float] {
            guard isPresent else { return [] }
            return file.floats(try file.tensor("blk.\(layer).\(name).weight", shape: [count]))
        }
        let (hidden, head) = (configuration.hiddenSize, configuration.headSize)
        query = try pack(.query)
        key = try pack(.key)
        value = try pack(.value)
        attentionOutput = try pack(.attentionOutput)
        gate = try pack(.gate)
        up = try pack(.up)
        down = try pack(.down)
        // Their input is quantized once.
        precondition(
            key.precision == query.precision && value.precision == query.precision && up.precision == gate.precision,
            "maps that read the same rows must have the same precision"
        )
        attentionNorm = try norm("attn_norm", hidden)
        postAttentionNorm = try norm("post_attention_norm", hidden, when: configuration.hasPostNorms)
        feedForwardNorm = try norm("ffn_norm", hidden)
        postFeedForwardNorm = try norm("post_ffw_norm", hidden, when: configuration.hasPostNorms)
        queryNorm = try norm("attn_q_norm", head, when: configuration.hasQueryKeyNorms)
        keyNorm = try norm("attn_k_norm", head, when: configuration.hasQueryKeyNorms)
    }

    /// Memory of the packed maps.
    var byteCount: Int {
        [query, key, value, attentionOutput, gate, up, down].reduce(0) { $0 + $1.byteCount }
    }
}
