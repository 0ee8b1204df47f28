import CKernels

/// Consecutive positions of a key/value cache: keys and values f32, both with the same strides.
///
/// The vector of position `t` and key/value head `g` starts at `t * positionStride + g * headStride` elements.
public struct AttentionSpan {
    /// The key of position 0 and head 0.
    public var keys: UnsafePointer<Float>
    /// The value of position 0 and head 0.
    public var values: UnsafePointer<Float>
    /// Positions in the span.
    public var count: Int
    /// Elements from one position to the next.
    public var positionStride: Int
    /// Elements from one key/value head to the next.
    public var headStride: Int

    /// Both pointers must stay valid as long as the span is used.
    public init(
        keys: UnsafePointer<Float>,
        values: UnsafePointer<Float>,
        count: Int,
        positionStride: Int,
        headStride: Int
    ) {
        self.keys = keys
        self.values = values
        self.count = count
        self.positionStride = positionStride
        self.headStride = headStride
    }
}

/// The keys one query position may see: a range of the first span and a range of the second.
public struct VisibleKeys: Sendable, Equatable {
    /// Positions within the first span.
    public var first: Range<Int>
    /// Positions within the second span.
    public var second: Range<Int>

    /// A position that sees only the first span needs no second range.
    public init(first: Range<Int>, second: Range<Int> = 0..<0) {
        self.first = first
        self.second = second
    }
}

/// Query positions that look at the same keys and values, such as those of one text.
public struct AttentionQueries {
    /// `[visible.count, heads, headSize]` f32, dense, already scaled (and rotated).
    public var queries: UnsafePointer<Float>
    /// The keys each position sees; one that sees none yields zeros.
    public var visible: [VisibleKeys]
    /// For instance the cache of a shared prefix.
    public var first: AttentionSpan
    /// For instance the keys of this suffix.
    public var second: AttentionSpan
    /// `[visible.count, heads, headSize]`; overwritten; must not overlap any input.
    public var output: UnsafeMutablePointer<Float>

    /// All pointers must stay valid as long as the queries are used.
    public init(
        queries: UnsafePointer<Float>,
        visible: [VisibleKeys],
        first: AttentionSpan,
        second: AttentionSpan? = nil,
        into output: UnsafeMutablePointer<Float>
    ) {
        self.queries = queries
        self.visible = visible
        self.first = first
        self.second =
            second ?? AttentionSpan(keys: first.keys, values: first.values, count: 0, positionStride: 0, headStride: 0)
        self.output = output
    }

    /// The bounds of what each position sees, as the kernel takes them.
    fileprivate var ranges: [Int32] {
        var ranges: [Int32] = []
        ranges.reserveCapacity(4 * visible.count)
        for keys in visible {
            precondition(
                keys.first.lowerBound >= 0 && keys.first.upperBound <= first.count,
                "keys \(keys.first) lie outside a first span of \(first.count)"
            )
            precondition(
                keys.second.lowerBound >= 0 && keys.second.upperBound <= second.count,
                "keys \(keys.second) lie outside a second span of \(second.count)"
            )
            ranges.append(Int32(keys.first.lowerBound))
            ranges.append(Int32(keys.first.upperBound))
            ranges.append(Int32(keys.second.lowerBound))
            ranges.append(Int32(keys.second.upperBound))
        }
        return ranges
    }
}

/// Grouped-query attention over one or two spans: `softmax(soft cap(q · k)) · v` for each query position and head.
///
/// Query head `h` uses key/value head `h / (heads / keyValueHeads)`. All work together is shared out over `pool` by
/// key/value head and block of positions; keys and values are read once a block.
///
/// - Parameters:
///   - all: the queries, each with what they see.
///   - heads: query heads; a multiple of `keyValueHeads`.
///   - softCap: scores become `cap * tanh(score / cap)`; nil for none.
/// - Accuracy: at most 2e-5 · max|value| an element for scores within ±50 (`AttentionTests`).
public func attention(
    _ all: [AttentionQueries],
    heads: Int,
    keyValueHeads: Int,
    headSize: Int,
    softCap: Float? = nil,
    pool: ThreadPool
) {
    precondition(heads >= 0 && headSize >= 0, "cannot attend with \(heads) heads of \(headSize)")
    precondition(
        keyValueHeads > 0 && heads % keyValueHeads == 0,
        "\(heads) query heads cannot share \(keyValueHeads) key/value heads evenly"
    )
    if let softCap {
        precondition(softCap > 0, "a soft cap of \(softCap) is not above zero")
    }
    let groupHeads = heads / keyValueHeads
    let stride = heads * headSize
    // About 16 query rows a job: enough to reuse each key, few enough to share out short inputs.
    let block = max(1, 16 / max(groupHeads, 1))
    let ranges = all.map(\.ranges)
    let jobs = all.indices.flatMap { index in
        Swift.stride(from: 0, to: all[index].visible.count, by: block).map { (queries: index, position: $0) }
    }
    pool.parallelFor(jobs.count * keyValueHeads) { job in
        let (queries, position) = (all[jobs[job / keyValueHeads].queries], jobs[job / keyValueHeads].position)
        let group = job % keyValueHeads
        let offset = position * stride + group * groupHeads * headSize
        let (first, second) = (queries.first, queries.second)
        ranges[jobs[job / keyValueHeads].queries].withUnsafeBufferPointer { ranges in
            guard let ranges = ranges.baseAddress else { return }
            ck_attention(
                queries.queries + offset,
                Int64(stride),
                Int64(min(block, queries.visible.count - position)),
                Int64(groupHeads),
                Int64(headSize),
                first.keys + group * first.headStride,
                first.values + group * first.headStride,
                Int64(first.positionStride),
                second.keys + group * second.headStride,
                second.values + group * second.headStride,
                Int64(second.positionStride),
                ranges + 4 * position,
                softCap ?? 0,
                queries.output + offset,
                Int64(stride)
            )
        }
    }
}
