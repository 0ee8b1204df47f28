import Gemma
import Synchronization

/// Keys and values of texts that were read lately, so that a conversation or a stream that grew is read on, not again.
///
/// Bounded in bytes, least recently used out. A cache that was taken belongs to the taker until it is put back.
final class PrefixCache: Sendable {
    private struct Entry {
        var tokens: [TokenID]
        var cache: KVCache
    }

    /// Bytes that the kept caches may take together.
    let byteLimit: Int
    /// Oldest use first.
    private let entries = Mutex<[Entry]>([])

    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    /// Takes out the cache that shares the longest beginning with `tokens`, cut back to what is shared; nil when fewer than
    /// `minimumShared` tokens are.
    func take(sharing tokens: [TokenID], minimumShared: Int = 8) -> KVCache? {
        let taken = entries.withLock { entries -> (cache: KVCache, shared: Int)? in
            let shared = entries.map { entry in zip(entry.tokens, tokens).prefix { $0 == $1 }.count }
            guard let best = shared.indices.max(by: { shared[$0] < shared[$1] }), shared[best] >= minimumShared else {
                return nil
            }
            return (entries.remove(at: best).cache, shared[best])
        }
        taken?.cache.truncate(to: taken?.shared ?? 0)
        return taken?.cache
    }

    /// Keeps a cache that holds exactly `tokens`.
    func put(_ cache: KVCache, tokens: [TokenID]) {
        entries.withLock { entries in
            entries.append(Entry(tokens: tokens, cache: cache))
            var bytes = entries.reduce(0) { $0 + $1.cache.byteCount }
            while bytes > byteLimit, !entries.isEmpty {
                bytes -= entries.removeFirst().cache.byteCount
            }
        }
    }
}
