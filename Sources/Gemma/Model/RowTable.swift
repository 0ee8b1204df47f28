import Kernels

/// A matrix that stays in the file in its own format, decoded a row at a time: embeddings and output weights.
struct RowTable: Sendable {
    private let file: GGUFFile
    private let tensor: GGUFTensor

    /// - Throws: ``GemmaError/missingTensor(name:)`` or ``GemmaError/invalidTensor(name:found:expected:)``.
    init(_ file: GGUFFile, name: String, columns: Int, rows: Int) throws(GemmaError) {
        self.file = file
        tensor = try file.tensor(name, shape: [columns, rows])
    }

    var columns: Int { tensor.columns }
    var rows: Int { tensor.rows }

    /// Writes row `index` as f32.
    func copyRow(_ index: Int, to output: UnsafeMutablePointer<Float>) {
        let bytes = file.bytes(of: tensor)
        let start = index * tensor.rowBytes
        dequantize(
            tensor.type,
            UnsafeRawBufferPointer(rebasing: bytes[start..<start + tensor.rowBytes]),
            into: UnsafeMutableBufferPointer(start: output, count: columns)
        )
    }

    /// The products of `input` `[columns]` with some rows.
    func dots(_ input: UnsafePointer<Float>, rows: [Int], into output: UnsafeMutablePointer<Float>) {
        dotRows(input, type: tensor.type, matrix: file.bytes(of: tensor), columns: columns, rows: rows, into: output)
    }
}

extension GGUFFile {
    /// A tensor that must exist and have this shape, fastest-varying extent first.
    func tensor(_ name: String, shape: [Int]) throws(GemmaError) -> GGUFTensor {
        guard let tensor = tensor(name) else { throw .missingTensor(name: name) }
        guard tensor.shape == shape else {
            throw .invalidTensor(name: name, found: "of shape \(tensor.shape)", expected: "shape \(shape)")
        }
        return tensor
    }

    /// A whole tensor as f32.
    package func floats(_ tensor: GGUFTensor) -> [Float] {
        let count = tensor.shape.reduce(1, *)
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            dequantize(tensor.type, bytes(of: tensor), into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
    }
}
