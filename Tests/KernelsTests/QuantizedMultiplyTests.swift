import Kernels
import Testing

private struct Product: Sendable, CustomTestStringConvertible {
    var variant: KernelVariant
    var precision: PackedMatrix.Precision
    var m: Int
    var rows: Int
    var columns: Int

    var testDescription: String { "\(variant.name) \(precision) [\(m), \(columns)] x [\(rows), \(columns)]" }

    /// Every height around the tiles, every width around a panel, then depths around a group of 128 and a unit of four.
    static let all: [Product] = Kernels.available.flatMap { variant in
        [PackedMatrix.Precision.int8, .int16].flatMap { precision in
            let shapes =
                [0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 23, 25, 64].map { ($0, 37, 130) }
                + [0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 64, 70].map { (5, $0, 128) }
                + [0, 1, 2, 3, 4, 5, 63, 127, 128, 129, 255, 640].flatMap { [(1, 33, $0), (13, 33, $0)] }
            return shapes.map { Product(variant: variant, precision: precision, m: $0.0, rows: $0.1, columns: $0.2) }
        }
    }

    /// What rounding to integers may do to a product of `x` and `w`: both rounded by half a step in every place, in the
    /// form in which they are rounded; then some rounding of the sums.
    func bound(_ x: [Float], _ w: [Float]) -> Double {
        let limit = precision == .int8 ? 127.0 : 4095.0
        var bound = 0.0
        for start in stride(from: 0, to: columns, by: 128) {
            var (a, b) = (
                x[start..<min(start + 128, columns)].map(Double.init),
                w[start..<min(start + 128, columns)].map(Double.init)
            )
            if precision == .int8, a.count == 128 { (a, b) = (rotated(a), rotated(b)) }
            let stepA = (a.map(abs).max() ?? 0) / limit
            let stepB = (b.map(abs).max() ?? 0) / limit
            for (a, b) in zip(a, b) {
                bound += 0.501 * (abs(a) * stepB + abs(b) * stepA) + 0.26 * stepA * stepB + 1e-6 * abs(a * b)
            }
        }
        return bound + 1e-30
    }
}

/// The Walsh-Hadamard transform, normalized.
private func rotated(_ values: [Double]) -> [Double] {
    values.indices.map { row in
        let signs = values.indices.map { (row & $0).nonzeroBitCount.isMultiple(of: 2) ? 1.0 : -1.0 }
        return zip(values, signs).reduce(0) { $0 + $1.0 * $1.1 } / Double(values.count).squareRoot()
    }
}

private func product(_ input: [Float], _ m: Int, by matrix: PackedMatrix, pool: ThreadPool = pool) -> [Float]? {
    let quantized = QuantizedRows(rows: m, columns: matrix.columns)
    return guarded(count: m * matrix.rows) { output in
        // Two fills, as two threads would.
        let half = m / 2
        input.withUnsafeBufferPointer { input in
            guard let start = input.baseAddress else { return }
            quantized.fill(0..<half, for: matrix, from: start)
            quantized.fill(half..<m, for: matrix, from: start + half * matrix.columns)
        }
        multiply(quantized, rows: m, by: matrix, into: output, pool: pool)
    }
}

private func packed(_ weights: [Float], rows: Int, columns: Int, _ precision: PackedMatrix.Precision) -> PackedMatrix {
    PackedMatrix(rows: rows, columns: columns, precision: precision, pool: pool) { row, buffer in
        for column in 0..<columns { buffer[column] = weights[row * columns + column] }
    }
}

@Suite("multiplying in integers")
struct QuantizedMultiplyTests {
    @Test("every shape stays within what rounding both factors may change", arguments: Product.all)
    private func matchesReference(_ shape: Product) {
        var generator = SeededGenerator(seed: UInt64(shape.m * 10_000 + shape.rows * 100 + shape.columns))
        let input = generator.floats(max(1, shape.m * shape.columns))
        let weights = generator.floats(shape.rows * shape.columns)
        let output = Kernels.withVariant(shape.variant) {
            product(input, shape.m, by: packed(weights, rows: shape.rows, columns: shape.columns, shape.precision))
        }
        var (values, bounds): ([Double], [Double]) = ([], [])
        for row in 0..<shape.m {
            let x = Array(input[row * shape.columns..<(row + 1) * shape.columns])
            for output in 0..<shape.rows {
                let w = Array(weights[output * shape.columns..<(output + 1) * shape.columns])
                values.append(zip(x, w).reduce(0) { $0 + Double($1.0) * Double($1.1) })
                bounds.append(shape.bound(x, w))
            }
        }
        #expect(output.map { outliers($0, values) { bounds[$0] } } == [])
    }

    @Test(
        "rows are multiplied by the kernels that filled them, whatever was selected meanwhile",
        arguments: Kernels.available
    )
    func selectedMeanwhile(_ variant: KernelVariant) {
        let matrix = packed([Float](repeating: 5, count: 126), rows: 1, columns: 126, .int8)
        let quantized = Kernels.withVariant(variant) { QuantizedRows(rows: 1, columns: 126) }
        for other in Kernels.available {
            Kernels.withVariant(other) {
                [Float](repeating: 3, count: 126).withUnsafeBufferPointer { input in
                    if let start = input.baseAddress { quantized.fill(0..<1, for: matrix, from: start) }
                }
            }
            let product = Kernels.withVariant(variant) {
                guarded(count: 1) { multiply(quantized, rows: 1, by: matrix, into: $0, pool: pool) }
            }
            #expect(product.map { outliers($0, [1890]) { _ in 1e-3 } } == [])
        }
    }

