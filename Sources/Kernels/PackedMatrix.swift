import CKernels

/// An immutable weight matrix `[rows = outputs, columns = inputs]`, repacked for `multiply`.
///
/// Rows are kept in panels of 32, side by side for each column, as f16 or f32, on 64-byte boundaries.
public final class PackedMatrix: @unchecked Sendable {
    // @unchecked Sendable: the storage is allocated and filled inside `init`, never written again, and freed in `deinit`,
    // which runs when no reference is left; concurrent reads of memory that nobody writes are safe.

    /// How weights are stored; activations and sums are f32 either way.
    public enum Precision: Sendable {
        /// IEEE half, rounded to nearest even: relative error at most 2⁻¹¹ a weight from 6.1e-5 to 65504; more overflows.
        case float16
        /// As given.
        case float32

        var bytes: Int {
            switch self {
            case .float16: 2
            case .float32: 4
            }
        }
    }

    /// Outputs.
    public let rows: Int
    /// Inputs.
    public let columns: Int
    /// How the weights are stored.
    public let precision: Precision
    /// Memory the weights take, padding of the last panel included.
    public let byteCount: Int

    private let storage: UnsafeMutableRawPointer

    static let panelRows = Int(ck_panel_width)

    var panels: Int { (rows + Self.panelRows - 1) / Self.panelRows }

    /// Packs a matrix row by row.
    ///
    /// - Parameters:
    ///   - rows: number of outputs, at least 0.
    ///   - columns: number of inputs, at least 0.
    ///   - fillRow: writes row `index` into a zeroed buffer of `columns` f32. Called once a row, from several threads
    ///     of `pool` at a time, in no order.
    public init(
        rows: Int,
        columns: Int,
        precision: Precision,
        pool: ThreadPool,
        fillRow: (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        precondition(rows >= 0 && columns >= 0, "a matrix cannot be \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        self.precision = precision
        let panels = (rows + Self.panelRows - 1) / Self.panelRows
        let panelBytes = columns * Self.panelRows * precision.bytes
        byteCount = panels * panelBytes
        let storage = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 64), alignment: 64)
        self.storage = storage
        guard columns > 0 else { return }
        pool.parallelFor(panels) { panel in
            let first = panel * Self.panelRows
            let count = min(Self.panelRows, rows - first)
            let slab = UnsafeMutableBufferPointer<Float>.allocate(capacity: count * columns)
            defer { slab.deallocate() }
            slab.initialize(repeating: 0)
            for row in 0..<count {
                fillRow(first + row, UnsafeMutableBufferPointer(rebasing: slab[row * columns..<(row + 1) * columns]))
            }
            ck_pack_panel(
                slab.baseAddress,
                Int64(count),
                Int64(columns),
                precision == .float16 ? 1 : 0,
                storage + panel * panelBytes
            )
        }
    }

    deinit {
        storage.deallocate()
    }

    /// Columns × 32 weights, column by column.
    func panel(_ index: Int) -> UnsafeRawPointer {
        UnsafeRawPointer(storage) + index * columns * Self.panelRows * precision.bytes
    }
}
