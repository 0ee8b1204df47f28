/// A stretch of one segment inside a chunk.
struct RowSpan: Equatable {
    /// The segment's index in the pass.
    let segment: Int
    /// Which of its tokens.
    let tokens: Range<Int>
    /// The chunk's row of the first of them.
    let firstRow: Int
    /// Whether the segment's last token is among them.
    let endsSegment: Bool
}

/// The rows that go through the layers together.
struct Chunk: Equatable {
    var spans: [RowSpan] = []
    var rows = 0

    /// Shares segments out over chunks of at most `limit` rows, in order; a segment is split only when it can't fit
    /// into one chunk.
    static func plan(segmentLengths: [Int], limit: Int) -> [Chunk] {
        var chunks: [Chunk] = []
        var current = Chunk()
        for (segment, length) in segmentLengths.enumerated() {
            if length <= limit, current.rows + length > limit {
                chunks.append(current)
                current = Chunk()
            }
            var start = 0
            while start < length {
                if current.rows == limit {
                    chunks.append(current)
                    current = Chunk()
                }
                let end = min(length, start + limit - current.rows)
                current.spans.append(
                    RowSpan(segment: segment, tokens: start..<end, firstRow: current.rows, endsSegment: end == length)
                )
                current.rows += end - start
                start = end
            }
        }
        if current.rows > 0 { chunks.append(current) }
        return chunks
    }
}
