import Kernels

/// Runs segments through a model.
///
/// Owns the activations, so one thread uses it at a time; an ``Engine`` owns one.
public final class ForwardPass {
    /// The model that is run.
    public let model: GemmaModel
    /// Rows that go through the layers together; longer inputs take several rounds, so that memory stays bounded.
    private let chunkRows: Int
    private var workspace: Workspace?
    private var globalRotary: RotaryTable
    private var localRotary: RotaryTable

    /// - Parameter chunkRows: at least 1.
    public init(_ model: GemmaModel, chunkRows: Int = 512) {
        precondition(chunkRows >= 1, "a chunk can't have \(chunkRows) rows")
        self.model = model
        self.chunkRows = chunkRows
        let headSize = model.configuration.headSize
        globalRotary = RotaryTable(model.configuration.globalRotation, headSize: headSize)
        localRotary = RotaryTable(model.configuration.localRotation, headSize: headSize)
    }

    /// Runs all segments in one pass and returns, for each, the logits it asked for (empty for `.none`).
    ///
    /// Blocks the calling thread, and works on all threads of the model's pool. Caches are extended only when the
    /// whole pass succeeds.
    ///
    /// - Parameter isCancelled: asked before every layer of every chunk.
    /// - Throws: ``GemmaError/invalidSegment(found:expected:)``, ``GemmaError/tokenOutOfRange(id:vocabularySize:)``,
    ///   ``GemmaError/contextExceeded(tokens:limit:)`` before anything runs; ``GemmaError/cancelled``.
    public func forward(
        _ segments: [Segment],
        isCancelled: () -> Bool = { false }
    ) throws(GemmaError) -> [[Float]] {
        try model.check(segments)
        var caches: [ObjectIdentifier: KVCache] = [:]
        for case let cache? in segments.map(\.cache) { caches[ObjectIdentifier(cache)] = cache }
        for cache in caches.values { cache.claim() }
        defer { for cache in caches.values { cache.release() } }

        let chunks = Chunk.plan(segmentLengths: segments.map(\.tokens.count), limit: chunkRows)
        let runs = SegmentRun.plan(segments, chunks: chunks, model: model)
        let longest = runs.reduce(0) { max($0, $1.prefixCount + $1.segment.tokens.count) }
        globalRotary.grow(to: longest)
        localRotary.grow(to: longest)
        let rows = chunks.reduce(0) { max($0, $1.rows) }
        if (workspace?.rows ?? 0) < rows {
            workspace = Workspace(rows: min(chunkRows, max(rows, 64)), for: model)
        }
        guard let workspace else { return [] }

        var logits = [[Float]](repeating: [], count: segments.count)
        for chunk in chunks {
            let layers = LayerRun(
                model: model,
                workspace: workspace,
                runs: runs,
                chunk: chunk,
                globalRotary: globalRotary,
                localRotary: localRotary
            )
            let ends = try layers.run(isCancelled: isCancelled)
            for (row, segment) in ends.enumerated() {
                logits[segment] = model.logits(
                    ofHidden: workspace.hidden + row * model.configuration.hiddenSize,
                    segments[segment].logits
                )
            }
        }
        for run in runs where run.segment.extendsCache {
            run.segment.cache?.commit(run.prefixCount + run.segment.tokens.count)
        }
        return logits
    }
}
