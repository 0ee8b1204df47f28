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
        embed()
        let all = chunk.spans.map { QuerySpan(span: $0, firstRow: $0.firstRow, tokens: $0.tokens) }
        var ends: [QuerySpan] = []
        for span in chunk.spans where span.endsSegment && runs[span.segment].segment.logits != .none {
            let last = span.tokens.upperBound - 1
            ends.append(QuerySpan(span: span, firstRow: ends.count, tokens: last..<last + 1))
        }
        for (index, layer) in model.layers.enumerated() {
            guard !isCancelled() else { throw .cancelled }
            normalise(workspace.hidden, layer.attentionNorm, into: workspace.normed, rows: chunk.rows)
            makeKeysAndValues(layer, index)
            let isLast = index == model.layers.count - 1
            // What the last layer does to the other rows, nobody would read.
            if isLast { keepOnly(ends.map { $0.span.firstRow + $0.tokens.lowerBound - $0.span.tokens.lowerBound }) }
            let queries = isLast ? ends : all
            let rows = isLast ? ends.count : chunk.rows
            guard rows > 0 else { break }
            attend(layer, index, queries, rows: rows)
            feedForward(layer, rows: rows)
        }
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

    private func makeKeysAndValues(_ layer: LayerWeights, _ index: Int) {
        let rows = chunk.rows
        let (heads, headSize) = (configuration.keyValueHeadCount, configuration.headSize)
        let width = configuration.keyValueWidth
        multiply(workspace.normed, rows: rows, by: layer.key, into: workspace.keys, pool: pool)
        multiply(workspace.normed, rows: rows, by: layer.value, into: workspace.values, pool: pool)
        if configuration.hasQueryKeyNorms {
            normaliseHeads(workspace.keys, layer.keyNorm, heads: rows * heads)
        }
        let table = configuration.localLayers[index] ? localRotary : globalRotary
        table.values.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            for span in chunk.spans {
                let start = runs[span.segment].prefixCount + span.tokens.lowerBound
                for offset in 0..<span.tokens.count {
                    let row = workspace.keys + (span.firstRow + offset) * width
                    rope(row, heads: heads, headSize: headSize, position: start + offset, table: table)
                }
            }
        }
        for span in chunk.spans {
            let run = runs[span.segment]
            run.store?.write(
                layer: index,
                position: run.storeStart + span.tokens.lowerBound,
                count: span.tokens.count,
                keys: workspace.keys + span.firstRow * width,
                values: workspace.values + span.firstRow * width
            )
        }
    }

    /// Moves some rows, in rising order, to the front of the residual stream and of its normalised copy.
    private func keepOnly(_ rows: [Int]) {
        let hidden = configuration.hiddenSize
        for (target, source) in rows.enumerated() where target != source {
            (workspace.hidden + target * hidden).update(from: workspace.hidden + source * hidden, count: hidden)
            (workspace.normed + target * hidden).update(from: workspace.normed + source * hidden, count: hidden)
        }
    }

    private func attend(_ layer: LayerWeights, _ index: Int, _ queries: [QuerySpan], rows: Int) {
        let (heads, headSize, width) = (configuration.headCount, configuration.headSize, configuration.queryWidth)
        multiply(workspace.normed, rows: rows, by: layer.query, into: workspace.queries, pool: pool)
        if configuration.hasQueryKeyNorms {
            normaliseHeads(workspace.queries, layer.queryNorm, heads: rows * heads)
        }
        let table = configuration.localLayers[index] ? localRotary : globalRotary
        table.values.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            for query in queries {
                let start = runs[query.span.segment].prefixCount + query.tokens.lowerBound
                for offset in 0..<query.tokens.count {
                    let row = workspace.queries + (query.firstRow + offset) * width
                    rope(row, heads: heads, headSize: headSize, position: start + offset, table: table)
                }
            }
        }
        scaleInPlace(workspace.queries, by: configuration.queryScale, count: rows * width)
        for query in queries {
            attend(query, layer: index)
        }
        multiply(workspace.attended, rows: rows, by: layer.attentionOutput, into: workspace.addend, pool: pool)
        addToStream(norm: layer.postAttentionNorm, rows: rows)
    }

    private func attend(_ query: QuerySpan, layer: Int) {
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
        attention(
            queries: workspace.queries + query.firstRow * width,
            heads: configuration.headCount,
            keyValueHeads: configuration.keyValueHeadCount,
            headSize: configuration.headSize,
            visible: visible,
            first: prefix ?? span(keys: workspace.keys, values: workspace.values, count: 0),
            second: own,
            softCap: configuration.attentionSoftCap,
            into: workspace.attended + query.firstRow * width,
            pool: pool
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

    private func feedForward(_ layer: LayerWeights, rows: Int) {
        let inner = configuration.feedForwardSize
        normalise(workspace.hidden, layer.feedForwardNorm, into: workspace.normed, rows: rows)
        multiply(workspace.normed, rows: rows, by: layer.gate, into: workspace.gate, pool: pool)
        multiply(workspace.normed, rows: rows, by: layer.up, into: workspace.up, pool: pool)
        let workspace = workspace
        forBlocks(of: rows) { block in
            let start = block.lowerBound * inner
            let gate = workspace.gate + start
            geluMultiply(gate, workspace.up + start, into: gate, count: block.count * inner)
        }
        multiply(workspace.gate, rows: rows, by: layer.down, into: workspace.addend, pool: pool)
        addToStream(norm: layer.postFeedForwardNorm, rows: rows)
    }

    /// Adds `addend`, normalised if the layer has such a norm, to the residual stream.
    private func addToStream(norm: [Float], rows: Int) {
        if !norm.isEmpty {
            normalise(workspace.addend, norm, into: workspace.addend, rows: rows)
        }
        addInPlace(workspace.hidden, workspace.addend, count: rows * configuration.hiddenSize)
    }

    private func normalise(
        _ input: UnsafeMutablePointer<Float>,
        _ weight: [Float],
        into output: UnsafeMutablePointer<Float>,
        rows: Int
    ) {
        let (hidden, epsilon) = (configuration.hiddenSize, configuration.normEpsilon)
        forBlocks(of: rows) { block in
            let start = block.lowerBound * hidden
            let (source, target) = (input + start, output + start)
            rmsNorm(source, weight: weight, epsilon: epsilon, rows: block.count, columns: hidden, into: target)
        }
    }

    private func normaliseHeads(_ vectors: UnsafeMutablePointer<Float>, _ weight: [Float], heads: Int) {
        let (size, epsilon) = (configuration.headSize, configuration.normEpsilon)
        rmsNorm(vectors, weight: weight, epsilon: epsilon, rows: heads, columns: size, into: vectors)
    }

    /// Shares out work on rows, 32 at a time.
    private func forBlocks(of rows: Int, _ body: (Range<Int>) -> Void) {
        let size = 32
        pool.parallelFor((rows + size - 1) / size) { block in
            body(block * size..<min(rows, (block + 1) * size))
        }
    }
}
