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
        try check(segments)
        var caches: [ObjectIdentifier: KVCache] = [:]
        for case let cache? in segments.map(\.cache) { caches[ObjectIdentifier(cache)] = cache }
        for cache in caches.values { cache.claim() }
        defer { for cache in caches.values { cache.release() } }

        let chunks = Chunk.plan(segmentLengths: segments.map(\.tokens.count), limit: chunkRows)
        let runs = segments.indices.map { SegmentRun(segments[$0], isSplit: Self.isSplit($0, chunks), model: model) }
        let longest = runs.reduce(0) { max($0, $1.prefixCount + $1.segment.tokens.count) }
        globalRotary.grow(to: longest)
        localRotary.grow(to: longest)
        let rows = chunks.reduce(0) { max($0, $1.rows) }
        if (workspace?.rows ?? 0) < rows {
            workspace = Workspace(rows: min(chunkRows, max(rows, 64)), model.configuration)
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

    private static func isSplit(_ segment: Int, _ chunks: [Chunk]) -> Bool {
        chunks.reduce(0) { count, chunk in count + chunk.spans.count { $0.segment == segment } } > 1
    }

    private func check(_ segments: [Segment]) throws(GemmaError) {
        let configuration = model.configuration
        var users: [ObjectIdentifier: (count: Int, extenders: Int)] = [:]
        for segment in segments {
            guard !segment.tokens.isEmpty else {
                throw .invalidSegment(found: "no tokens", expected: "at least one token")
            }
            var ids = segment.tokens
            if case .rows(let rows) = segment.logits { ids += rows }
            if let id = ids.first(where: { $0 < 0 || Int($0) >= configuration.vocabularySize }) {
                throw .tokenOutOfRange(id: id, vocabularySize: configuration.vocabularySize)
            }
            let total = (segment.cache?.count ?? 0) + segment.tokens.count
            guard total <= configuration.contextLength else {
                throw .contextExceeded(tokens: total, limit: configuration.contextLength)
            }
            guard let cache = segment.cache else {
                guard !segment.extendsCache else {
                    throw .invalidSegment(found: "extendsCache without a cache", expected: "a cache to extend")
                }
                continue
            }
            guard cache.layerCount == configuration.layerCount, cache.width == configuration.keyValueWidth else {
                throw .invalidSegment(found: "a cache of another model", expected: "a cache made by this model")
            }
            users[ObjectIdentifier(cache), default: (0, 0)].count += 1
            if segment.extendsCache { users[ObjectIdentifier(cache), default: (0, 0)].extenders += 1 }
        }
        guard users.values.allSatisfy({ $0.extenders == 0 || $0.count == 1 }) else {
            throw .invalidSegment(
                found: "a cache that one segment extends and another uses",
                expected: "a cache that is extended in a pass of its own"
            )
        }
    }
}

/// A segment while it runs.
struct SegmentRun {
    let segment: Segment
    /// Positions in the cache before the pass.
    let prefixCount: Int
    /// Where the keys and values of its own tokens go: its cache if it extends it, or a cache for this pass if it
    /// takes several chunks; nil when they only live in the chunk.
    let store: KVCache?
    /// The position in `store` of the segment's first token.
    let storeStart: Int

    init(_ segment: Segment, isSplit: Bool, model: GemmaModel) {
        self.segment = segment
        prefixCount = segment.cache?.count ?? 0
        if segment.extendsCache {
            store = segment.cache
            storeStart = prefixCount
        } else {
            store = isSplit ? model.makeCache() : nil
            storeStart = 0
        }
        store?.reserve(storeStart + segment.tokens.count)
    }
}
