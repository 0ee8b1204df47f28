import Kernels
import Testing

private struct Product: Sendable, CustomTestStringConvertible {
    var variant: KernelVariant
    var precision: PackedMatrix.Precision
    var m: Int
    var rows: Int
    var columns: Int

    var testDescription: String { "\(variant.name) \(precision) [\(m), \(columns)] x [\(rows), \(columns)]" }

    /// Every height around both tiles, every width around a panel, then odd depths.
    static let all: [Product] = Kernels.available.flatMap { variant in
        [PackedMatrix.Precision.float16, .float32].flatMap { precision in
            let shapes =
                [0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 23, 25, 64].map { ($0, 37, 29) }
                + [0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 64, 70].map { (5, $0, 12) }
                + [0, 1, 2, 3, 4, 5, 6, 7, 63, 640, 2049].flatMap { [(1, 33, $0), (2, 33, $0), (13, 33, $0)] }
            return shapes.map { Product(variant: variant, precision: precision, m: $0.0, rows: $0.1, columns: $0.2) }
        }
    }

    func packed(_ weights: [Float]) -> PackedMatrix {
        PackedMatrix(rows: rows, columns: columns, precision: precision, pool: pool) { row, buffer in
            for column in 0..<columns {
                buffer[column] = weights[row * columns + column]
            }
        }
    }

    func stored(_ weight: Float) -> Double {
        precision == .float16 ? Double(Float16(weight)) : Double(weight)
    }

    /// The exact product with the stored weights, and the bound: (columns + 2) · 2⁻²⁴ · Σ|input · weight|, plus what
    /// underflow may lose.
    func reference(_ input: [Float], _ weights: [Float]) -> (values: [Double], bounds: [Double]) {
        var values: [Double] = []
        var bounds: [Double] = []
        for row in 0..<m {
            for output in 0..<rows {
                var sum = 0.0
                var size = 0.0
                for column in 0..<columns {
                    let term = Double(input[row * columns + column]) * stored(weights[output * columns + column])
                    sum += term
                    size += abs(term)
                }
                values.append(sum)
                bounds.append(Double(columns + 2) * (0x1p-24 * size + 0x1p-149))
            }
        }
        return (values, bounds)
    }
}

@Suite("multiplying by a packed matrix")
struct MultiplyTests {
    @Test("every shape stays within the bound of the exact product", arguments: Product.all)
    private func matchesReference(_ product: Product) {
        var generator = SeededGenerator(seed: UInt64(product.m * 10_000 + product.rows * 100 + product.columns))
        let input = generator.floats(product.m * product.columns + 1)
        let weights = generator.floats(product.rows * product.columns)
        let (values, bounds) = product.reference(Array(input.dropFirst()), weights)
        let output = Kernels.withVariant(product.variant) {
            let matrix = product.packed(weights)
            return guarded(count: product.m * product.rows) { output in
                input.withUnsafeBufferPointer {
                    multiply($0.baseAddress! + 1, rows: product.m, by: matrix, into: output, pool: pool)
                }
            }
        }
        #expect(output.map { outliers($0, values) { bounds[$0] } } == [])
    }

    @Test("huge and tiny factors keep the bound", arguments: Kernels.available)
    func extremes(_ variant: KernelVariant) {
        var generator = SeededGenerator(seed: 7)
        let product = Product(variant: variant, precision: .float32, m: 14, rows: 40, columns: 21)
        let input = generator.floats(14 * 21).map { $0 * ($0 > 0 ? 1e18 : 1e-30) }
        let weights = generator.floats(40 * 21).map { $0 * ($0 > 0 ? 1e18 : 1e-12) }
        let (values, bounds) = product.reference(input, weights)
        let output = Kernels.withVariant(variant) {
            let matrix = product.packed(weights)
            return guarded(count: 14 * 40) { multiply(input, rows: 14, by: matrix, into: $0, pool: pool) }
        }
        #expect(output.map { outliers($0, values) { bounds[$0] } } == [])
    }

    @Test("a row that is not a number spoils only its own outputs", arguments: Kernels.available)
    func notANumber(_ variant: KernelVariant) {
        let product = Product(variant: variant, precision: .float16, m: 13, rows: 33, columns: 8)
        var input = [Float](repeating: 1, count: 13 * 8)
        input[5 * 8 + 3] = .nan
        let output = Kernels.withVariant(variant) {
            let matrix = product.packed([Float](repeating: 1, count: 33 * 8))
            return guarded(count: 13 * 33) { multiply(input, rows: 13, by: matrix, into: $0, pool: pool) }
        }
        #expect(output?.indices.filter { output?[$0].isNaN == true } == Array(5 * 33..<6 * 33))
        #expect(output?.filter { !$0.isNaN }.allSatisfy { $0 == 8 } == true)
    }

    @Test("weights round to the nearest half, ties to even", arguments: Kernels.available)
    func halves(_ variant: KernelVariant) {
        var generator = SeededGenerator(seed: 11)
        // Random bit patterns within the range of halves, and numbers exactly between two halves.
        var weights = (0..<4000).map { _ in
            Float(bitPattern: UInt32.random(in: 0x3200_0000..<0x477f_f000, using: &generator))
        }
        weights += (0..<2000).map { step in
            (Float(Float16(bitPattern: UInt16(step * 15))) + Float(Float16(bitPattern: UInt16(step * 15 + 1)))) / 2
        }
        weights += [0, -0.0, 65504, 65519.996, 65520, -1e9, .infinity, 0x1p-25, 0x1.8p-24, 1e-20].map { $0 }
        let output = Kernels.withVariant(variant) {
            let matrix = PackedMatrix(rows: weights.count, columns: 1, precision: .float16, pool: pool) {
                $1[0] = weights[$0]
            }
            return guarded(count: weights.count) { multiply([1], rows: 1, by: matrix, into: $0, pool: pool) }
        }
        // Adding to zero turns -0 into 0, hence comparison by value.
        #expect(output?.indices.filter { output?[$0] != Float(Float16(weights[$0])) } == [])
    }

    @Test("the result does not depend on the number of threads", arguments: Kernels.available)
    func threadIndependent(_ variant: KernelVariant) {
        var generator = SeededGenerator(seed: 3)
        let product = Product(variant: variant, precision: .float16, m: 300, rows: 70, columns: 700)
        let input = generator.floats(300 * 700)
        let weights = generator.floats(70 * 700)
        let results = Kernels.withVariant(variant) {
            let matrix = product.packed(weights)
            return [1, 2, 5].map { threads in
                let pool = ThreadPool(threads: threads)
                return guarded(count: 300 * 70) { multiply(input, rows: 300, by: matrix, into: $0, pool: pool) }
            }
        }
        #expect(results[0] != nil)
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test("the byte count covers whole panels of 32 rows")
    func byteCount() {
        let half = PackedMatrix(rows: 33, columns: 10, precision: .float16, pool: pool) { _, _ in }
        let full = PackedMatrix(rows: 32, columns: 10, precision: .float32, pool: pool) { _, _ in }
        #expect(half.byteCount == 64 * 10 * 2)
        #expect(full.byteCount == 32 * 10 * 4)
    }
}
