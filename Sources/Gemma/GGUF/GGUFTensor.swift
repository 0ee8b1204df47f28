import Kernels

/// A tensor's entry in a GGUF file.
public struct GGUFTensor: Sendable {
    /// The name, such as `blk.0.attn_q.weight`.
    public let name: String
    /// The extents, fastest-varying first: a matrix is `[columns, rows]`, as the file has it.
    public let shape: [Int]
    /// How the elements are stored.
    let type: TensorType
    /// Bytes from the start of the file.
    let offset: Int
    /// Bytes of data.
    public let byteCount: Int

    /// How the elements are stored, as GGUF tools write it, such as `Q4_K`.
    public var typeName: String { type.name }
    /// Elements of the fastest-varying extent.
    var columns: Int { shape[0] }
    /// All other extents together.
    var rows: Int { shape.dropFirst().reduce(1, *) }
    /// Bytes of one row.
    var rowBytes: Int { byteCount / rows }
}