    @Test("the largest values keep exact sums", arguments: Kernels.available)
    func fullRange(_ variant: KernelVariant) {
        for precision in [PackedMatrix.Precision.int8, .int16] {
            // 126 columns are not transformed: all products are the largest there are, with either sign.
            let input = [Float](repeating: 3, count: 126) + [Float](repeating: -3, count: 126)
            let weights = [Float](repeating: 5, count: 126) + [Float](repeating: -5, count: 126)
            let output = Kernels.withVariant(variant) {
                product(input, 2, by: packed(weights, rows: 2, columns: 126, precision))
            }
            #expect(output.map { outliers($0, [1890, -1890, -1890, 1890]) { _ in 1e-3 } } == [])
        }
    }

    @Test("one large value does not drown the others", arguments: Kernels.available)
    func outlier(_ variant: KernelVariant) {
        var input = [Float](repeating: 1, count: 128)
        input[7] = 100
        // The large value meets a zero weight: the result is all in the others.
        var weights = [Float](repeating: 1, count: 128)
        weights[7] = 0
        let output = Kernels.withVariant(variant) {
            product(input, 1, by: packed(weights, rows: 1, columns: 128, .int8))
        }
        // Rounded as it is, every 1 would become 0.79; off by 21 % in all.
        #expect(output.map { outliers($0, [127]) { _ in 2 } } == [])
    }

    @Test("zero and nearly zero rows give zero, huge ones keep the bound", arguments: Kernels.available)
    func extremes(_ variant: KernelVariant) {
        for precision in [PackedMatrix.Precision.int8, .int16] {
            for size: Float in [0, 1e-40, 1e-30, 1e30] {
                let input = [Float](repeating: size, count: 130)
                let output = Kernels.withVariant(variant) {
                    product(input, 1, by: packed([Float](repeating: 1, count: 130), rows: 1, columns: 130, precision))
                }
                let exact = 130 * Double(size)
                #expect(output.map { outliers($0, [exact]) { _ in max(exact * 0.001, 2e-38) } } == [])
            }
        }
    }

    @Test("a row that is not finite spoils only its own outputs", arguments: Kernels.available, [Float.nan, .infinity])
    func notFinite(_ variant: KernelVariant, _ bad: Float) {
        for precision in [PackedMatrix.Precision.int8, .int16] {
            var input = [Float](repeating: 1, count: 13 * 130)
            input[5 * 130 + 3] = bad
            input[7 * 130 + 129] = bad
            let output = Kernels.withVariant(variant) {
                product(
                    input,
                    13,
                    by: packed([Float](repeating: 1, count: 33 * 130), rows: 33, columns: 130, precision)
                )
            }
            let spoilt = output?.indices.filter { output?[$0].isNaN == true }
            #expect(spoilt == Array(5 * 33..<6 * 33) + Array(7 * 33..<8 * 33))
        }
    }

    @Test("the result does not depend on the number of threads", arguments: Kernels.available)
    func threadIndependent(_ variant: KernelVariant) {
        var generator = SeededGenerator(seed: 3)
        let input = generator.floats(300 * 700)
        let weights = generator.floats(70 * 700)
        let results = Kernels.withVariant(variant) {
            let matrix = packed(weights, rows: 70, columns: 700, .int8)
            return [1, 2, 5].map { product(input, 300, by: matrix, pool: ThreadPool(threads: $0)) }
        }
        #expect(results[0] != nil)
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }
}

@Suite("the gated product in integers")
struct GatedMultiplyTests {
    @Test(
        "equals its parts one after the other",
        arguments: Kernels.available,
        [(0, 128), (1, 32), (49, 128), (60, 300)]
    )
    func equalsParts(_ variant: KernelVariant, _ shape: (m: Int, inner: Int)) {
        var generator = SeededGenerator(seed: 5)
        let (m, inner, columns) = (shape.m, shape.inner, 130)
        let input = generator.floats(max(1, m * columns))
        let weights = (0..<3).map { _ in generator.floats(inner * columns) }
        for (wide, narrow) in [(PackedMatrix.Precision.int8, PackedMatrix.Precision.int16), (.int16, .int8)] {
            let (fused, parts) = Kernels.withVariant(variant) {
                let gate = packed(weights[0], rows: inner, columns: columns, wide)
                let up = packed(weights[1], rows: inner, columns: columns, wide)
                let down = packed(weights[2], rows: columns, columns: inner, narrow)
                let quantized = QuantizedRows(rows: m, columns: columns)
                quantized.fill(0..<m, for: gate, from: input)
                let gated = QuantizedRows(rows: m, columns: inner)
                multiplyGated(quantized, rows: m, gate: gate, up: up, for: down, into: gated, pool: pool)
                let fused = guarded(count: m * columns) { multiply(gated, rows: m, by: down, into: $0, pool: pool) }
                var (a, b) = ([Float](repeating: 0, count: m * inner + 1), [Float](repeating: 0, count: m * inner + 1))
                multiply(quantized, rows: m, by: gate, into: &a, pool: pool)
                multiply(quantized, rows: m, by: up, into: &b, pool: pool)
                let combined = guarded(count: m * inner) { geluMultiply(a, b, into: $0, count: m * inner) }
                return (fused, product(combined ?? [], m, by: down))
            }
            #expect(fused != nil)
            #expect(fused == parts)
        }
    }
}
