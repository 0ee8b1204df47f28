package import Gemma
import Synchronization

/// Keys and values of texts that were read lately, so that a conversation or a stream that grew is read on, not again.
///
/// Bounded in bytes, those that are out included; least recently used out. A cache that was taken belongs to the taker
/// until it is put back.
package final class PrefixCache: Sendable {
    private struct Entry {
        var tokens: [TokenID]
        var cache: KVCache

        func shared(with other: [TokenID]) -> Int {
            let limit = min(tokens.count, other.count)
            var count = 0
            while count < limit, tokens[count] == other[count] { count += 1 }
            return count
        }
    }

    private struct State {
        /// Oldest use first.
        ///
        /// An entry takes a megabyte or more, so there are dozens at most: looking at each is cheap.
        var kept: [Entry] = []
        /// What was taken and not put back.
        var out: [ObjectIdentifier: KVCache] = [:]
        var load = CacheLoad()
    }

    /// Bytes that the caches may take together, kept or out; those that are out may take more by themselves.
    package let byteLimit: Int
    private let state = Mutex(State())

    /// Fewer shared tokens are not worth it: every layout begins with some.
    private static let leastShared = 8
    /// Most tokens that are cut off a cache to read on; one with more behind what is shared is another text's, and copied.
    private static let mostCut = 32

    package init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    /// Tokens looked for and found, and what is kept.
    package var load: CacheLoad {
        state.withLock { state in
            var load = state.load
            load.entries = state.kept.count
            load.bytes = state.kept.reduce(0) { $0 + $1.cache.byteCount }
            return load
        }
    }

    /// Takes a cache that holds the longest known beginning of `tokens`, cut back to what is shared; an empty one of the
    /// model when there is none.
    package func take(sharing tokens: [TokenID], model: GemmaModel) -> KVCache {
        let best = state.withLock { state -> (entry: Entry, shared: Int)? in
            var best: (index: Int, shared: Int)?
            for (index, entry) in state.kept.enumerated() {
                let shared = entry.shared(with: tokens)
                if shared >= max(Self.leastShared, best?.shared ?? 0) { best = (index, shared) }
            }
            state.load.lookups += tokens.count
            state.load.hits += best?.shared ?? 0
            // Out of the others' reach while it is cut or copied.
            return best.map { (state.kept.remove(at: $0.index), $0.shared) }
        }
        var cache = model.makeCache()
        if let best {
            if best.entry.tokens.count - best.shared > Self.mostCut {
                cache = best.entry.cache.copy(first: best.shared)
                state.withLock { $0.kept.append(best.entry) }
            } else {
                cache = best.entry.cache
                cache.truncate(to: best.shared)
            }
        }
        state.withLock { $0.out[ObjectIdentifier(cache)] = cache }
        return cache
    }

    /// Gives back a cache that was taken, and keeps it.
    ///
    /// - Parameter tokens: what it was filled with; it holds the first so many of them as its count says.
    package func put(_ cache: KVCache, tokens: [TokenID]) {
        let entry = Entry(tokens: Array(tokens.prefix(cache.count)), cache: cache)
        state.withLock { state in
            state.out[ObjectIdentifier(cache)] = nil
            guard entry.tokens.count >= Self.leastShared else { return }
            // What only holds the beginning of this one will never be the better one.
            state.kept.removeAll { $0.shared(with: entry.tokens) == $0.tokens.count }
            state.kept.append(entry)
            var bytes = state.kept.reduce(state.out.values.reduce(0) { $0 + $1.byteCount }) { $0 + $1.cache.byteCount }
            while bytes > byteLimit, !state.kept.isEmpty {
                bytes -= state.kept.removeFirst().cache.byteCount
            }
        }
    }
}
