import CKernels

/// An immutable weight matrix `[rows = outputs, columns = inputs]`, repacked for `multiply`.
///
/// Rows are kept in panels of 32, side by side for each column (or four bytes of integers), on 64-byte boundaries.
public final class PackedMatrix: @unchecked Sendable {
    // @unchecked Sendable: the storage is allocated and filled inside `init`, never written again, and freed in `deinit`,
    // which runs when no reference is left; concurrent reads of memory that nobody writes are safe.

    /// How weights are stored.
    public enum Precision: Sendable {
        /// Eight bits, with a scale for each row's 128 columns, after a transform that spreads large weights over the 128.
        /// Multiplies ``QuantizedRows`` of eight bits.
        case int8
        /// Thirteen bits in sixteen, with a scale for each row's 128 columns: each weight is off by at most 1/8190 of the
        /// largest of them. Multiplies ``QuantizedRows`` of sixteen bits.
        case int16
        /// IEEE half, rounded to nearest even: relative error at most 2⁻¹¹ a weight from 6.1e-5 to 65504; more overflows.
        case float16
        /// As given.
        case float32

        /// Whether it multiplies ``QuantizedRows``.
        public var isInteger: Bool { integerWidth != nil }

        /// Bytes of an integer; nil for floats.
        var integerWidth: Int32? {
            switch self {
            case .int8: 1
            case .int16: 2
            case .float16, .float32: nil
            }
        }

        func panelBytes(columns: Int) -> Int {
            switch self {
            case .int8: Int(ck_integer_panel_bytes(Int64(columns), 1))
            case .int16: Int(ck_integer_panel_bytes(Int64(columns), 2))
            case .float16: columns * PackedMatrix.panelRows * 2
            case .float32: columns * PackedMatrix.panelRows * 4
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
    private let panelBytes: Int

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
        let panelBytes = precision.panelBytes(columns: columns)
        self.panelBytes = panelBytes
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
            let target = storage + panel * panelBytes
            switch precision {
            case .int8: ck_pack_integer_panel(slab.baseAddress, Int64(count), Int64(columns), 1, target)
            case .int16: ck_pack_integer_panel(slab.baseAddress, Int64(count), Int64(columns), 2, target)
            case .float16: ck_pack_panel(slab.baseAddress, Int64(count), Int64(columns), 1, target)
            case .float32: ck_pack_panel(slab.baseAddress, Int64(count), Int64(columns), 0, target)
            }
        }
    }

    deinit {
        storage.deallocate()
    }

    /// Columns × 32 weights.
    func panel(_ index: Int) -> UnsafeRawPointer {
        UnsafeRawPointer(storage) + index * panelBytes
    }
}
