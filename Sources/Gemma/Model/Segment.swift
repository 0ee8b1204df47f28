/// What a segment wants at its last token: logits, mostly.
public enum LogitRequest: Sendable, Equatable {
    /// None: the segment only fills its cache.
    case none
    /// Those of some tokens, in this order.
    case rows([TokenID])
    /// Those of the whole vocabulary.
    case all
    /// No logits, but what they are made of: the state behind the final norm, `[hidden]`.
    case state
}

/// A run of tokens in a forward pass: it sees what is in its cache, and itself.
///
/// Several segments may use one cache. A segment that extends it comes before those that are to see the extension: the
/// segments behind it read on from its last token, those before it don't see it. Segments that extend nothing are never
/// seen by others. So a text and all questions about it are one pass.
public struct Segment: Sendable {
    /// What came before, or nil; positions continue from its count.
    public var cache: KVCache?
    /// At least one token.
    public var tokens: [TokenID]
    /// Whether the tokens' keys and values are appended to the cache.
    public var extendsCache: Bool
    /// What is wanted at the last token.
    public var logits: LogitRequest

    /// A segment on its own, or on a cache.
    public init(cache: KVCache? = nil, tokens: [TokenID], extendsCache: Bool = false, logits: LogitRequest) {
        self.cache = cache
        self.tokens = tokens
        self.extendsCache = extendsCache
        self.logits = logits
    }
}
