import Synchronization

/// The keys and values of a token sequence, for every layer, so that what follows need not recompute them.
///
/// Used by one forward pass at a time: passes and ``truncate(to:)`` claim the cache, and a claim of a cache that is in
/// use is a programmer's mistake that traps. Keep a cache to the requests of one ``Engine``, and truncate or copy it only between
/// them, and it can't happen. ``count``
/// and ``byteCount`` may be read at any time.
public final class KVCache: @unchecked Sendable {
    // Sendable: the storage is touched only by the holder of the claim `isInUse`, taken with acquire and given back
    // with release ordering; what others may read is atomic.

    /// Floats per position and layer, for keys and for values.
    let width: Int
    /// Keys of each layer, f32 `[capacity, width]`.
    private(set) var keys: [UnsafeMutablePointer<Float>]
    /// Values of each layer, f32 `[capacity, width]`.
    private(set) var values: [UnsafeMutablePointer<Float>]
    private var capacity = 0
    private let positions = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let isInUse = Atomic<Bool>(false)

    init(layers: Int, width: Int) {
        self.width = width
        keys = (0..<layers).map { _ in .allocate(capacity: 0) }
        values = (0..<layers).map { _ in .allocate(capacity: 0) }
    }

    deinit {
        for pointer in keys + values { pointer.deallocate() }
    }

    /// Positions held.
    public var count: Int { positions.load(ordering: .acquiring) }

    /// Bytes of memory taken.
    public var byteCount: Int { bytes.load(ordering: .relaxed) }

    /// A new cache that holds the first `count` positions of this one.
    ///
    /// - Precondition: `0 <= count <= self.count`, and no pass is using the cache.
    public func copy(first count: Int) -> KVCache {
        claim()
        defer { release() }
        precondition((0...self.count).contains(count), "can't copy \(count) of a cache of \(self.count) positions")
        let copy = KVCache(layers: layerCount, width: width)
        copy.reserve(count)
        for layer in 0..<layerCount {
            copy.write(layer: layer, position: 0, count: count, keys: keys[layer], values: values[layer])
        }
        copy.commit(count)
        return copy
    }

    /// Forgets everything from position `count` on; memory is kept for what follows.
    ///
    /// - Precondition: `0 <= count <= self.count`, and no pass is using the cache.
    public func truncate(to count: Int) {
        claim()
        defer { release() }
        precondition((0...self.count).contains(count), "can't truncate a cache of \(self.count) positions to \(count)")
        positions.store(count, ordering: .releasing)
    }

    var layerCount: Int { keys.count }

    func claim() {
        let wasInUse = isInUse.exchange(true, ordering: .acquiring)
        precondition(!wasInUse, "a KV cache was used by two passes at a time; run them through one engine")
    }

    func release() {
        isInUse.store(false, ordering: .releasing)
    }

    /// Makes room for `count` positions; for the claim's holder.
    ///
    /// The first room is exactly what is asked for, since most texts never grow; after that it grows by half.
    func reserve(_ count: Int) {
        guard count > capacity else { return }
        let held = self.count
        let wanted = max(count, capacity + capacity / 2)
        func grow(_ pointer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
            let larger = UnsafeMutablePointer<Float>.allocate(capacity: wanted * width)
            larger.initialize(from: pointer, count: held * width)
            pointer.deallocate()
            return larger
        }
        keys = keys.map(grow)
        values = values.map(grow)
        capacity = wanted
        bytes.store(2 * layerCount * wanted * width * MemoryLayout<Float>.size, ordering: .relaxed)
    }

    /// Writes the keys and values of some positions of one layer; for the claim's holder, after `reserve`.
    func write(
        layer: Int,
        position: Int,
        count: Int,
        keys newKeys: UnsafePointer<Float>,
        values newValues: UnsafePointer<Float>
    ) {
        (keys[layer] + position * width).initialize(from: newKeys, count: count * width)
        (values[layer] + position * width).initialize(from: newValues, count: count * width)
    }

    /// Says how many positions are valid; for the claim's holder.
    func commit(_ count: Int) {
        positions.store(count, ordering: .releasing)
    }
}
