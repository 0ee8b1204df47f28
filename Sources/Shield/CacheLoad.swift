/// What a cache holds, and how often it had what was looked for: for metrics.
public struct CacheLoad: Sendable, Equatable {
    /// Texts held.
    public internal(set) var entries = 0
    /// Bytes that they take.
    public internal(set) var bytes = 0
    /// Tokens or scores that were looked for.
    public internal(set) var lookups = 0
    /// Those of them that were there.
    public internal(set) var hits = 0
}
