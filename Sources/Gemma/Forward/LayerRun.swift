import Kernels

/// One chunk's way through all layers.
struct LayerRun {
    let model: GemmaModel
    let workspace: Workspace
    let runs: [SegmentRun]
    let chunk: Chunk
    let globalRotary: RotaryTable
    let localRotary: RotaryTable

    private var configuration: ModelConfiguration { model.configuration }
    private var pool: ThreadPool { model.pool }

    /// Queries of one span that attend: all its rows, or in the last layer only the one whose logits are wanted.
    private struct QuerySpan {
        let span: RowSpan
        /// The first row among the queries.
        let firstRow: Int
        /// Which tokens of the segment.
        let tokens: Range<Int>
    }

    /// Runs the chunk; afterwards `workspace.hidden` begins with one row for each segment that ends here and wants
    /// logits.
    ///
    /// - Returns: those segments' indices, in the order of the rows.
    func run(isCancelled: () -> Bool) throws(GemmaError) -> [Int] {
        let all = chunk.spans.map { QuerySpan(span: $0, firstRow: $0.firstRow, tokens: $0.tokens) }
        var ends: [QuerySpan] = []
        for span in chunk.spans where span.endsSegment && runs[span.segment].segment.logits != .none {
            let last = span.tokens.upperBound - 1
            ends.append(QuerySpan(span: span, firstRow: ends.count, tokens: last..<last + 1))
        }
        guard let first = model.layers.first, let last = model.layers.last else { return ends.map(\.span.segment) }
        embed()
        prepare(for: first.key, norm: first.attentionNorm, rows: chunk.rows)
        for (index, layer) in model.layers.dropLast().enumerated() {
            guard !isCancelled() else { throw .cancelled }
            makeKeysAndValues(layer, index, all)
            attend(layer, index, all, rows: chunk.rows)
            feedForward(layer, rows: chunk.rows, next: model.layers[index + 1])
        }
        guard !isCancelled() else { throw .cancelled }
        makeKeysAndValues(last, model.layers.count - 1, all)
        // What the last layer does to the other rows, nobody would read.
        guard !ends.isEmpty else { return [] }
        keepOnly(ends.map { $0.span.firstRow + $0.tokens.lowerBound - $0.span.tokens.lowerBound }, for: last.query)
        attend(last, model.layers.count - 1, ends, rows: ends.count)
        feedForward(last, rows: ends.count, next: nil)
        return ends.map(\.span.segment)
    }

    // MARK: - Parts

    private func embed() {
        let hidden = configuration.hiddenSize
        let scale = Float(hidden).squareRoot()
        for span in chunk.spans {
            let tokens = runs[span.segment].segment.tokens[span.tokens]
            for (offset, token) in tokens.enumerated() {
                let row = workspace.hidden + (span.firstRow + offset) * hidden
                model.embedding.copyRow(Int(token), to: row)
                scaleInPlace(row, by: scale, count: hidden)
            }
        }
    }

    /// Makes the keys and values of all rows from the prepared rows, and puts them where later chunks look for them.
    private func makeKeysAndValues(_ layer: LayerWeights, _ index: Int, _ all: [QuerySpan]) {
        let rows = chunk.rows
        let width = configuration.keyValueWidth
        apply(layer.key, to: workspace.normed, rows: rows, into: workspace.keys)
        apply(layer.value, to: workspace.normed, rows: rows, into: workspace.values)
        turn(workspace.keys, all, heads: configuration.keyValueHeadCount, norm: layer.keyNorm, layer: index)
        forBlocks(of: rows) { block in
            for span in chunk.spans {
                guard let store = runs[span.segment].store else { continue }
                let start = span.firstRow - span.tokens.lowerBound
                let tokens = block.clamped(to: span.firstRow..<span.firstRow + span.tokens.count)
                guard !tokens.isEmpty else { continue }
                store.write(
                    layer: index,
                    position: runs[span.segment].storeStart + tokens.lowerBound - start,
                    count: tokens.count,
                    keys: workspace.keys + tokens.lowerBound * width,
                    values: workspace.values + tokens.lowerBound * width
                )
            }
        }
    }

