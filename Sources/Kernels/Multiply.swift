import CKernels

/// Computes `output[m, rows] = input[m, columns] · matrixᵀ` on all threads of `pool`.
///
/// - Parameters:
///   - input: `[m, columns]` f32, row-major, dense.
///   - m: number of input rows, at least 0.
///   - matrix: `[rows, columns]`.
///   - output: `[m, rows]` f32, row-major, dense; overwritten; must not overlap `input`.
/// - Accuracy: per element at most `(columns + 2) · 2⁻²⁴ · Σ|input · weight|` from the exact product with the stored
///   weights (`MultiplyTests`). The result does not depend on the number of threads.
public func multiply(
    _ input: UnsafePointer<Float>,
    rows m: Int,
    by matrix: PackedMatrix,
    into output: UnsafeMutablePointer<Float>,
    pool: ThreadPool
) {
    precondition(m >= 0, "the number of input rows cannot be \(m)")
    precondition(matrix.precision.integerWidth == nil, "a matrix of integers multiplies quantized rows")
    let columns = matrix.columns
    forTiles(rows: m, rowBytes: columns * 4, of: matrix, pool: pool) { panel, rows, outputs in
        ck_multiply_panel(
            matrix.panel(panel),
            matrix.precision == .float16 ? 1 : 0,
            Int64(columns),
            input + rows.lowerBound * columns,
            Int64(columns),
            Int64(rows.count),
            output + rows.lowerBound * matrix.rows + outputs.lowerBound,
            Int64(matrix.rows),
            Int64(outputs.count)
        )
    }
}

/// Computes `output[m, rows] = input[m, columns] · matrixᵀ` in integers on all threads of `pool`.
///
/// - Parameters:
///   - input: rows `0 ..< m`, filled for a matrix of this precision and as many columns.
///   - m: number of input rows, at least 0.
///   - matrix: `[rows, columns]` of integers.
///   - output: `[m, rows]` f32, row-major, dense; overwritten.
/// - Accuracy: sums within a group of 128 columns are exact; per element the distance from the exact product of the
///   quantized values is at most `(groups + 3) · 2⁻²³ · Σ|group sum|` (`QuantizedMultiplyTests`). The result does not depend
///   on the number of threads.
public func multiply(
    _ input: QuantizedRows,
    rows m: Int,
    by matrix: PackedMatrix,
    into output: UnsafeMutablePointer<Float>,
    pool: ThreadPool
) {
    guard let width = matrix.precision.integerWidth else {
        preconditionFailure("a matrix of floats multiplies floats")
    }
    let columns = matrix.columns
    let stride = QuantizedRows.stride(columns, width: width)
    precondition(m >= 0 && m * stride <= input.capacity, "\(m) rows of \(stride) bytes do not fit in \(input.capacity)")
    forTiles(rows: m, rowBytes: stride, of: matrix, pool: pool) { panel, rows, outputs in
        ck_multiply_integer_panel(
            input.kernels,
            matrix.panel(panel),
            width,
            Int64(columns),
            input.values + rows.lowerBound * stride,
            input.scales + rows.lowerBound * QuantizedRows.groups(columns),
            Int64(rows.count),
            output + rows.lowerBound * matrix.rows + outputs.lowerBound,
            Int64(matrix.rows),
            Int64(outputs.count)
        )
    }
}

/// Computes `gelu(input · gateᵀ) * (input · upᵀ)` in integers and leaves it quantized for `next`, on all threads of `pool`.
///
/// A group of 128 outputs of both products, their combination and its quantization stay in a core's cache: the two wide
/// products never go through memory.
///
/// - Parameters:
///   - input: rows `0 ..< m`, filled for matrices of `gate`'s precision and columns.
///   - m: number of input rows, at least 0.
///   - gate: `[rows, columns]` of integers.
///   - up: of the same shape and precision.
///   - next: of integers, with `gate.rows` columns.
///   - output: filled for `next`; another buffer than `input`.
public func multiplyGated(
    _ input: QuantizedRows,
    rows m: Int,
    gate: PackedMatrix,
    up: PackedMatrix,
    for next: PackedMatrix,
    into output: QuantizedRows,
    pool: ThreadPool
) {
    guard let width = gate.precision.integerWidth, up.precision == gate.precision else {
        preconditionFailure("quantized rows multiply two matrices of integers of the same width")
    }
    precondition(gate.rows == up.rows && gate.columns == up.columns, "gate and up differ in shape")
    precondition(next.columns == gate.rows, "a matrix of \(next.columns) columns cannot read \(gate.rows) outputs")
    precondition(input !== output, "the output cannot be the input")
    let columns = gate.columns
    let stride = QuantizedRows.stride(columns, width: width)
    precondition(m >= 0 && m * stride <= input.capacity, "\(m) rows of \(stride) bytes do not fit in \(input.capacity)")
    let (groupRows, panelRows) = (Int(ck_group_columns), PackedMatrix.panelRows)
    // Four tiles of rows: with 128 outputs of two products 48 kB.
    let block = 48
    pool.parallelFor((gate.rows + groupRows - 1) / groupRows) { group in
        let outputs = min(groupRows, gate.rows - group * groupRows)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * block * outputs) { products in
            guard let gated = products.baseAddress else { return }
            for first in Swift.stride(from: 0, to: m, by: block) {
                let rows = min(block, m - first)
                for (matrix, product) in [(gate, gated), (up, gated + block * outputs)] {
                    for offset in Swift.stride(from: 0, to: outputs, by: panelRows) {
                        ck_multiply_integer_panel(
                            input.kernels,
                            matrix.panel((group * groupRows + offset) / panelRows),
                            width,
                            Int64(columns),
                            input.values + first * stride,
                            input.scales + first * QuantizedRows.groups(columns),
                            Int64(rows),
                            product + offset,
                            Int64(outputs),
                            Int64(min(panelRows, outputs - offset))
                        )
                    }
                }
                ck_gelu_multiply(gated, gated + block * outputs, gated, Int64(rows * outputs))
                output.fill(first..<first + rows, group: group, for: next, from: gated)
            }
        }
    }
}

/// Shares out a product by panels of the matrix and chunks of input rows: calls `body` with a panel, the rows of a chunk and
/// the panel's outputs.
private func forTiles(
    rows m: Int,
    rowBytes: Int,
    of matrix: PackedMatrix,
    pool: ThreadPool,
    _ body: (_ panel: Int, _ rows: Range<Int>, _ outputs: Range<Int>) -> Void
) {
    guard m > 0 else { return }
    // Whole tiles of 12 rows that one core keeps in its second-level cache, about half a mebibyte.
    let tile = 12
    let tiles = (m + tile - 1) / tile
    let fitting = max(1, (1 << 19) / (max(rowBytes, 1) * tile))
    let chunks = (tiles + fitting - 1) / fitting
    let chunk = (tiles + chunks - 1) / chunks * tile
    let panels = matrix.panels
    // Panels vary fastest, so that a chunk of the input stays in a core's cache while panels stream past it.
    pool.parallelFor(panels * ((m + chunk - 1) / chunk)) { job in
        let first = job / panels * chunk
        let output = job % panels * PackedMatrix.panelRows
        body(job % panels, first..<min(first + chunk, m), output..<min(output + PackedMatrix.panelRows, matrix.rows))
    }
}
