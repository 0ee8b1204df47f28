/// Values by key, bounded in bytes: what was used longest ago goes first.
package struct RecentlyUsed<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        var bytes: Int
        /// The entries used just before and just after this one; nil at the ends.
        var older: Key?
        var newer: Key?
    }

    /// Bytes that the values may take together, as their keeper counts them.
    package let byteLimit: Int
    package private(set) var bytes = 0
    private var entries: [Key: Entry] = [:]
    private var oldest: Key?
    private var newest: Key?

    package init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    package var count: Int { entries.count }

    /// The value of a key, which counts as a use.
    package mutating func value(of key: Key) -> Value? {
        guard let entry = take(key) else { return nil }
        add(key, entry.value, bytes: entry.bytes)
        return entry.value
    }

    /// Keeps a value in place of any that the key had, and drops the oldest ones that there is no more room for.
    package mutating func keep(_ value: Value, of key: Key, bytes: Int) {
        _ = take(key)
        add(key, value, bytes: bytes)
        while self.bytes > byteLimit, let oldest { _ = take(oldest) }
    }

    /// Drops a key's value; nothing happens without one.
    package mutating func drop(_ key: Key) {
        _ = take(key)
    }

    private mutating func add(_ key: Key, _ value: Value, bytes: Int) {
        entries[key] = Entry(value: value, bytes: bytes, older: newest, newer: nil)
        if let newest { entries[newest]?.newer = key } else { oldest = key }
        newest = key
        self.bytes += bytes
    }

    private mutating func take(_ key: Key) -> Entry? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        if let older = entry.older { entries[older]?.newer = entry.newer } else { oldest = entry.newer }
        if let newer = entry.newer { entries[newer]?.older = entry.older } else { newest = entry.older }
        bytes -= entry.bytes
        return entry
    }
}