    /// Normalises heads, turns them by their positions and scales them.
    private func turn(
        _ vectors: UnsafeMutablePointer<Float>,
        _ spans: [QuerySpan],
        heads: Int,
        norm: [Float],
        layer: Int,
        scale: Float = 1
    ) {
        let (headSize, epsilon) = (configuration.headSize, configuration.normEpsilon)
        let width = heads * headSize
        let table = configuration.localLayers[layer] ? localRotary : globalRotary
        let positions = spans.flatMap { query in
            query.tokens.map { runs[query.span.segment].prefixCount + $0 }
        }
        table.values.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            forBlocks(of: positions.count) { block in
                let first = vectors + block.lowerBound * width
                if !norm.isEmpty {
                    rmsNorm(
                        first,
                        weight: norm,
                        epsilon: epsilon,
                        rows: block.count * heads,
                        columns: headSize,
                        into: first
                    )
                }
                for row in block {
                    rope(
                        vectors + row * width,
                        heads: heads,
                        headSize: headSize,
                        position: positions[row],
                        table: table
                    )
                }
                if scale != 1 { scaleInPlace(first, by: scale, count: block.count * width) }
            }
        }
    }

    /// Moves some rows, in rising order, to the front of the residual stream and of what a map reads.
    private func keepOnly(_ rows: [Int], for map: PackedMatrix) {
        let hidden = configuration.hiddenSize
        for (target, source) in rows.enumerated() where target != source {
            (workspace.hidden + target * hidden).update(from: workspace.hidden + source * hidden, count: hidden)
            (workspace.normed + target * hidden).update(from: workspace.normed + source * hidden, count: hidden)
        }
        quantize(workspace.normed, 0..<rows.count, for: map)
    }

    private func attend(_ layer: LayerWeights, _ index: Int, _ queries: [QuerySpan], rows: Int) {
        let (heads, width) = (configuration.headCount, configuration.queryWidth)
        apply(layer.query, to: workspace.normed, rows: rows, into: workspace.queries)
        let scale = configuration.queryScale
        turn(workspace.queries, queries, heads: heads, norm: layer.queryNorm, layer: index, scale: scale)
        attention(
            queries.map { attentionQueries(of: $0, layer: index) },
            heads: heads,
            keyValueHeads: configuration.keyValueHeadCount,
            headSize: configuration.headSize,
            softCap: configuration.attentionSoftCap,
            pool: pool
        )
        forBlocks(of: rows) { block in
            quantize(workspace.attended + block.lowerBound * width, block, for: layer.attentionOutput)
        }
        apply(layer.attentionOutput, to: workspace.attended, rows: rows, into: workspace.addend)
        addToStream(norm: layer.postAttentionNorm, rows: rows, next: (layer.gate, layer.feedForwardNorm))
    }

    /// What the queries of one span see in a layer.
    private func attentionQueries(of query: QuerySpan, layer: Int) -> AttentionQueries {
        let run = runs[query.span.segment]
        let width = configuration.queryWidth
        let prefix = run.segment.cache.map { cache in
            span(keys: cache.keys[layer], values: cache.values[layer], count: run.prefixCount)
        }
        let ownCount = query.tokens.upperBound
        let own: AttentionSpan
        if let store = run.store {
            let offset = run.storeStart * configuration.keyValueWidth
            own = span(keys: store.keys[layer] + offset, values: store.values[layer] + offset, count: ownCount)
        } else {
            // Not split: the segment's first token is the span's first row.
            let offset = query.span.firstRow * configuration.keyValueWidth
            own = span(keys: workspace.keys + offset, values: workspace.values + offset, count: ownCount)
        }
        let window = configuration.window(ofLayer: layer)
        let visible = query.tokens.map { token in
            let position = run.prefixCount + token
            let lowest = window.map { max(0, position - $0 + 1) } ?? 0
            return VisibleKeys(
                first: min(lowest, run.prefixCount)..<run.prefixCount,
                second: max(0, lowest - run.prefixCount)..<token + 1
            )
        }
        return AttentionQueries(
            queries: workspace.queries + query.firstRow * width,
            visible: visible,
            first: prefix ?? span(keys: workspace.keys, values: workspace.values, count: 0),
            second: own,
            into: workspace.attended + query.firstRow * width
        )
    }

    private func span(
        keys: UnsafeMutablePointer<Float>,
        values: UnsafeMutablePointer<Float>,
        count: Int
    ) -> AttentionSpan {
        AttentionSpan(
            keys: keys,
            values: values,
            count: count,
            positionStride: configuration.keyValueWidth,
            headStride: configuration.headSize
        )
    }

    private func feedForward(_ layer: LayerWeights, rows: Int, next: LayerWeights?) {
        if layer.gate.precision.isInteger {
            multiplyGated(
                workspace.quantized,
                rows: rows,
                gate: layer.gate,
                up: layer.up,
                for: layer.down,
                into: workspace.quantizedGate,
                pool: pool
            )
            multiply(workspace.quantizedGate, rows: rows, by: layer.down, into: workspace.addend, pool: pool)
        } else {
            let inner = configuration.feedForwardSize
            multiply(workspace.normed, rows: rows, by: layer.gate, into: workspace.gate, pool: pool)
            multiply(workspace.normed, rows: rows, by: layer.up, into: workspace.up, pool: pool)
            forBlocks(of: rows) { block in
                let start = block.lowerBound * inner
                let gate = workspace.gate + start
                geluMultiply(gate, workspace.up + start, into: gate, count: block.count * inner)
            }
            multiply(workspace.gate, rows: rows, by: layer.down, into: workspace.addend, pool: pool)
        }
        addToStream(norm: layer.postFeedForwardNorm, rows: rows, next: next.map { ($0.key, $0.attentionNorm) })
    }

    /// Adds `addend`, normalised if the layer has such a norm, to the residual stream, and prepares what comes next.
    private func addToStream(norm: [Float], rows: Int, next: (map: PackedMatrix, norm: [Float])?) {
        let (hidden, epsilon) = (configuration.hiddenSize, configuration.normEpsilon)
        forBlocks(of: rows) { block in
            let addend = workspace.addend + block.lowerBound * hidden
            if !norm.isEmpty {
                rmsNorm(addend, weight: norm, epsilon: epsilon, rows: block.count, columns: hidden, into: addend)
            }
            addInPlace(workspace.hidden + block.lowerBound * hidden, addend, count: block.count * hidden)
            if let next { prepare(for: next.map, norm: next.norm, block) }
        }
    }

    /// Makes what a map reads from the residual stream: its normalised copy, and that in integers.
    private func prepare(for map: PackedMatrix, norm: [Float], rows: Int) {
        forBlocks(of: rows) { prepare(for: map, norm: norm, $0) }
    }

    private func prepare(for map: PackedMatrix, norm: [Float], _ block: Range<Int>) {
        let (hidden, epsilon) = (configuration.hiddenSize, configuration.normEpsilon)
        let (source, target) = (workspace.hidden, workspace.normed)
        let start = block.lowerBound * hidden
        rmsNorm(
            source + start,
            weight: norm,
            epsilon: epsilon,
            rows: block.count,
            columns: hidden,
            into: target + start
        )
        quantize(target + start, block, for: map)
    }

    /// Makes the integer copy of rows that a map of integers reads next.
    private func quantize(_ input: UnsafeMutablePointer<Float>, _ rows: Range<Int>, for map: PackedMatrix) {
        guard map.precision.isInteger else { return }
        workspace.quantized.fill(rows, for: map, from: input)
    }

    /// Multiplies `input`, or its integer copy, by a map.
    private func apply(
        _ map: PackedMatrix,
        to input: UnsafeMutablePointer<Float>,
        rows: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        if map.precision.isInteger {
            multiply(workspace.quantized, rows: rows, by: map, into: output, pool: pool)
        } else {
            multiply(input, rows: rows, by: map, into: output, pool: pool)
        }
    }

    /// Shares out work on rows, a few at a time, so that they stay in a core's first cache.
    private func forBlocks(of rows: Int, _ body: (Range<Int>) -> Void) {
        let size = 8
        pool.parallelFor((rows + size - 1) / size) { block in
            body(block * size..<min(rows, (block + 1) * size))
        }
    }
}
