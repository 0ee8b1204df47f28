import Foundation
import Kernels
import Testing

@Suite("vector operations")
struct VectorOperationsTests {
    @Test("normalisation stays within 1e-6 of the reference", arguments: Kernels.available, oddLengths)
    func normalises(_ variant: KernelVariant, _ columns: Int) {
        var generator = SeededGenerator(seed: UInt64(columns))
        let rows = 3
        let scales: [Float] = [1, 1e-9, 1e9]
        let weight = generator.floats(columns + 1)
        let input = generator.floats(rows * columns + 1)
            .enumerated().map { $1 * scales[min(max($0 - 1, 0) / max(columns, 1), 2)] }
        var reference: [Double] = []
        for row in 0..<rows {
            let x = input[(1 + row * columns)..<(1 + (row + 1) * columns)].map(Double.init)
            let mean = x.reduce(0) { $0 + $1 * $1 } / Double(columns)
            for (index, value) in x.enumerated() {
                reference.append(value / (mean + 1e-6).squareRoot() * Double(weight[index + 1]))
            }
        }
        let output = Kernels.withVariant(variant) {
            guarded(count: rows * columns) { output in
                input.withUnsafeBufferPointer { input in
                    weight.withUnsafeBufferPointer { weight in
                        rmsNorm(
                            input.baseAddress! + 1,
                            weight: weight.baseAddress! + 1,
                            epsilon: 1e-6,
                            rows: rows,
                            columns: columns,
                            into: output
                        )
                    }
                }
            }
        }
        #expect(output.map { outliers($0, reference) { 1e-6 * abs(reference[$0]) + 1e-37 } } == [])
    }

    @Test("normalisation works in place", arguments: Kernels.available)
    func normalisesInPlace(_ variant: KernelVariant) {
        let output = Kernels.withVariant(variant) {
            guarded([3, -3, 3, 3, -3]) {
                rmsNorm($0, weight: [1, 1, 2, 1, 1], epsilon: 0, rows: 1, columns: 5, into: $0)
            }
        }
        #expect(output == [1, -1, 2, 1, -1])
    }

    @Test("gelu keeps its relative error for every size of input", arguments: Kernels.available, oddLengths)
    func gelu(_ variant: KernelVariant, _ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        var gate = generator.floats(count, in: -12...12)
        // At -10.05 the power of two inside the exponential is already infinite.
        let corners: [Float] = [0, -0.0, -10.05, 1e-30, -1e-30, 100, -100, 1e10, -1e10, 3e38, -3e38]
        for (index, corner) in corners.enumerated() where index * 3 < count {
            gate[index * 3] = corner
        }
        let up = generator.floats(count)
        let reference = zip(gate, up).map { gate, up in
            let x = Double(gate)
            let u = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
            return x / (1 + exp(-2 * u)) * Double(up)
        }
        let output = Kernels.withVariant(variant) {
            guarded(count: count) { geluMultiply(gate, up, into: $0, count: count) }
        }
        #expect(
            output.map {
                outliers($0, reference) { index in
                    let size = abs(gate[index])
                    let relative = size <= 3 ? 1.5e-6 : size <= 5 ? 4e-6 : 1.5e-5
                    return relative * abs(reference[index]) + 1e-30
                }
            } == []
        )
    }

    @Test(
        "soft caps keep their relative error, tiny and huge values included",
        arguments: Kernels.available,
        oddLengths
    )
    func softCaps(_ variant: KernelVariant, _ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        var values = generator.floats(count, in: -200...200)
        let corners: [Float] = [0, 1e-20, -1e-6, 0.01, -30, 1e30, -.infinity]
        for (index, corner) in corners.enumerated() where index * 2 < count {
            values[index * 2] = corner
        }
        let reference = values.map { 30 * tanh(Double($0) / 30) }
        let output = Kernels.withVariant(variant) { guarded(values) { softCap($0, cap: 30, count: count) } }
        #expect(output.map { outliers($0, reference) { 1e-6 * abs(reference[$0]) } } == [])
        #expect(output?.allSatisfy { abs($0) <= 30 } == true)
    }

    @Test("what is not a number stays so through gelu and soft cap", arguments: Kernels.available)
    func notANumber(_ variant: KernelVariant) {
        let values = [Float](repeating: .nan, count: 19)
        let (gelu, cap) = Kernels.withVariant(variant) {
            (
                guarded(values) { geluMultiply($0, [Float](repeating: 1, count: 19), into: $0, count: 19) },
                guarded(values) { softCap($0, cap: 30, count: 19) }
            )
        }
        #expect(gelu?.allSatisfy(\.isNaN) == true)
        #expect(cap?.allSatisfy(\.isNaN) == true)
    }

    @Test("rotation turns each half pair by its angle", arguments: Kernels.available, [0, 2, 6, 16, 30, 34, 64, 256])
    func rotates(_ variant: KernelVariant, _ headSize: Int) {
        var generator = SeededGenerator(seed: UInt64(headSize))
        let heads = 3
        let half = headSize / 2
        let vectors = generator.floats(heads * headSize)
        let table = (0..<4).flatMap { position in
            let angles = (0..<half).map { Float(position) * Float($0 + 1) * 0.37 }
            return angles.map { cos($0) } + angles.map { sin($0) }
        }
        var reference = vectors.map(Double.init)
        for head in 0..<heads {
            for i in 0..<half {
                let (a, b) = (Double(vectors[head * headSize + i]), Double(vectors[head * headSize + half + i]))
                let (c, s) = (Double(table[3 * headSize + i]), Double(table[3 * headSize + half + i]))
                reference[head * headSize + i] = a * c - b * s
                reference[head * headSize + half + i] = b * c + a * s
            }
        }
        let output = Kernels.withVariant(variant) {
            guarded(vectors) { rope($0, heads: heads, headSize: headSize, position: 3, table: table) }
        }
        #expect(output.map { outliers($0, reference) { _ in 2e-7 } } == [])
    }

    @Test("adding and scaling round once", arguments: Kernels.available, oddLengths)
    func addsAndScales(_ variant: KernelVariant, _ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let values = generator.floats(count)
        let addend = generator.floats(count)
        let (sums, scaled) = Kernels.withVariant(variant) {
            (
                guarded(values) { addInPlace($0, addend, count: count) },
                guarded(values) { scaleInPlace($0, by: 25.298, count: count) }
            )
        }
        #expect(sums == zip(values, addend).map { $0 + $1 })
        #expect(scaled == values.map { $0 * 25.298 })
    }

    @Test("chosen rows are multiplied, in the order asked for", arguments: Kernels.available, oddLengths)
    func chosenRows(_ variant: KernelVariant, _ columns: Int) {
        var generator = SeededGenerator(seed: UInt64(columns))
        let matrix = generator.floats(6 * columns)
        let input = generator.floats(columns)
        let rows = [5, 0, 2, 5]
        let reference = rows.map { row in
            (0..<columns).reduce(0.0) { $0 + Double(input[$1]) * Double(matrix[row * columns + $1]) }
        }
        let (plain, encoded) = Kernels.withVariant(variant) {
            (
                guarded(count: 4) { dotRows(input, matrix: matrix, columns: columns, rows: rows, into: $0) },
                guarded(count: 4) { output in
                    matrix.withUnsafeBytes {
                        dotRows(input, type: .f32, matrix: $0, columns: columns, rows: rows, into: output)
                    }
                }
            )
        }
        #expect(plain.map { outliers($0, reference) { _ in Double(columns) * 0x1p-24 } } == [])
        #expect(plain == encoded)
    }
}
