/// A segment while it runs.
struct SegmentRun {
    let segment: Segment
    /// Positions of its cache that it sees: those held before the pass, and those that segments before it append.
    let prefixCount: Int
    /// Where the keys and values of its own tokens go: its cache if it extends it, or a cache for this pass if it
    /// takes several chunks; nil when they only live in the chunk.
    let store: KVCache?
    /// The position in `store` of the segment's first token.
    let storeStart: Int

    /// One run for each segment, with room made for what it stores; for the holder of the caches' claims.
    ///
    /// A chunk's keys and values are written to their stores before its rows attend, and chunks hold the segments in
    /// order: so a segment finds what those before it appended, in its own chunk or an earlier one.
    static func plan(_ segments: [Segment], chunks: [Chunk], model: GemmaModel) -> [SegmentRun] {
        var chunkCounts = [Int](repeating: 0, count: segments.count)
        for span in chunks.lazy.flatMap(\.spans) { chunkCounts[span.segment] += 1 }
        var extended: [ObjectIdentifier: Int] = [:]
        return segments.indices.map { index in
            let segment = segments[index]
            let prefixCount = segment.cache.map { extended[ObjectIdentifier($0)] ?? $0.count } ?? 0
            let end = prefixCount + segment.tokens.count
            if segment.extendsCache, let cache = segment.cache {
                extended[ObjectIdentifier(cache)] = end
                cache.reserve(end)
                return SegmentRun(segment: segment, prefixCount: prefixCount, store: cache, storeStart: prefixCount)
            }
            let store = chunkCounts[index] > 1 ? model.makeCache() : nil
            store?.reserve(segment.tokens.count)
            return SegmentRun(segment: segment, prefixCount: prefixCount, store: store, storeStart: 0)
        }
    }
}
