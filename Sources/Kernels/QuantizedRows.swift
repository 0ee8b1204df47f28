import CKernels

/// A buffer for activations as integers, each row in groups of 128 columns with a scale of their own.
///
/// Filled and used with the kernels that are active when it is made: the bytes mean nothing to others.
public final class QuantizedRows: @unchecked Sendable {
    // @unchecked Sendable: the storage lives as long as the object; callers keep fills apart by rows and do not read rows
    // that are being filled, as with any output buffer of a kernel.

    /// Bytes that fit.
    public let capacity: Int

    let kernels = ck_active_kernels()
    let values: UnsafeMutableRawPointer
    let scales: UnsafeMutablePointer<Float>

    /// Room for rows of any precision.
    ///
    /// - Parameters:
    ///   - rows: most rows that are filled at a time, at least 0.
    ///   - columns: most columns of a row, at least 0.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "a buffer cannot hold \(rows) x \(columns) values")
        capacity = rows * Self.stride(columns, width: 2)
        values = .allocate(byteCount: max(capacity, 64), alignment: 64)
        values.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
        scales = .allocate(capacity: rows * Self.groups(columns))
        scales.initialize(repeating: 0, count: rows * Self.groups(columns))
    }

    deinit {
        values.deallocate()
        scales.deallocate()
    }

    /// Quantizes some rows for a matrix: a scale is 1/127 (int8) or 1/4095 (int16) of the largest magnitude in its group.
    ///
    /// A group with a value that is not finite makes every product of its row not a number.
    ///
    /// - Parameters:
    ///   - input: `[rows.count, matrix.columns]` f32, row-major, dense.
    ///   - rows: where they go; other threads may fill other rows meanwhile, for a matrix of the same precision and columns.
    ///   - matrix: of integers; gives the precision and the columns.
    public func fill(_ rows: Range<Int>, for matrix: PackedMatrix, from input: UnsafePointer<Float>) {
        guard let width = matrix.precision.integerWidth else {
            preconditionFailure("a matrix of floats multiplies floats")
        }
        let (columns, stride) = (matrix.columns, Self.stride(matrix.columns, width: width))
        precondition(rows.lowerBound >= 0, "cannot fill rows \(rows)")
        precondition(rows.upperBound * stride <= capacity, "rows \(rows) of \(stride) bytes do not fit in \(capacity)")
        ck_quantize_rows(
            kernels,
            input,
            Int64(rows.count),
            Int64(columns),
            width,
            values + rows.lowerBound * stride,
            scales + rows.lowerBound * Self.groups(columns)
        )
    }

    /// Quantizes one group of some rows for a matrix, as ``fill(_:for:from:)`` does it for all groups.
    ///
    /// - Parameter input: `[rows.count, columns of the group]` f32, row-major, dense.
    func fill(_ rows: Range<Int>, group: Int, for matrix: PackedMatrix, from input: UnsafePointer<Float>) {
        guard let width = matrix.precision.integerWidth else {
            preconditionFailure("a matrix of floats multiplies floats")
        }
        let (stride, groups) = (Self.stride(matrix.columns, width: width), Self.groups(matrix.columns))
        let first = group * Int(ck_group_columns)
        precondition(rows.lowerBound >= 0 && first < matrix.columns, "cannot fill group \(group) of rows \(rows)")
        precondition(rows.upperBound * stride <= capacity, "rows \(rows) of \(stride) bytes do not fit in \(capacity)")
        let columns = min(Int(ck_group_columns), matrix.columns - first)
        for (index, row) in rows.enumerated() {
            ck_quantize_rows(
                kernels,
                input + index * columns,
                1,
                Int64(columns),
                width,
                values + row * stride + first * Int(width),
                scales + row * groups + group
            )
        }
    }

    static func stride(_ columns: Int, width: Int32) -> Int { Int(ck_quantized_stride(Int64(columns), width)) }

    static func groups(_ columns: Int) -> Int {
        (columns + Int(ck_group_columns) - 1) / Int(ck_group_columns)
    }
}
