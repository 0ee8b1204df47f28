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
    let rows = matrix.rows
    let columns = matrix.columns
    let chunk = MultiplyPlan.inputRows(m: m, columns: columns)
    let chunks = m == 0 ? 0 : (m + chunk - 1) / chunk
    let panels = matrix.panels
    // Panels vary fastest, so that a chunk of the input stays in a core's cache while panels stream past it.
    pool.parallelFor(panels * chunks) { job in
        let firstRow = job / panels * chunk
        let panel = job % panels
        let firstOutput = panel * PackedMatrix.panelRows
        ck_multiply_panel(
            matrix.panel(panel),
            matrix.precision == .float16 ? 1 : 0,
            Int64(columns),
            input + firstRow * columns,
            Int64(columns),
            Int64(min(chunk, m - firstRow)),
            output + firstRow * rows + firstOutput,
            Int64(rows),
            Int64(min(PackedMatrix.panelRows, rows - firstOutput))
        )
    }
}

private enum MultiplyPlan {
    /// Input rows that one core keeps in its second-level cache, about half a mebibyte, in whole tiles of 12 rows.
    static func inputRows(m: Int, columns: Int) -> Int {
        let tile = 12
        let tiles = (m + tile - 1) / tile
        let fitting = max(1, (1 << 19) / (max(columns, 1) * 4 * tile))
        let chunks = (tiles + fitting - 1) / fitting
        return max(1, (tiles + max(chunks, 1) - 1) / max(chunks, 1)) * tile
    }
}
