import Kernels

/// The activations of one chunk of rows: buffers that every pass reuses.
final class Workspace {
    /// Rows that fit.
    let rows: Int
    /// `[rows, hidden]`: the residual stream.
    let hidden: UnsafeMutablePointer<Float>
    /// `[rows, hidden]`: its normalised copy.
    let normed: UnsafeMutablePointer<Float>
    /// `[rows, hidden]`: what a layer's part adds to the stream.
    let addend: UnsafeMutablePointer<Float>
    /// `[rows, heads · head]`.
    let queries: UnsafeMutablePointer<Float>
    /// `[rows, keyValueHeads · head]`.
    let keys: UnsafeMutablePointer<Float>
    /// `[rows, keyValueHeads · head]`.
    let values: UnsafeMutablePointer<Float>
    /// `[rows, heads · head]`: what attention yields.
    let attended: UnsafeMutablePointer<Float>
    /// `[rows, feedForward]`; empty when maps are integers, whose wide products stay in a core's cache.
    let gate: UnsafeMutablePointer<Float>
    /// `[rows, feedForward]`; likewise.
    let up: UnsafeMutablePointer<Float>
    /// What the next linear maps read, as integers; empty when maps are floats.
    let quantized: QuantizedRows
    /// What the down map reads, as integers; empty when maps are floats.
    let quantizedGate: QuantizedRows

    private let storage: UnsafeMutableRawPointer

    init(rows: Int, for model: GemmaModel) {
        let (configuration, isInteger) = (model.configuration, model.precision == .integer)
        let (hiddenSize, queryWidth) = (configuration.hiddenSize, configuration.queryWidth)
        let (width, inner) = (configuration.keyValueWidth, configuration.feedForwardSize)
        let wide = isInteger ? 0 : inner
        let sizes = [hiddenSize, hiddenSize, hiddenSize, queryWidth, width, width, queryWidth, wide, wide]
        // Each buffer begins on a 64-byte boundary.
        let floats = sizes.map { (rows * $0 + 15) / 16 * 16 }
        let total = floats.reduce(0, +)
        storage = .allocate(byteCount: total * MemoryLayout<Float>.size, alignment: 64)
        let base = storage.initializeMemory(as: Float.self, repeating: 0, count: total)
        var offset = 0
        let buffers = floats.map { count in
            defer { offset += count }
            return base + offset
        }
        self.rows = rows
        quantized = QuantizedRows(rows: isInteger ? rows : 0, columns: max(hiddenSize, queryWidth))
        quantizedGate = QuantizedRows(rows: isInteger ? rows : 0, columns: inner)
        hidden = buffers[0]
        normed = buffers[1]
        addend = buffers[2]
        queries = buffers[3]
        keys = buffers[4]
        values = buffers[5]
        attended = buffers[6]
        gate = buffers[7]
        up = buffers[8]
    }

    deinit {
        storage.deallocate()
    }
}
