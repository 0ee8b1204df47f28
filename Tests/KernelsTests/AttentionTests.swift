import Foundation
import Kernels
import Testing

private struct Shape: Sendable, CustomTestStringConvertible {
    var heads: Int
    var keyValueHeads: Int
    var headSize: Int
    /// Keys in the two spans.
    var first: Int
    var second: Int
    /// What each query position sees.
    var visible: [VisibleKeys]
    var softCap: Float?
    var scale: Float = 1

    var testDescription: String {
        "\(visible.count) positions, \(heads)/\(keyValueHeads) heads of \(headSize), \(first)+\(second) keys"
    }

    static let all: [Shape] = [
        // A suffix of 21 on a prefix of 150: everything, then a sliding window of 70.
        Shape(
            heads: 4,
            keyValueHeads: 1,
            headSize: 256,
            first: 150,
            second: 21,
            visible: (0..<21).map { VisibleKeys(first: 0..<150, second: 0..<$0 + 1) }
        ),
        Shape(
            heads: 4,
            keyValueHeads: 1,
            headSize: 256,
            first: 150,
            second: 21,
            visible: (0..<21).map { VisibleKeys(first: 150 - 70 + $0 + 1..<150, second: 0..<$0 + 1) }
        ),
        // Causal over one span, with windows that end inside it; one position sees nothing.
        Shape(
            heads: 6,
            keyValueHeads: 3,
            headSize: 40,
            first: 200,
            second: 0,
            visible: (0..<200).map { VisibleKeys(first: max(0, $0 - 66)..<($0 == 90 ? max(0, $0 - 66) : $0 + 1)) },
            softCap: 50
        ),
        // One row, one key; odd head sizes; scores far apart.
        Shape(heads: 1, keyValueHeads: 1, headSize: 1, first: 1, second: 0, visible: [VisibleKeys(first: 0..<1)]),
        Shape(
            heads: 5,
            keyValueHeads: 5,
            headSize: 7,
            first: 3,
            second: 5,
            visible: (0..<5).map { VisibleKeys(first: $0 % 3..<3, second: 0..<$0 + 1) },
            softCap: 30,
            scale: 6
        ),
        Shape(
            heads: 20,
            keyValueHeads: 1,
            headSize: 17,
            first: 65,
            second: 1,
            visible: [VisibleKeys(first: 64..<65), VisibleKeys(first: 3..<9, second: 0..<1)],
            scale: 5
        ),
        // Only the second span; disjoint ranges; no positions; no head.
        Shape(
            heads: 2,
            keyValueHeads: 2,
            headSize: 72,
            first: 0,
            second: 140,
            visible: [VisibleKeys(first: 0..<0, second: 0..<2), VisibleKeys(first: 0..<0, second: 130..<140)],
            scale: 3
        ),
        Shape(heads: 2, keyValueHeads: 1, headSize: 8, first: 4, second: 0, visible: []),
        Shape(heads: 2, keyValueHeads: 1, headSize: 0, first: 4, second: 0, visible: [VisibleKeys(first: 0..<4)]),
    ]

    /// Positions × key/value heads × head size, with gaps of five elements between positions and three between heads.
    var headStride: Int { headSize + 3 }
    var positionStride: Int { keyValueHeads * headStride + 5 }
}

private struct Inputs {
    var queries: [Float]
    var keys: [[Float]]
    var values: [[Float]]

    init(_ shape: Shape) {
        var generator = SeededGenerator(seed: UInt64(shape.headSize * 1000 + shape.first))
        queries = generator.floats(shape.visible.count * shape.heads * shape.headSize + 1).map { $0 * shape.scale }
        keys = [shape.first, shape.second].map { generator.floats($0 * shape.positionStride + 1) }
        values = [shape.first, shape.second].map { generator.floats($0 * shape.positionStride + 1) }
    }

    func reference(_ shape: Shape) -> [Double] {
        var output: [Double] = []
        for (position, visible) in shape.visible.enumerated() {
            for head in 0..<shape.heads {
                let group = head / (shape.heads / shape.keyValueHeads)
                let query = (position * shape.heads + head) * shape.headSize
                let places = visible.first.map { (0, $0) } + visible.second.map { (1, $0) }
                let starts = places.map { ($0, $1 * shape.positionStride + group * shape.headStride) }
                let scores = starts.map { span, start in
                    let score = (0..<shape.headSize).reduce(0.0) {
                        $0 + Double(queries[query + $1]) * Double(keys[span][start + $1])
                    }
                    return shape.softCap.map { Double($0) * tanh(score / Double($0)) } ?? score
                }
                let largest = scores.max() ?? 0
                let weights = scores.map { exp($0 - largest) }
                let sum = weights.reduce(0, +)
                for i in 0..<shape.headSize {
                    let total = zip(starts, weights).reduce(0.0) {
                        $0 + $1.1 * Double(values[$1.0.0][$1.0.1 + i])
                    }
                    output.append(places.isEmpty ? 0 : total / sum)
                }
            }
        }
        return output
    }

