import CKernels

/// A GGUF tensor element format; raw values are the file format's own numbers.
public enum TensorType: UInt32, CaseIterable, Sendable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case bf16 = 30

    /// Elements in one block; a tensor row holds a whole number of blocks.
    public var blockElements: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q4_K, .q5_K, .q6_K: 256
        }
    }

    /// Bytes of one block.
    public var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        }
    }

    /// The name GGUF tools print, such as `Q4_K`.
    public var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .bf16: "BF16"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q4_K: "Q4_K"
        case .q5_K: "Q5_K"
        case .q6_K: "Q6_K"
        }
    }
}

/// Decodes GGUF tensor data to f32, with the same rounding as the published reference decoders.
///
/// - Parameters:
///   - type: the format of `source`.
///   - source: a whole number of blocks; needs no alignment.
///   - output: as many f32 elements as the blocks hold; overwritten.
/// - Precondition: `source.count` is a multiple of `type.blockBytes` and `output` has exactly the room needed.
public func dequantize(
    _ type: TensorType,
    _ source: UnsafeRawBufferPointer,
    into output: UnsafeMutableBufferPointer<Float>
) {
    let blocks = source.count / type.blockBytes
    precondition(
        source.count == blocks * type.blockBytes,
        "\(source.count) bytes are not a whole number of \(type.name) blocks of \(type.blockBytes)"
    )
    precondition(
        output.count == blocks * type.blockElements,
        "\(blocks) \(type.name) blocks decode to \(blocks * type.blockElements) elements, room is \(output.count)"
    )
    guard blocks > 0, let bytes = source.baseAddress, let floats = output.baseAddress else { return }
    ck_dequantize(type.rawValue, bytes, Int64(blocks), floats)
}
