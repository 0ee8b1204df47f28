import CKernels

/// Root-mean-square normalisation: `output[r, c] = input[r, c] / sqrt(mean(input[r]²) + epsilon) * weight[c]`.
///
/// - Parameters:
///   - weight: `[columns]`. GGUF files of Gemma already hold the checkpoint's weight plus one; pass it as stored.
///   - output: `[rows, columns]`; may be `input`.
/// - Accuracy: relative error at most 1e-6 an element.
public func rmsNorm(
    _ input: UnsafePointer<Float>,
    weight: UnsafePointer<Float>,
    epsilon: Float,
    rows: Int,
    columns: Int,
    into output: UnsafeMutablePointer<Float>
) {
    precondition(rows >= 0 && columns >= 0, "cannot normalise \(rows) x \(columns) elements")
    ck_rms_norm(input, weight, epsilon, Int64(rows), Int64(columns), output)
}

/// `output = gelu(gate) * up`, gelu in its tanh form as Gemma uses it.
///
/// - Parameter output: `[count]`; may be `gate` or `up`.
/// - Accuracy: relative error at most 1.5e-6 for |gate| up to 3, 4e-6 up to 5, 1.5e-5 beyond (the exponent's own
///   rounding grows with it), plus 1e-30 · |up| absolute.
public func geluMultiply(
    _ gate: UnsafePointer<Float>,
    _ up: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>,
    count: Int
) {
    precondition(count >= 0, "cannot handle \(count) elements")
    ck_gelu_multiply(gate, up, output, Int64(count))
}

/// Rotary position embedding in place, NeoX style: element `i` of a head pairs with `i + headSize / 2`.
///
/// - Parameters:
///   - vectors: `[heads, headSize]`, dense: one position's queries or keys.
///   - position: row of `table`.
///   - table: `[positions, headSize]`; a row holds `headSize / 2` cosines, then as many sines.
/// - Precondition: `headSize` is even.
public func rope(
    _ vectors: UnsafeMutablePointer<Float>,
    heads: Int,
    headSize: Int,
    position: Int,
    table: UnsafePointer<Float>
) {
    precondition(heads >= 0 && headSize >= 0, "cannot rotate \(heads) heads of \(headSize)")
    precondition(headSize % 2 == 0, "a head of \(headSize) elements has no two halves")
    precondition(position >= 0, "position \(position) is negative")
    let cosines = table + position * headSize
    ck_rope(vectors, Int64(heads), Int64(headSize), cosines, cosines + headSize / 2)
}

/// `values += addend`, element by element.
public func addInPlace(_ values: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>, count: Int) {
    precondition(count >= 0, "cannot handle \(count) elements")
    ck_add(values, addend, Int64(count))
}

/// `values *= factor`.
public func scaleInPlace(_ values: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
    precondition(count >= 0, "cannot handle \(count) elements")
    ck_scale(values, factor, Int64(count))
}

/// Gemma 2's soft cap: `values = cap * tanh(values / cap)`, so each ends within `-cap...cap`.
///
/// - Precondition: `cap` is above zero.
/// - Accuracy: relative error at most 1e-6.
public func softCap(_ values: UnsafeMutablePointer<Float>, cap: Float, count: Int) {
    precondition(count >= 0, "cannot handle \(count) elements")
    precondition(cap > 0, "a soft cap of \(cap) is not above zero")
    ck_soft_cap(values, cap, Int64(count))
}

/// The products of one vector with a few rows of a matrix: logits for chosen tokens.
///
/// - Parameters:
///   - input: `[columns]`.
///   - matrix: `[any, columns]` f32, row-major, dense.
///   - rows: which rows, in any order.
///   - output: `[rows.count]`; overwritten.
public func dotRows(
    _ input: UnsafePointer<Float>,
    matrix: UnsafePointer<Float>,
    columns: Int,
    rows: [Int],
    into output: UnsafeMutablePointer<Float>
) {
    precondition(columns >= 0, "a row cannot have \(columns) elements")
    for (index, row) in rows.enumerated() {
        precondition(row >= 0, "row \(row) is negative")
        output[index] = ck_dot(input, matrix + row * columns, Int64(columns))
    }
}

/// The products of one vector with a few rows of a matrix in a GGUF format, each decoded as it is needed.
///
/// - Parameters:
///   - input: `[columns]`.
///   - matrix: whole rows of `columns` elements in `type`, back to back; needs no alignment.
///   - rows: which rows, in any order.
///   - output: `[rows.count]`; overwritten.
/// - Precondition: `columns` is a multiple of `type.blockElements`, and each row lies inside `matrix`.
public func dotRows(
    _ input: UnsafePointer<Float>,
    type: TensorType,
    matrix: UnsafeRawBufferPointer,
    columns: Int,
    rows: [Int],
    into output: UnsafeMutablePointer<Float>
) {
    precondition(
        columns >= 0 && columns % type.blockElements == 0,
        "a row of \(columns) elements is not a whole number of \(type.name) blocks of \(type.blockElements)"
    )
    let rowBytes = columns / type.blockElements * type.blockBytes
    withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { decoded in
        for (index, row) in rows.enumerated() {
            precondition(
                row >= 0 && (row + 1) * rowBytes <= matrix.count,
                "row \(row) of \(rowBytes) bytes lies outside a matrix of \(matrix.count) bytes"
            )
            let bytes = UnsafeRawBufferPointer(rebasing: matrix[row * rowBytes..<(row + 1) * rowBytes])
            dequantize(type, bytes, into: decoded)
            output[index] = decoded.baseAddress.map { ck_dot(input, $0, Int64(columns)) } ?? 0
        }
    }
}