    /// - Parameter parts: how many pieces the positions are given in.
    func run(_ shape: Shape, parts: Int = 1, pool: ThreadPool) -> [Float]? {
        let count = shape.visible.count
        let width = shape.heads * shape.headSize
        return guarded(count: count * width) { output in
            withSpan(0, shape) { first in
                withSpan(1, shape) { second in
                    queries.withUnsafeBufferPointer { buffer in
                        guard let queries = buffer.baseAddress else { return }
                        let pieces = (0..<parts).map { part in
                            let positions = part * count / parts..<(part + 1) * count / parts
                            return AttentionQueries(
                                queries: queries + positions.lowerBound * width,
                                visible: Array(shape.visible[positions]),
                                first: first,
                                second: shape.second == 0 ? nil : second,
                                into: output + positions.lowerBound * width
                            )
                        }
                        attention(
                            pieces,
                            heads: shape.heads,
                            keyValueHeads: shape.keyValueHeads,
                            headSize: shape.headSize,
                            softCap: shape.softCap,
                            pool: pool
                        )
                    }
                }
            }
        }
    }

    private func withSpan(_ index: Int, _ shape: Shape, _ body: (AttentionSpan) -> Void) {
        keys[index].withUnsafeBufferPointer { keys in
            values[index].withUnsafeBufferPointer { values in
                guard let keys = keys.baseAddress, let values = values.baseAddress else { return }
                body(
                    AttentionSpan(
                        keys: keys,
                        values: values,
                        count: index == 0 ? shape.first : shape.second,
                        positionStride: shape.positionStride,
                        headStride: shape.headStride
                    )
                )
            }
        }
    }
}

@Suite("attention")
struct AttentionTests {
    @Test(
        "every shape stays within 2e-5 of the reference, in one piece and in three",
        arguments: Kernels.available,
        Shape.all
    )
    private func matchesReference(_ variant: KernelVariant, _ shape: Shape) {
        let inputs = Inputs(shape)
        let reference = inputs.reference(shape)
        for parts in [1, 3] {
            let output = Kernels.withVariant(variant) { inputs.run(shape, parts: parts, pool: pool) }
            #expect(output.map { outliers($0, reference) { _ in 2e-5 } } == [], "\(parts) pieces")
        }
    }

    @Test("two spans give the same as one span that holds them both", arguments: Kernels.available)
    func spansJoin(_ variant: KernelVariant) {
        var generator = SeededGenerator(seed: 5)
        let queries = generator.floats(3 * 64)
        let keys = generator.floats(100 * 64)
        let values = generator.floats(100 * 64)
        let (joined, split) = Kernels.withVariant(variant) {
            keys.withUnsafeBufferPointer { keys in
                values.withUnsafeBufferPointer { values in
                    let span = { (start: Int, count: Int) in
                        AttentionSpan(
                            keys: keys.baseAddress! + start * 64,
                            values: values.baseAddress! + start * 64,
                            count: count,
                            positionStride: 64,
                            headStride: 64
                        )
                    }
                    let run = { (visible: [VisibleKeys], first: AttentionSpan, second: AttentionSpan?) in
                        attended(queries, headSize: 64, visible: visible, first: first, second: second)
                    }
                    return (
                        run((0..<3).map { VisibleKeys(first: 10..<98 + $0) }, span(0, 100), nil),
                        run(
                            (0..<3).map { VisibleKeys(first: 10..<77, second: 0..<21 + $0) },
                            span(0, 77),
                            span(77, 23)
                        )
                    )
                }
            }
        }
        let reference = joined?.map(Double.init) ?? []
        #expect(split.map { outliers($0, reference) { _ in 1e-6 } } == [])
    }

    @Test("a sharp score leaves only its own value", arguments: Kernels.available)
    func sharp(_ variant: KernelVariant) {
        // Scores of +-10000 would overflow an exponential that is not taken relative to the largest.
        let keys: [Float] = (0..<70).map { $0 == 66 ? 100 : -100 }
        let values: [Float] = (0..<70).map(Float.init)
        let output = Kernels.withVariant(variant) {
            keys.withUnsafeBufferPointer { keys in
                values.withUnsafeBufferPointer { values in
                    attended(
                        [100],
                        headSize: 1,
                        visible: [VisibleKeys(first: 0..<70)],
                        first: AttentionSpan(
                            keys: keys.baseAddress!,
                            values: values.baseAddress!,
                            count: 70,
                            positionStride: 1,
                            headStride: 1
                        )
                    )
                }
            }
        }
        #expect(output == [66])
    }

    @Test("the result does not depend on the number of threads", arguments: Kernels.available)
    private func threadIndependent(_ variant: KernelVariant) {
        let inputs = Inputs(Shape.all[1])
        let results = Kernels.withVariant(variant) {
            [1, 2, 5].map { inputs.run(Shape.all[1], pool: ThreadPool(threads: $0)) }
        }
        #expect(results[0] != nil)
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    /// What one head attends to.
    private func attended(
        _ queries: [Float],
        headSize: Int,
        visible: [VisibleKeys],
        first: AttentionSpan,
        second: AttentionSpan? = nil
    ) -> [Float]? {
        guarded(count: queries.count) { output in
            queries.withUnsafeBufferPointer { buffer in
                guard let queries = buffer.baseAddress else { return }
                let all = AttentionQueries(
                    queries: queries,
                    visible: visible,
                    first: first,
                    second: second,
                    into: output
                )
                attention([all], heads: 1, keyValueHeads: 1, headSize: headSize, pool: pool)
            }
        }
    }
}
